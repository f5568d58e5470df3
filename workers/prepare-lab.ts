// One-shot process: brings the database up to date, publishes the protocols it finds, makes their bundle,
// and enters the demonstration workcell where the lab has none. Safe to repeat.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDatabase, connectDatabase, isDatabaseUnavailable } from '../db/connection/connect-database.js';
import { migrateToLatest } from '../db/connection/migrate.js';
import { applyWorkcell } from '../db/workcells/workcell.queries.js';
import { LabError } from '../domain/errors/error.js';
import { formatSourceReport } from '../domain/protocols/source-report.js';
import { paceWorkcell } from '../domain/workcells/pace-workcell.js';
import { announceReady, WARNING_MARK } from '../platform/announce-ready.js';
import { sweepDrafts } from '../platform/blob-store.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings, requireDatabaseUrl } from '../platform/settings.js';
import { createTypeChecker } from '../protocols/checking/check-types.js';
import { publishSources } from './publish-sources.js';
import { readWorkcellFile } from './read-workcell-file.js';

/** Nobody writes one value for so long. */
const DRAFT_AGE_MS = 60 * 60_000;

/** A single connection may be ended under it, while Postgres serves everybody else. */
const TRIES_MAX = 5;
const RETRY_DELAY_MS = 500;

const settings = readSettings();
const db = connectDatabase({ url: requireDatabaseUrl(settings), applicationName: 'prepare-lab', poolMax: 2, isPatient: true });
try {
  await prepareInTries();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`error ${error.code} ${error.message} Remedy: ${error.remedy}\n`);
  process.exitCode = 1;
} finally {
  await closeDatabase(db);
}

async function prepareInTries(): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await prepare();
      return;
    } catch (error) {
      if (tries === TRIES_MAX || !isDatabaseUnavailable(error)) throw error;
      process.stderr.write(`The database was away: ${(error as Error).message} Try ${tries} of ${TRIES_MAX}.\n`);
      await sleep(RETRY_DELAY_MS);
    }
  }
}

async function prepare(): Promise<void> {
  await migrateToLatest(db);
  const { sources, reports } = await publishSources(db, settings, createTypeChecker());
  for (const report of reports) process.stdout.write(`${WARNING_MARK}${formatSourceReport(report)}\n`);
  await applyWorkcellFile();
  await sweepDrafts(settings.blobFolder, DRAFT_AGE_MS).catch((error: unknown) => {
    process.stdout.write(`${WARNING_MARK}Drafts in ${settings.blobFolder} are left: ${(error as Error).message}\n`);
  });
  announceReady('prepare-lab', { bundle: sources.bundle, protocols: sources.definitions.map(({ name }) => name) });
}

/** The workcell of PRAXIS_WORKCELL_FILE, or the demonstration's. A lab that has one stays with it where the file is wrong. */
async function applyWorkcellFile(): Promise<void> {
  const file = settings.workcellFile ?? path.join(findProjectRoot(), 'deploy', 'demo-workcell.json');
  try {
    const spec = await readWorkcellFile(file);
    const isPaced = settings.workcellFile === null && settings.demoPace !== null;
    await applyWorkcell(db, isPaced ? paceWorkcell(spec, settings.demoPace) : spec);
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'INVALID_REQUEST' || !(await hasWorkcell())) throw error;
    process.stdout.write(`${WARNING_MARK}The workcell stays as it was: ${error.message} ${error.remedy}\n`);
  }
}

async function hasWorkcell(): Promise<boolean> {
  return (await db.selectFrom('workcell').select('id').limit(1).execute()).length > 0;
}
