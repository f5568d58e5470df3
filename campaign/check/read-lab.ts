// Reads all records of a lab: where they are, says <home>/lab.json; tape and observations lie in the same folder.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Evidence, Execution, Observation, TapeLine } from './evidence.js';
import { readDatabase } from './read-database.js';
import { readHistories } from './read-histories.js';
import { readJournal } from './read-journal.js';

export const TAPE_FILE = 'device-tape.jsonl';
export const OBSERVATIONS_FILE = 'observations.jsonl';
export const LOST_HISTORIES_FILE = 'lost-histories.jsonl';

export interface LabPlaces {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Where values lie that are too large for Temporal: `<first two digits>/<hash>`. */
  readonly blobFolder: string;
  /** Executions as they were when Temporal's file was damaged. */
  readonly lostHistoriesFile: string;
  readonly tapeFile: string;
  readonly observationsFile: string;
  readonly journalFiles: readonly string[];
}

export function findLab(home: string): LabPlaces {
  const record = JSON.parse(readFileSync(path.join(home, 'lab.json'), 'utf8')) as { databaseUrl: string; temporalAddress: string };
  const folder = path.join(home, 'bridge');
  const journals = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sqlite')) : [];
  return {
    databaseUrl: record.databaseUrl,
    temporalAddress: record.temporalAddress,
    namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'praxis',
    blobFolder: path.join(home, 'blobs'),
    lostHistoriesFile: path.join(home, LOST_HISTORIES_FILE),
    tapeFile: path.join(home, TAPE_FILE),
    observationsFile: path.join(home, OBSERVATIONS_FILE),
    journalFiles: journals.map((name) => path.join(folder, name)),
  };
}

/** Postgres last: the other records only grow, so that what it shows has a cause among what was read before. */
export async function readLab(places: LabPlaces): Promise<Evidence> {
  const readAtMs = Date.now();
  const executions = [...readLines<Execution>(places.lostHistoriesFile), ...(await readHistories(places))];
  const journals = await Promise.all(places.journalFiles.map(readJournal));
  const database = await readDatabase(places.databaseUrl);
  return {
    tape: readLines<TapeLine>(places.tapeFile),
    journals,
    executions,
    database,
    observations: readLines<Observation>(places.observationsFile),
    readAtMs,
  };
}

/** A last line without its end was being written when its writer was killed, and was never acknowledged. */
export function readLines<T>(file: string): readonly T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
