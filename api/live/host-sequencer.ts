// Keeps the thread alive that gives events their positions, or stands by to in another process's stead. It lives here, because
// whoever reads positions reads them through an API.

import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../http/logger.js';
import { findProjectRoot } from '../../platform/paths.js';

const THREAD_FILE = path.join('dist', 'workers', 'sequencer-thread.js');
const HEAP_MAX_MIB = 64;
const RESTART_DELAY_MS = 200;
const END_TIMEOUT_MS = 2_000;

export interface SequencerHost {
  /** Resolves when the thread has ended. */
  close(): Promise<void>;
}

export function hostSequencer({ databaseUrl, logger }: { databaseUrl: string; logger: Logger }): SequencerHost {
  let isClosed = false;
  let thread = start();

  function start(): Worker {
    const fresh = new Worker(path.join(findProjectRoot(), THREAD_FILE), {
      workerData: { databaseUrl },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB },
    });
    let isToldOf = false;
    fresh.on('message', ({ error }: { readonly error?: string }) => {
      if (error !== undefined && !isToldOf)
        logger.warn({ err: error }, 'the session that gives events their positions was lost; another one follows');
      isToldOf = error !== undefined;
    });
    fresh.once('error', (error) => {
      logger.error({ err: error }, 'the thread that gives events their positions died and is started again');
    });
    fresh.once('exit', () => {
      if (!isClosed)
        setTimeout(() => {
          if (!isClosed) thread = start();
        }, RESTART_DELAY_MS).unref();
    });
    return fresh;
  }

  return {
    close: async () => {
      isClosed = true;
      const ended = new Promise((resolve) => thread.once('exit', resolve));
      const timer = setTimeout(() => void thread.terminate(), END_TIMEOUT_MS);
      thread.postMessage('end');
      if (thread.threadId !== -1) await ended;
      clearTimeout(timer);
    },
  };
}
