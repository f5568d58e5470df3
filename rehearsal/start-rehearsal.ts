// Rehearsals for the API: each in a process of its own that is told what to do, watched, and ended when it takes too long or
// nobody wants its report any more.

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isErrorCode, LabError } from '../domain/errors/error.js';
import type { RehearsalReport, RehearsalRequest } from '../domain/rehearsal/rehearsal.js';
import { findProjectRoot } from '../platform/paths.js';
import type { RehearsalOrder, RehearsalReply } from './rehearsal-process.js';

/** Each is two processes, one of which holds a whole PyLabRobot. */
export const REHEARSALS_AT_ONCE_MAX = 2;
/** Of author code. Clients of HTTP wait five minutes for an answer, most of them. */
export const REHEARSAL_LIMIT_MS = 4 * 60_000;
/** Beyond the limit: start, build of the workcell, report. */
const PROCESS_MARGIN_MS = 45_000;
/** The bridge of a rehearsal that was killed writes its last lines for so long. */
const REMOVE_RETRIES = 10;

export type Rehearse = (request: RehearsalRequest, signal: AbortSignal) => Promise<RehearsalReport>;

export interface RehearsalsOptions {
  /** Of the processes; they read their settings from it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
}

export function createRehearsals({ env = process.env, limitMs = REHEARSAL_LIMIT_MS }: RehearsalsOptions = {}): Rehearse {
  let underWay = 0;
  return async (request, signal) => {
    if (underWay >= REHEARSALS_AT_ONCE_MAX)
      throw new LabError('TOO_MANY_REHEARSALS', {
        message: `${REHEARSALS_AT_ONCE_MAX} rehearsals are under way; the lab does no more at once.`,
      });
    underWay += 1;
    const folder = await mkdtemp(path.join(tmpdir(), 'praxis-rehearsal-'));
    try {
      return await rehearseInProcess({ request, folder, limitMs }, { env, signal });
    } finally {
      underWay -= 1;
      await rm(folder, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
    }
  };
}

async function rehearseInProcess(
  order: RehearsalOrder,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<RehearsalReport> {
  signal.throwIfAborted();
  const child = fork(path.join(findProjectRoot(), 'dist', 'rehearsal', 'rehearsal-process.js'), {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const onAbort = (): void => {
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', onAbort);
  const timer = setTimeout(onAbort, order.limitMs + PROCESS_MARGIN_MS);
  try {
    return toReport(await askChild(child, order));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Resolves once the process has ended, so that its folder is free. */
function askChild(child: ChildProcess, order: RehearsalOrder): Promise<RehearsalReply> {
  return new Promise((resolve, reject) => {
    let reply: RehearsalReply | undefined;
    child.once('message', (message) => {
      reply = message as RehearsalReply;
    });
    child.once('error', reject);
    child.once('exit', (code, ending) => {
      if (reply) resolve(reply);
      else
        reject(
          new LabError('REHEARSAL_FAILED', { message: `The process of the rehearsal ended with ${ending ?? `code ${code ?? '?'}`}.` }),
        );
    });
    child.send(order);
  });
}

function toReport(reply: RehearsalReply): RehearsalReport {
  if ('report' in reply) return reply.report;
  const { code, message, remedy } = reply.error;
  throw new LabError(isErrorCode(code) ? code : 'REHEARSAL_FAILED', { message, remedy });
}
