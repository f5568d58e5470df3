// Threads for calculations, so that heavy computation blocks neither workflows nor the process. A thread belongs to one
// bundle and does one calculation at a time; one that hangs or dies is replaced.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isErrorCode, LabError } from '../domain/errors/error.js';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { SourcePlace } from '../domain/rehearsal/rehearsal.js';
import { findProjectRoot } from '../platform/paths.js';
import type { Calculated } from '../protocols/sdk/calculator.js';
import { CALCULATOR_EXPORT } from '../protocols/bundling/bundle-entry.js';
import type { CalculationMessage, CalculationOverrun, CalculationThreadData } from './calculation-thread.js';
import { findSourcePlace } from '../protocols/bundling/source-location.js';

/** One core stays free for workflows and bridge. */
export const CALCULATION_THREADS_MAX = Math.max(1, availableParallelism() - 1);
/** A calculation that takes longer is taken for one that never ends. */
export const CALCULATION_LIMIT_MS = 10 * 60_000;
/** The thread itself says where it was when the limit passed; one that says nothing is ended after this much more. */
const SILENT_MS = 1_000;
/** What one calculation may keep in memory. */
const HEAP_MAX_MIB = 1_024;

export interface Calculation {
  readonly bundleFile: string;
  readonly protocol: string;
  readonly parameters: JsonObject;
}

export interface CalculationPool {
  /** Waits for a free thread. Throws CALCULATION_TOO_LONG, what the calculation threw, or the signal's reason. */
  calculate(calculation: Calculation, signal: AbortSignal): Promise<Json>;
  /** Ends all threads; what is under way fails. */
  close(): Promise<void>;
}

export interface CalculationPoolOptions {
  readonly threadsMax?: number;
  readonly limitMs?: number;
  /** Compiled code of the threads. */
  readonly threadFile?: string;
}

interface Thread {
  readonly bundleFile: string;
  readonly worker: Worker;
  isBusy: boolean;
}

export function createCalculationPool(options: CalculationPoolOptions = {}): CalculationPool {
  const { threadsMax = CALCULATION_THREADS_MAX, limitMs = CALCULATION_LIMIT_MS } = options;
  const threadFile = options.threadFile ?? path.join(findProjectRoot(), 'dist', 'calculation', 'calculation-thread.js');
  const threads = new Set<Thread>();
  /** Calculations without a thread; as many as the Temporal workers admit. */
  const waiting = new Set<() => void>();

  const end = async (thread: Thread): Promise<void> => {
    threads.delete(thread);
    await thread.worker.terminate();
  };
  const start = (bundleFile: string): Thread => {
    const workerData: CalculationThreadData = { bundleFile, calculator: CALCULATOR_EXPORT, limitMs };
    const worker = new Worker(threadFile, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB } });
    const thread: Thread = { bundleFile, worker, isBusy: true };
    // Nobody listens between two calculations; an error without a listener would end the process.
    worker.on('error', () => {
      threads.delete(thread);
    });
    threads.add(thread);
    return thread;
  };
  /** A thread for the bundle, an idle one of another bundle giving way; undefined while all are busy. */
  const claim = (bundleFile: string): Thread | undefined => {
    const idle = [...threads].filter(({ isBusy }) => !isBusy);
    const ready = idle.find((thread) => thread.bundleFile === bundleFile);
    if (ready) {
      ready.isBusy = true;
      return ready;
    }
    if (threads.size < threadsMax) return start(bundleFile);
    const other = idle[0];
    if (!other) return undefined;
    void end(other);
    return start(bundleFile);
  };
  const claimWhenFree = async (bundleFile: string, signal: AbortSignal): Promise<Thread> => {
    for (;;) {
      signal.throwIfAborted();
      const thread = claim(bundleFile);
      if (thread) return thread;
      await waitForTurn(waiting, signal);
    }
  };

  return {
    calculate: async ({ bundleFile, protocol, parameters }, signal) => {
      const thread = await claimWhenFree(bundleFile, signal);
      try {
        const answer = await ask(thread.worker, { protocol, parametersText: JSON.stringify(parameters) }, { signal, limitMs });
        if (typeof answer !== 'string') throw tooLong(protocol, limitMs, findSourcePlace(bundleFile, answer.overrunStack));
        thread.isBusy = false;
        return toResult(JSON.parse(answer) as Calculated);
      } finally {
        if (thread.isBusy) await end(thread);
        for (const wake of waiting) wake();
      }
    },
    close: async () => {
      await Promise.all([...threads].map(end));
    },
  };
}

function waitForTurn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
  });
}

/** The thread's answer; rejects when it dies, takes too long or is no longer wanted. */
async function ask(
  worker: Worker,
  message: CalculationMessage,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<string | CalculationOverrun> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = createDeferred<string | CalculationOverrun>();
  const timer = setTimeout(() => {
    reject(tooLong(message.protocol, limitMs));
  }, limitMs + SILENT_MS);
  const onAbort = (): void => {
    reject(signal.reason as Error);
  };
  const onError = (cause: Error): void => {
    reject(new LabError('PROTOCOL_ERROR', { message: `The calculation ${message.protocol} ended its thread: ${cause.message}`, cause }));
  };
  const onExit = (): void => {
    reject(new LabError('WORKER_STOPPING', { message: `The thread of ${message.protocol} has ended.` }));
  };
  worker.once('message', resolve).once('error', onError).once('exit', onExit);
  signal.addEventListener('abort', onAbort);
  worker.postMessage(message);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    worker.off('message', resolve).off('error', onError).off('exit', onExit);
  }
}

function tooLong(protocol: string, limitMs: number, place?: SourcePlace): LabError {
  const where = place ? `; it was at ${place.file.replace(/^protocols\/source-\d+\//u, '')}:${place.line}` : '';
  return new LabError('CALCULATION_TOO_LONG', { message: `${protocol} did not end within ${limitMs / 1_000} s${where}.` });
}

function createDeferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}

function toResult(calculated: Calculated): Json {
  if ('result' in calculated) return calculated.result;
  const { code, message } = calculated.error;
  throw new LabError(isErrorCode(code) ? code : 'PROTOCOL_ERROR', { message });
}
