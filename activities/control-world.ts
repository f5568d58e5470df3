// What the control activities of one workcell are given to work on.

import type { Database } from '../db/connection/connect-database.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import type { JournalShipper } from './journal-shipper.js';

export interface ControlWorld {
  readonly db: Database;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly shipper: Pick<JournalShipper, 'catchUp'>;
  readonly workcell: string;
  readonly logger: Logger;
  /** Asks Temporal to cancel a workflow; one that is not open any more is passed over. */
  readonly cancelWorkflow: (workflowId: string) => Promise<void>;
}
