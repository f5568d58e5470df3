// Tells whether a process lives and whether it is still the same one: a pid alone may have been
// given to another program since, so a process is known by its pid and the moment it started.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/** A process that is not our child tells nobody that it ended; it is looked at this often. */
const WATCH_MS = 100;
/** Field 22 of /proc/<pid>/stat, counted from the state field that follows the program name. */
const START_TIME_FIELD = 19;
/** Field 20, counted the same way. */
const THREADS_FIELD = 17;
/** What `ps` prints of a start time depends on these. */
export const PS_ENV = { LC_ALL: 'C', TZ: 'UTC0' } as const;

/** Text that differs between two processes that had the same pid; null when no such process lives. */
export function readStartTime(pid: number): string | null {
  return process.platform === 'linux' ? readLinuxStartTime(pid) : readStartTimeFromPs(pid);
}

export function isAlive(pid: number): boolean {
  return readStartTime(pid) !== null;
}

/** True once the process is gone, false when it still lives after `timeoutMs`. */
export async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const startTime = readStartTime(pid);
  const deadline = performance.now() + timeoutMs;
  while (startTime !== null && readStartTime(pid) === startTime) {
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Resolves when a process that is not our child is gone. Keeps no process alive that only waits for this. */
export function watchExit(pid: number): Promise<void> {
  const startTime = readStartTime(pid);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (startTime !== null && readStartTime(pid) === startTime) return;
      clearInterval(timer);
      resolve();
    }, WATCH_MS);
    timer.unref();
  });
}

/** Sends a signal; a process that is already gone is what the sender wanted. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface ListedProcess {
  readonly pid: number;
  /** Program and arguments; one text where the system does not keep them apart. */
  readonly command: readonly string[];
}

/** Every process that lives, as far as this user may see. */
export function listProcesses(): ListedProcess[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map((name) => ({ pid: Number(name), command: readLinuxCommand(name) }));
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/u.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command: [command] }];
  });
}

function readLinuxCommand(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended while the list was read, or is somebody else's.
    return [];
  }
}

/** The same text from what a process wrote down of itself: its line of /proc/<pid>/stat, or what ps says of it. */
export function parseStartTime(line: string): string | null {
  return line.includes(')') ? parseLinuxStat(line) : parsePsLine(line);
}

function readLinuxStartTime(pid: number): string | null {
  try {
    return parseLinuxStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // The kernel removes the folder with the process, so an unreadable one means that it is gone.
    return null;
  }
}

function parseLinuxStat(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not asked for its exit code yet. But while other threads of it still end, its
  // ports and files are open: who takes it for gone then finds the port in use.
  const isZombie = fields[0] === 'Z' && Number(fields[THREADS_FIELD]) <= 1;
  if (isZombie || fields[0] === 'X') return null;
  return fields[START_TIME_FIELD] ?? null;
}

/** Where there is no /proc. Language and time zone are fixed: who asks may have others than who wrote the record. */
export function readStartTimeFromPs(pid: number): string | null {
  try {
    const env = { ...process.env, ...PS_ENV };
    return parsePsLine(execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env }));
  } catch {
    // ps exits with 1 where no such process lives.
    return null;
  }
}

function parsePsLine(text: string): string | null {
  const line = text.trim();
  return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/u, '');
}
