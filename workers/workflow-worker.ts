// Process: executes run workflows. One Temporal worker for each protocol source that is published now, and one for
// each older source that a run which has not ended was started with. What lies in the protocol folders does not
// matter here: they may have been edited since. Workflow code itself is executed in slots, processes of their own. Beside
// each stands a worker for the calculations of its runs.

import { readFileSync } from 'node:fs';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { connectDatabase, closeDatabase } from '../db/connection/connect-database.js';
import { listCurrentBundles } from '../db/protocols/definition.queries.js';
import { listOpenBundles } from '../db/runs/run.queries.js';
import { toProtocolQueue } from '../domain/values/ids.js';
import { announceReady } from '../platform/announce-ready.js';
import { openBlobStore } from '../platform/blob-store.js';
import { toDataConverter } from '../platform/large-payloads.js';
import { createLogger } from '../platform/logging.js';
import { readSettings, requireDatabaseUrl } from '../platform/settings.js';
import { findBundleFile } from '../protocols/bundling/bundle-protocols.js';
import { createCalculationPool } from '../calculation/calculation-pool.js';
import { createCalculationWorker } from '../calculation/calculation-worker.js';
import { createTemporalLogger } from '../platform/temporal/temporal-logger.js';
import { runWorkers } from '../platform/temporal/run-workers.js';
import { openStrikes } from '../slots/strikes.js';
import { createIsClosed, createStuckRunTeller } from '../slots/tell-stuck-runs.js';
import { installWorkflowSlots, ISOLATION } from '../slots/workflow-slots.js';

/** A worker that died is noticed after this long, so that its runs come back within seconds. */
const STICKY_TIMEOUT_MS = 1_000;

const settings = readSettings();
const logger = createLogger('workflow-worker', settings.logLevel);
Runtime.install({ logger: createTemporalLogger(logger) });

const connection = await NativeConnection.connect({ address: settings.temporalAddress });
const dataConverter = toDataConverter(openBlobStore(settings.blobFolder));
const db = connectDatabase({ url: requireDatabaseUrl(settings), applicationName: 'workflow-worker', poolMax: 1 });
const bundles = new Set([...(await listCurrentBundles(db)), ...(await listOpenBundles(db))]);
const teller = await createStuckRunTeller({
  db,
  temporal: { address: settings.temporalAddress, namespace: settings.temporalNamespace },
  logger,
  isClosed: createIsClosed(new Client({ connection, namespace: settings.temporalNamespace })),
});
installWorkflowSlots({ ...teller, strikes: openStrikes(settings.home, logger) });
const pool = createCalculationPool();
const workers: Worker[] = [];
for (const bundle of bundles) {
  const file = await findBundleFile(settings.home, bundle, logger);
  if (file === undefined) {
    logger.error({ bundle }, 'no bundle is kept for this source; its runs wait until it is there again');
    continue;
  }
  workers.push(
    await Worker.create({
      connection,
      namespace: settings.temporalNamespace,
      dataConverter,
      taskQueue: toProtocolQueue(bundle),
      workflowBundle: { code: readFileSync(file, 'utf8') },
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
      ...ISOLATION,
    }),
    await createCalculationWorker({ connection, namespace: settings.temporalNamespace, bundle, bundleFile: file, pool, dataConverter }),
  );
}
await runWorkers(workers, {
  logger,
  onReady: () => {
    announceReady('workflow-worker', { bundles: [...bundles], listens: true });
  },
  onEnd: async () => {
    await pool.close();
    await teller.close();
    await connection.close();
    await closeDatabase(db);
  },
});
