// A workcell's worker as far as requests of people go: on the Postgres of a test API and a real bridge.

import { pino } from 'pino';
import type { JournalShipper } from '../../activities/journal-shipper.js';
import type { Listener } from '../../db/connection/listen.js';
import { toStopPlace } from '../../domain/workcells/bridge-place.js';
import { createJournalKeeper } from '../../station/journal-keeper.js';
import { takeRequests } from '../../station/requests/take-requests.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import type { TestApi } from './serve-test-api.js';

export interface RequestRig {
  readonly api: TestApi;
  readonly socket: string;
  readonly shipper: Pick<JournalShipper, 'catchUp'>;
  readonly workcell?: string;
  readonly onStopChange?: () => void;
  /** How long before its asker gives up a request is given up. */
  readonly answerMarginMs?: number;
}

export function takeTestRequests({
  api,
  socket,
  shipper,
  workcell = 'star',
  onStopChange = () => undefined,
  ...more
}: RequestRig): Listener {
  const logger = pino({ level: 'silent' });
  const { db } = api;
  const [bridge, journalBridge, stopBridge] = [new BridgeClient(socket), new BridgeClient(socket), new BridgeClient(toStopPlace(socket))];
  const keeper = createJournalKeeper({ db, workcell, logger, now: Date.now });
  const url = api.postgres.url;
  const listener = takeRequests({ url, db, workcell, logger, bridge, journalBridge, stopBridge, keeper, shipper, onStopChange, ...more });
  return {
    close: async () => {
      await listener.close();
      for (const client of [bridge, journalBridge, stopBridge]) client.close();
    },
  };
}
