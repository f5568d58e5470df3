// The Temporal worker of a bundle's calculations: activities that hand their work to threads.

import { type NativeConnection, Worker } from '@temporalio/worker';
import type { CalculationActivities } from '../activities/activity-types.js';
import { requireRequests } from '../activities/require-request.js';
import { runAsActivity } from '../activities/run-as-activity.js';
import { toCalculationQueue, toProtocolQueue } from '../domain/values/ids.js';
import type { DataConverter } from '../platform/large-payloads.js';
import { CALCULATION_THREADS_MAX, type CalculationPool } from './calculation-pool.js';

export interface CalculationWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly bundle: string;
  readonly bundleFile: string;
  readonly pool: CalculationPool;
  /** As that of all who speak to Temporal. */
  readonly dataConverter: DataConverter;
}

/** Serves `px.<bundle>.calc`. The pool may be shared by the workers of several bundles. */
export function createCalculationWorker({
  connection,
  namespace,
  bundle,
  bundleFile,
  pool,
  dataConverter,
}: CalculationWorkerOptions): Promise<Worker> {
  const activities = requireRequests<CalculationActivities>({
    calculate: ({ protocol, parameters }) => runAsActivity((signal) => pool.calculate({ bundleFile, protocol, parameters }, signal)),
  });
  return Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue: toCalculationQueue(toProtocolQueue(bundle)),
    activities: { ...activities },
    maxConcurrentActivityTaskExecutions: CALCULATION_THREADS_MAX,
  });
}
