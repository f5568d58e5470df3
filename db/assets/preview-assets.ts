// Which items a run would get if it were started now. Nothing is locked or claimed.

import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { refuseUndeclared, type Choice } from './choose-assets.js';
import { findChoice } from './find-choice.js';

/** Throws what refuses a start: UNKNOWN_ASSET, ASSET_MISMATCH, ASSET_UNAVAILABLE. */
export async function previewAssets(
  db: Database,
  definition: PublishedProtocol,
  requestedAssets: Readonly<Record<string, string>>,
): Promise<Choice> {
  refuseUndeclared(definition.assets, requestedAssets);
  return await findChoice(db, { definition, requestedAssets });
}
