// What the supervisor knows of a process that runs, be it our child or one adopted from an earlier start.

import { signalProcess, waitForExit } from './process-identity.js';

/** A killed process needs this long at most to leave the table of the kernel. */
const KILL_TIMEOUT_MS = 5_000;

export interface RunningProcess {
  readonly pid: number;
  readonly isAdopted: boolean;
  readonly exited: Promise<void>;
  /** Asks it for a sign of life; one that never answers hangs. Left out, it is taken to live while it is there. */
  readonly answers?: () => Promise<boolean>;
  /** Ends it in order; by force where it still lives after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** Asks with `signal`, waits, and kills what does not listen. */
export async function endProcess(pid: number, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  signalProcess(pid, signal);
  if (await waitForExit(pid, timeoutMs)) return;
  signalProcess(pid, 'SIGKILL');
  await waitForExit(pid, KILL_TIMEOUT_MS);
}
