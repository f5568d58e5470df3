// Which items a run would get if it were started now. Nothing is locked or claimed.

import { sql } from 'kysely';
import type { PublishedProtocol } from '../../domain/protocol.js';
import type { Database } from '../connect-database.js';
import { readContest } from './asset-contest.js';
import { chooseAssets, refuseUndeclared, type Choice } from './choose-assets.js';
import { selectCandidates } from './create-run.js';

/** Throws what refuses a start: UNKNOWN_ASSET, ASSET_MISMATCH, ASSET_UNAVAILABLE. */
export async function previewAssets(db: Database, definition: PublishedProtocol, requestedAssets: Readonly<Record<string, string>>): Promise<Choice> {
  refuseUndeclared(definition.assets, requestedAssets);
  const { rows } = await sql<{ id: string }>`select a.id from asset a where ${selectCandidates({ definition, requestedAssets })}`.execute(db);
  return chooseAssets(definition.assets, requestedAssets, await readContest(db, rows.map(({ id }) => id)));
}
