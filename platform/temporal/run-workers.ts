// Runs Temporal workers until the process is told to stop, then lets them finish what they began.

import type { Worker } from '@temporalio/worker';
import { onLifelineClosed } from '../process-lifeline.js';
import type { Logger } from '../logging.js';

interface WorkersLife {
  readonly logger: Logger;
  readonly onReady: () => void;
  /** After the last worker has stopped. */
  readonly onEnd: () => Promise<unknown>;
}

export async function runWorkers(workers: readonly Worker[], { logger, onReady, onEnd }: WorkersLife): Promise<void> {
  onLifelineClosed((end) => {
    logger.info({ end }, 'stopping');
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  const running = workers.map((worker) => worker.run());
  onReady();
  await Promise.all(running);
  await onEnd();
}
