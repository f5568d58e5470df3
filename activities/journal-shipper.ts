// Ships the bridge's journal to Postgres: in order, in batches, idempotently. The robot never waits for it;
// while Postgres is away the rows stay in the journal.

import { lastShippedRow, shipJournalRows } from '../db/journal/journal.queries.js';
import type { Database } from '../db/connection/connect-database.js';
import { invariant, LabError } from '../domain/errors/error.js';
import type { RowMark } from '../domain/workcells/journal-identity.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import type { Logger } from '../platform/logging.js';

const BATCH_ROWS = 500;
const LONG_POLL_MS = 10_000;
/** Rows are gathered this long, so that a busy robot does not cost a transaction per row. */
const GATHER_MS = 200;
const BACKOFF_START_MS = 100;
const BACKOFF_MAX_MS = 5_000;
/** How long the end of a run waits for its journal before its activity is tried again. */
const CATCH_UP_WAIT_MS = 30_000;

export interface JournalShipper {
  /** Resolves when every row that the bridge has now is in Postgres. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

export interface ShipperWorld {
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly logger: Logger;
  /** Called with the newest row when rows have been committed. */
  readonly onShipped?: (bridgeId: string, newest: RowMark) => void;
  /** Called before shipping begins, and again after every interruption: holds the journal against what Postgres knows of it. */
  readonly greet?: () => Promise<void>;
}

export function startJournalShipper({ db, bridge, logger, onShipped, greet }: ShipperWorld): JournalShipper {
  const arrivals = new Set<() => void>();
  let shippedRow = 0;
  let isStopping = false;
  let endGathering = (): void => undefined;

  const gatherRows = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const ship = async (): Promise<void> => {
    await greet?.();
    const { bridgeId } = await bridge.request('hello', {});
    shippedRow = await lastShippedRow(db, bridgeId);
    while (!isStopping) {
      const { bridgeId: journal, rows } = await bridge.request('journal.read', {
        after: shippedRow,
        limit: BATCH_ROWS,
        waitMs: LONG_POLL_MS,
        shippedRow,
        bridgeId,
      });
      if (journal !== bridgeId) {
        // Another bridge answers on a new connection, or this one has a new name: it is greeted, and begins where it was shipped to.
        logger.warn({ before: bridgeId, now: journal }, 'the journal that is shipped has changed');
        return;
      }
      if (rows.length === 0) continue;
      const safeRow = await shipJournalRows(db, bridgeId, rows);
      invariant(safeRow > shippedRow, `Postgres has row ${shippedRow} of the journal and takes the rows after it`);
      shippedRow = safeRow;
      for (const look of arrivals) look();
      const newest = rows.find(({ row }) => row === safeRow);
      if (newest !== undefined) onShipped?.(bridgeId, newest);
      // Whoever waits for the journal is not made to wait for more of it.
      if (arrivals.size === 0) await gatherRows();
    }
  };

  const shipForEver = async (): Promise<void> => {
    let backoffMs = BACKOFF_START_MS;
    while (!isStopping) {
      const beganAtMs = performance.now();
      try {
        await ship();
      } catch (error) {
        if (isStopping) return;
        logger.warn({ err: error, backoffMs }, 'journal shipping was interrupted and will go on');
        if (performance.now() - beganAtMs > BACKOFF_MAX_MS) backoffMs = BACKOFF_START_MS;
        await new Promise((resolve) => setTimeout(resolve, backoffMs));
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      }
    }
  };

  const running = shipForEver();
  return {
    catchUp: async () => {
      const { lastRow } = await bridge.request('hello', {});
      const arrived = waitUntil(() => shippedRow >= lastRow, arrivals);
      endGathering();
      await arrived;
    },
    stop: async () => {
      isStopping = true;
      endGathering();
      bridge.close();
      await running;
    },
  };
}

function waitUntil(holds: () => boolean, arrivals: Set<() => void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      arrivals.delete(look);
      settle();
    };
    const look = (): void => {
      if (holds()) end(resolve);
    };
    const timer = setTimeout(() => {
      end(() => {
        reject(new LabError('DATABASE_UNAVAILABLE', { message: `The journal was not in Postgres within ${CATCH_UP_WAIT_MS} ms.` }));
      });
    }, CATCH_UP_WAIT_MS);
    arrivals.add(look);
    look();
  });
}
