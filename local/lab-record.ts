// <home>/lab.json: where the parts of a lab that is up are found, and by which processes. Written whole
// at every change, removed at an orderly stop; what it names after a kill -9 are the processes left over.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readStartTime } from './process-identity.js';
import type { EarlierProcess } from './temporal.js';

export interface LabAddresses {
  readonly api: string;
  readonly temporalUi: string | null;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  /** Null where the lab has none and Postgres does its work. */
  readonly redisUrl: string | null;
  readonly bridgeSocket: string;
}

export interface LabRecord extends LabAddresses {
  readonly status: 'starting' | 'up' | 'stopping';
  readonly pids: Readonly<Record<string, number>>;
  /** With start times, so that a pid that was given to another program is not taken for ours. */
  readonly processes: Readonly<Record<string, EarlierProcess>>;
}

export function readLabRecord(home: string): LabRecord | null {
  const file = toFile(home);
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')) as LabRecord;
}

export function writeLabRecord(home: string, record: Omit<LabRecord, 'processes'>): void {
  mkdirSync(home, { recursive: true });
  const processes = Object.fromEntries(
    Object.entries(record.pids).map(([name, pid]) => [name, { pid, startTime: readStartTime(pid) ?? '' }]),
  );
  const unfinished = `${toFile(home)}.${process.pid}`;
  // The URLs may hold passwords.
  writeFileSync(unfinished, `${JSON.stringify({ ...record, processes } satisfies LabRecord, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, toFile(home));
}

export function removeLabRecord(home: string): void {
  rmSync(toFile(home), { force: true });
}

function toFile(home: string): string {
  return path.join(home, 'lab.json');
}
