// Finds the run that a request names.

import { isUuid } from './new-run-id.js';
import type { Database } from '../../db/connection/connect-database.js';
import { getRun } from '../../db/runs/run.queries.js';
import { LabError } from '../../domain/errors/error.js';
import type { Run } from '../../domain/runs/run.js';

/** Throws RUN_NOT_FOUND. */
export async function requireRun(db: Database, id: string): Promise<Run> {
  const run = isUuid(id) ? await getRun(db, id) : undefined;
  if (run) return run;
  throw new LabError('RUN_NOT_FOUND', { message: `There is no run '${id}'.`, field: 'id' });
}
