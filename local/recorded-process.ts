// Starts a process so that it writes itself down before its program begins: whatever becomes of who started it, the next
// start finds it. The record is a lock too: while the process lives, no other is started with the same record.

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseStartTime, PS_ENV, readStartTime } from './process-identity.js';

/** With this a process ends before its program begins, because the record names another one that was quicker. */
export const RECORD_TAKEN_CODE = 73;
/** The same where the record could not be written. */
export const RECORD_UNWRITABLE_CODE = 74;

/** As `readStartTimeFromPs` asks it. */
export const ASK_PS = `${Object.entries(PS_ENV)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ')} ps -o stat=,lstart=`;

/** A link appears whole or not at all, and never over another one. The pid stays the same when the program takes over. */
const RECORD_THEN_RUN = `
umask 077
record=$1; shift
if [ -r /proc/$$/stat ]; then read -r started < /proc/$$/stat; else started=$(${ASK_PS} -p $$); fi
printf '%s\\n%s\\n' "$$" "$started" > "$record.$$" || { rm -f "$record.$$"; exit ${RECORD_UNWRITABLE_CODE}; }
ln "$record.$$" "$record"; taken=$?
rm -f "$record.$$"
[ "$taken" = 0 ] || exit ${RECORD_TAKEN_CODE}
exec "$@"`;

const CLAIM_CHARACTERS = 16;

export interface RecordedProcess {
  readonly pid: number;
  /** With the pid it is the process; a pid alone may have been given away. */
  readonly startTime: string;
}

export interface RecordedProgram {
  readonly record: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

/** The record of a process that has ended is replaced. */
export function spawnRecorded({ record, command, args, options }: RecordedProgram): ChildProcess {
  mkdirSync(path.dirname(record), { recursive: true, mode: 0o700 });
  // A folder is no record, whoever made it.
  if (lstatSync(record, { throwIfNoEntry: false })?.isDirectory() === true) rmSync(record, { force: true, recursive: true });
  const found = readText(record);
  if (found !== null && parseLiving(found) === null) removeStale(record, found);
  return spawn('/bin/sh', ['-c', RECORD_THEN_RUN, 'record', record, command, ...args], options);
}

/** The process of the record, while it lives. */
export function findRecorded(record: string): RecordedProcess | null {
  const text = readText(record);
  return text === null ? null : parseLiving(text);
}

/**
 * Removes the record if it is still the one that was found. Whoever does so holds a claim on that one record meanwhile, so what another
 * start has written in its place is never removed. Two that find it at once: one removes it, the link decides between their processes.
 */
export function removeStale(record: string, found: string): void {
  const claim = toClaimFile(record, found);
  if (!placeClaim(claim)) return;
  try {
    if (readText(record) === found) rmSync(record, { force: true });
  } finally {
    rmSync(claim, { force: true });
  }
}

export function toClaimFile(record: string, found: string): string {
  return `${record}.${createHash('sha256').update(found).digest('hex').slice(0, CLAIM_CHARACTERS)}.stale`;
}

/** False where one who lives has it. */
function placeClaim(claim: string): boolean {
  const [pid = '', startTime = ''] = readText(claim)?.split('\n') ?? [];
  // Of one who was killed in the middle.
  if (pid !== '' && readStartTime(Number(pid)) !== startTime) rmSync(claim, { force: true });
  try {
    writeFileSync(claim, `${process.pid}\n${readStartTime(process.pid) ?? ''}`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // None was started with it, or something that is no record is in its place.
    return null;
  }
}

function parseLiving(text: string): RecordedProcess | null {
  const [pidText = '', started = ''] = text.split('\n');
  const pid = Number(pidText);
  const startTime = parseStartTime(started);
  if (!Number.isSafeInteger(pid) || pid <= 0 || startTime === null) return null;
  return readStartTime(pid) === startTime ? { pid, startTime } : null;
}

/** Where the records of a lab's processes lie. */
export function toRecordFile(home: string, name: string): string {
  return path.join(home, 'processes', `${name}.pid`);
}
