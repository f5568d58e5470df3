// Brings a database to the newest schema. Safe for several processes at once: the migrator holds a lock.

import { Migrator, type Migration } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import { isDatabaseDamaged, isDatabaseUnavailable, type Database } from './connect-database.js';
import * as firstRun from '../migrations/0001-first-run.js';
import * as engine from '../migrations/0002-engine.js';
import * as ports from '../migrations/0003-ports.js';
import * as appendManyEvents from '../migrations/0004-append-many-events.js';
import * as callFunction from '../migrations/0005-call-function.js';
import * as labwarePlace from '../migrations/0006-labware-place.js';
import * as recovery from '../migrations/0007-recovery.js';
import * as inboxTime from '../migrations/0008-inbox-time.js';
import * as stopAll from '../migrations/0009-stop-all.js';
import * as lighterCalls from '../migrations/0010-lighter-calls.js';
import * as scaleIndices from '../migrations/0011-scale-indices.js';
import * as eventPositions from '../migrations/0012-event-positions.js';
import * as callCounts from '../migrations/0013-call-counts.js';
import * as journalIdentity from '../migrations/0014-journal-identity.js';
import * as revisions from '../migrations/0015-revisions.js';
import * as endedCalls from '../migrations/0016-ended-calls.js';
import * as callParent from '../migrations/0017-call-parent.js';
import * as takeFree from '../migrations/0018-take-free.js';
import * as workcellRequests from '../migrations/0019-workcell-requests.js';
import * as namedAssets from '../migrations/0020-named-assets.js';
import * as sourceReports from '../migrations/0021-source-reports.js';

/** In order of their names; a released migration is never changed, only followed by another. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-run': firstRun,
  '0002-engine': engine,
  '0003-ports': ports,
  '0004-append-many-events': appendManyEvents,
  '0005-call-function': callFunction,
  '0006-labware-place': labwarePlace,
  '0007-recovery': recovery,
  '0008-inbox-time': inboxTime,
  '0009-stop-all': stopAll,
  '0010-lighter-calls': lighterCalls,
  '0011-scale-indices': scaleIndices,
  '0012-event-positions': eventPositions,
  '0013-call-counts': callCounts,
  '0014-journal-identity': journalIdentity,
  '0015-revisions': revisions,
  '0016-ended-calls': endedCalls,
  '0017-call-parent': callParent,
  '0018-take-free': takeFree,
  '0019-workcell-requests': workcellRequests,
  '0020-named-assets': namedAssets,
  '0021-source-reports': sourceReports,
};

/** Returns the names of the migrations that this call ran. */
export async function migrateToLatest(db: Database): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    if (isDatabaseDamaged(error))
      throw new LabError('DATABASE_DAMAGED', {
        message: `A page of the database can not be read: ${(error as Error).message}.`,
        cause: error,
      });
    if (isDatabaseUnavailable(error))
      throw new LabError('DATABASE_UNAVAILABLE', {
        message: `The database went away while it was migrated; it is as it was before: ${(error as Error).message}.`,
        cause: error,
      });
    throw new LabError('INTERNAL', { message: 'The database could not be migrated; it is as it was before.', cause: error });
  }
  return results.filter((result) => result.status === 'Success').map((result) => result.migrationName);
}
