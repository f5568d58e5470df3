// Tells the bridge of runs, and of calls of runs that go on, that were ended from outside: nothing of them begins any more, cleanups
// included, however late it comes. Told by state and not by message alone, on every new connection and until the bridge has heard.

import type { Database } from '../db/connection/connect-database.js';
import { isRunOf, listLostScopes } from '../db/runs/lost-run.queries.js';
import { FINAL_HOLD_REV } from '../domain/wire/wire.js';
import type { Logger } from '../platform/logging.js';
import type { Link } from '../workcell/bridge-client.js';
import { waitForDatabase } from '../db/connection/wait-for-database.js';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export interface FenceWorld {
  readonly db: Database;
  readonly workcell: string;
  readonly logger: Logger;
}

export interface LostRunFence {
  /** One run that is being ended, or all that was. Ends after the first try and never rejects: what failed is tried again until it is told. */
  tell(bridge: Link, runId?: string): Promise<void>;
  /** Within the greeting of a connection. Rejects where it could not be told; with Postgres away what was known before counts. */
  greet(link: Link): Promise<void>;
  /** Nothing is tried any more. */
  close(): void;
}

export function createLostRunFence(world: FenceWorld): LostRunFence {
  const { logger } = world;
  /** What a journal knows of already, with the journal's id: another one knows nothing. */
  const fenced = new Set<string>();
  /** Told by name and not yet passed on: whoever ends a run tells before its row says so. */
  const named = new Set<string>();
  let known: readonly string[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;

  const tellAll = async (link: Link, scopes: readonly string[]): Promise<void> => {
    const keys = await fence(link, { scopes, fenced, logger });
    // What is not listed any more has ended long ago.
    for (const key of fenced) if (!keys.has(key)) fenced.delete(key);
    for (const scope of scopes) named.delete(scope);
  };
  const retryLater = (bridge: Link): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void tryOnce(bridge);
    }, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  };
  const tryOnce = async (bridge: Link): Promise<void> => {
    try {
      known = await listScopes(world, named);
      await tellAll(bridge, known);
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (isClosed) return;
      logger.warn({ err: error, retryMs }, 'what was ended from outside is not fenced yet; it is tried again');
      retryLater(bridge);
    }
  };
  return {
    tell: async (bridge, runId) => {
      if (runId !== undefined && runId !== '') named.add(runId);
      await tryOnce(bridge);
    },
    greet: async (link) => {
      const fresh = await waitForDatabase(listScopes(world, named), known === undefined).catch((error: unknown) => {
        if (known === undefined) throw error;
        logger.warn({ err: error }, 'a connection is greeted by what was known before of what was ended from outside');
        return [...known, ...named];
      });
      known = fresh;
      await tellAll(link, fresh);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** For a journal that takes over from another. Rejects where it could not be told of all. */
export async function fenceAllLost({ db, workcell, logger }: FenceWorld, link: Link): Promise<void> {
  await fence(link, { scopes: await listLostScopes(db, workcell), fenced: new Set(), logger });
}

/** All that was ended, and of those that are named what is the workcell's; the others are no matter of it. */
async function listScopes({ db, workcell }: FenceWorld, named: Set<string>): Promise<readonly string[]> {
  const scopes = new Set(await listLostScopes(db, workcell));
  for (const runId of [...named]) {
    if (scopes.has(runId)) continue;
    if (await isRunOf(db, workcell, runId)) scopes.add(runId);
    else named.delete(runId);
  }
  return [...scopes];
}

/** Returns the keys of all of them. */
async function fence(
  link: Link,
  { scopes, fenced, logger }: { scopes: readonly string[]; fenced: Set<string>; logger: Logger },
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  if (scopes.length === 0) return keys;
  const { bridgeId } = await link.request('hello', {});
  for (const scope of scopes) {
    const key = `${bridgeId} ${scope}`;
    keys.add(key);
    if (fenced.has(key)) continue;
    await link.request('run.hold', { runId: scope, rev: FINAL_HOLD_REV, isHeld: true });
    fenced.add(key);
    logger.info({ runId: scope }, 'nothing of what was ended from outside begins any more');
  }
  return keys;
}
