// Route that says whether the API can serve. Temporal's state is told but decides nothing: reads and even starts are
// served without it.

import { defineRoute, type BoundRoute } from '../http/define-route.js';
import { ROUTES } from '../../contract/http/routes.js';
import type { TemporalClient } from '../temporal/temporal-client.js';
import type { Database } from '../../db/connection/connect-database.js';
import { latestPos } from '../../db/history/event.queries.js';
import { LabError } from '../../domain/errors/error.js';

const DATABASE_TIMEOUT_MS = 1500;

export function defineHealthRoute(world: { db: Database; version: string; temporal: Pick<TemporalClient, 'isReachable'> }): BoundRoute {
  return defineRoute(ROUTES.getHealth)(async () => {
    const [, isTemporalReachable] = await Promise.all([demandDatabase(world.db), world.temporal.isReachable()]);
    return { value: { status: 'ok', version: world.version, database: 'ok', temporal: isTemporalReachable ? 'ok' : 'unavailable' } };
  });
}

async function demandDatabase(db: Database): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new LabError('DATABASE_UNAVAILABLE', { message: `The database did not answer within ${DATABASE_TIMEOUT_MS} ms.` }));
    }, DATABASE_TIMEOUT_MS);
  });
  try {
    await Promise.race([latestPos(db), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
