// One-shot process: brings the database up to date, publishes the protocols it finds, makes their bundle,
// and enters the demonstration workcell where the lab has none. Safe to repeat.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { closeDatabase, connectDatabase } from '../db/connect-database.js';
import { migrateToLatest } from '../db/migrate.js';
import { publishDefinitions, toManualProtocol } from '../db/queries/definition.queries.js';
import { applyWorkcell } from '../db/queries/workcell.queries.js';
import { LabError } from '../domain/error.js';
import type { WorkcellSpec } from '../domain/machine.js';
import { announceReady, WARNING_MARK } from '../platform/announce-ready.js';
import { sweepDrafts } from '../platform/blob-store.js';
import { findProjectRoot } from '../platform/paths.js';
import { readSettings, requireDatabaseUrl } from '../platform/settings.js';
import { ensureBundle, readProtocolSources } from './bundle-protocols.js';

/** Nobody writes one value for so long. */
const DRAFT_AGE_MS = 60 * 60_000;

const settings = readSettings();
const db = connectDatabase({ url: requireDatabaseUrl(settings), applicationName: 'prepare-lab', poolMax: 2, isPatient: true });
try {
  await migrateToLatest(db);
  const sources = await readProtocolSources(settings.protocolFolders);
  for (const warning of sources.warnings) process.stdout.write(`${WARNING_MARK}${warning}\n`);
  await ensureBundle(settings.home, sources, settings.cache);
  await publishDefinitions(db, { source: 'library', bundle: sources.bundle, definitions: [...sources.definitions, toManualProtocol()] });
  await applyWorkcell(db, await readWorkcellFile());
  await sweepDrafts(settings.blobFolder, DRAFT_AGE_MS).catch((error: unknown) => { process.stdout.write(`${WARNING_MARK}Drafts in ${settings.blobFolder} are left: ${(error as Error).message}\n`); });
  announceReady('prepare-lab', { bundle: sources.bundle, protocols: sources.definitions.map(({ name }) => name) });
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`error ${error.code} ${error.message} Remedy: ${error.remedy}\n`);
  process.exitCode = 1;
} finally {
  await closeDatabase(db);
}

/** The workcell of PRAXIS_WORKCELL_FILE, or the demonstration's. */
async function readWorkcellFile(): Promise<WorkcellSpec> {
  const file = settings.workcellFile ?? path.join(findProjectRoot(), 'deploy', 'demo-workcell.json');
  return JSON.parse(await readFile(file, 'utf8')) as WorkcellSpec;
}
