// Has the bridge connect a machine when a person has asked for it: an operator's step, because it may move axes. It
// takes as long as the machine takes; the asker is told how it went.

import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import type { Database } from '../db/connection/connect-database.js';
import { answerConnection, readConnectionRequest, type ConnectionRequest } from '../db/requests/connection.queries.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

export interface ConnectionWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly workcell: string;
  readonly logger: Logger;
}

export function forwardConnections(world: ConnectionWorld): Listener {
  return listenForNotifications({
    url: world.url,
    channels: ['praxis_connect'],
    onNotify: (_channel, payload) => {
      // A request that came while the listener was away was answered with silence; the person repeats it.
      if (payload === undefined) return;
      const request = readConnectionRequest(payload);
      if (request.workcell === world.workcell) void connect(world, request);
    },
    onError: (error) => {
      world.logger.warn({ err: error }, 'the listener for connections was cut off and connects again');
    },
  });
}

async function connect({ db, bridge, logger }: ConnectionWorld, { requestId, machine, by, note }: ConnectionRequest): Promise<void> {
  let refusal: LabError | null = null;
  try {
    const { isReady, because } = await bridge.request('machine.connect', { machine, by, note });
    if (!isReady)
      refusal = new LabError('MACHINE_NOT_READY', { message: `${machine} is not connected: ${because ?? 'it does not say why'}.` });
    logger.info({ machine, by, note, isReady, because }, 'a person had a machine connected');
  } catch (error) {
    logger.warn({ err: error, machine, by }, 'a machine was not connected');
    refusal =
      error instanceof LabError
        ? error
        : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
  }
  await answerConnection(db, requestId, refusal).catch((lost: unknown) => {
    logger.error({ err: lost, machine }, 'the asker was not told how the connecting went and waits in vain');
  });
}
