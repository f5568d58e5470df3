// <home>/lab.json: where the parts of a lab that is up are found, and by which processes. Written whole
// at every change, removed at an orderly stop; what it names after a kill -9 are the processes left over.

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject } from '../domain/json/json.js';
import { replaceFile } from '../platform/replace-file.js';
import { readStartTime } from './process-identity.js';
import type { RecordedProcess } from './recorded-process.js';

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
  readonly processes: Readonly<Record<string, RecordedProcess>>;
}

/** Null where there is none, and where it was damaged: processes are found without it, and the next start writes it anew. */
export function readLabRecord(home: string): LabRecord | null {
  try {
    const record: unknown = JSON.parse(readFileSync(toFile(home), 'utf8'));
    return isJsonObject(record) && isJsonObject(record['pids']) && isJsonObject(record['processes'])
      ? (record as unknown as LabRecord)
      : null;
  } catch {
    // Not there, empty, cut short, or a folder in its place.
    return null;
  }
}

export function writeLabRecord(home: string, record: Omit<LabRecord, 'processes'>): void {
  const processes = Object.fromEntries(
    Object.entries(record.pids).map(([name, pid]) => [name, { pid, startTime: readStartTime(pid) ?? '' }]),
  );
  // The URLs may hold passwords; the file is its owner's alone.
  replaceFile(toFile(home), `${JSON.stringify({ ...record, processes } satisfies LabRecord, null, 2)}\n`);
}

export function removeLabRecord(home: string): void {
  rmSync(toFile(home), { force: true, recursive: true });
}

function toFile(home: string): string {
  return path.join(home, 'lab.json');
}
