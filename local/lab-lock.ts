// Admits one supervisor per home. The lock names its holder by pid and start time, so one that a killed
// supervisor left behind is recognised and taken over, even when its pid has been given away since.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../domain/errors/error.js';
import { moveAsideWhatIsNoFile } from '../platform/move-aside.js';
import { readStartTime } from './process-identity.js';

const ATTEMPTS = 5;
/** Two supervisors that find the same stale lock settle who has it within this time. */
const SETTLE_MS = 30;

interface Holder {
  readonly pid: number;
  readonly startTime: string;
}

export interface LabLock {
  release(): void;
}

export async function acquireLabLock(home: string): Promise<LabLock> {
  const file = path.join(home, 'lab.lock');
  moveAsideWhatIsNoFile(file);
  const mine = JSON.stringify({ pid: process.pid, startTime: readStartTime(process.pid) ?? '' } satisfies Holder);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = readText(file);
    if (found !== null) {
      const holder = parseHolder(found);
      if (holder !== null && readStartTime(holder.pid) === holder.startTime) throw alreadyUp(home, holder.pid);
      takeAway(file, found);
    }
    if (placeExclusively(file, mine)) {
      await sleep(SETTLE_MS);
      if (readText(file) === mine) return { release: () => takeAway(file, mine) };
    }
  }
  throw new LabError('LAB_ALREADY_UP', { message: `Another start of ${home} is under way.` });
}

/** The pid of the supervisor that holds this home, or null. */
export function findLabHolder(home: string): number | null {
  const text = readText(path.join(home, 'lab.lock'));
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && readStartTime(holder.pid) === holder.startTime ? holder.pid : null;
}

function alreadyUp(home: string, pid: number): LabError {
  return new LabError('LAB_ALREADY_UP', { message: `The lab of ${home} is already up (process ${pid}).` });
}

/** A hard link appears whole or not at all, and never over an existing file. */
function placeExclusively(file: string, text: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, text, { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes the lock if it still has this text; one that somebody else placed meanwhile goes back. */
function takeAway(file: string, text: string): void {
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = readText(aside);
  rmSync(aside, { force: true });
  if (taken !== null && taken !== text) placeExclusively(file, taken);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder in its place holds nothing.
    if (code === 'ENOENT' || code === 'EISDIR') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : null;
  } catch {
    // A lock that was cut short by a power failure has no holder.
    return null;
  }
}
