// Tells the bridge of runs, and of calls of runs that go on, that were ended from outside: nothing of them begins any more, cleanups
// included, however late it comes. Told by state and not by message alone, so that none is forgotten while the worker was away.

import type { Database } from '../db/connect-database.js';
import { isRunOf, listLostScopes } from '../db/queries/lost-run.queries.js';
import { FINAL_HOLD_REV } from '../domain/wire.js';
import type { Logger } from '../platform/logging.js';
import type { Link } from '../workcell/bridge-client.js';

export interface FenceWorld {
  readonly db: Database;
  readonly bridge: Link;
  readonly workcell: string;
  readonly logger: Logger;
}

/** What a journal knows of already, with the journal's id: another one knows nothing. */
export type FencedRuns = Set<string>;

/** One run that is being ended, or all that was. Never rejects: the next run that ends has this tried again. */
export async function fenceLostRuns(world: FenceWorld, fenced: FencedRuns, runId?: string): Promise<void> {
  const { db, workcell, logger } = world;
  try {
    // Whoever ends a run tells before its row says so; of a call the row is written first.
    const isNamed = runId !== undefined && runId !== '';
    const scopes = !isNamed ? await listLostScopes(db, workcell) : (await isRunOf(db, workcell, runId)) ? [runId] : [];
    const keys = await fence(world, fenced, scopes);
    // What is not listed any more has ended long ago.
    if (!isNamed) for (const key of fenced) if (!keys.has(key)) fenced.delete(key);
  } catch (error) {
    logger.warn({ err: error, runId }, 'what was ended from outside is not fenced yet');
  }
}

/** For a journal that takes over from another. Rejects where it could not be told of all. */
export async function fenceAllLost(world: FenceWorld): Promise<void> {
  await fence(world, new Set(), await listLostScopes(world.db, world.workcell));
}

/** Returns the keys of all of them. */
async function fence({ bridge, logger }: FenceWorld, fenced: FencedRuns, scopes: readonly string[]): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  if (scopes.length === 0) return keys;
  const { bridgeId } = await bridge.request('hello', {});
  for (const scope of scopes) {
    const key = `${bridgeId} ${scope}`;
    keys.add(key);
    if (fenced.has(key)) continue;
    await bridge.request('run.hold', { runId: scope, rev: FINAL_HOLD_REV, isHeld: true });
    fenced.add(key);
    logger.info({ runId: scope }, 'nothing of what was ended from outside begins any more');
  }
  return keys;
}
