// What the files of the kinds work with.

import type { JournalShipper } from '../../activities/journal-shipper.js';
import type { Database } from '../../db/connection/connect-database.js';
import type { Logger } from '../../platform/logging.js';
import type { BridgeClient } from '../../workcell/bridge-client.js';
import type { JournalKeeper } from '../journal-keeper.js';

export interface RequestWorld {
  readonly db: Database;
  readonly workcell: string;
  readonly logger: Logger;
  readonly bridge: Pick<BridgeClient, 'request'>;
  /** To the stop socket of the same bridge. */
  readonly stopBridge: Pick<BridgeClient, 'request'>;
  /** One that greets nobody by itself: a greeting and an acceptance take turns. */
  readonly journalBridge: BridgeClient;
  readonly keeper: Pick<JournalKeeper, 'accept'>;
  readonly shipper: Pick<JournalShipper, 'catchUp'>;
  /** Everything was stopped, or is released. */
  readonly onStopChange: () => void;
}

export interface Asked {
  readonly id: string;
  readonly by: string;
  /** The asker gives up a moment later. */
  readonly end: AbortSignal;
}

/** Returns when it is done and the lists show it. Throws what the asker is told. */
export type Perform<Body> = (world: RequestWorld, body: Body, asked: Asked) => Promise<void>;
