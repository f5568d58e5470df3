// Has the bridge stop everything, release it, or abort what a machine does, when a person has asked for it through the API;
// answers once it stands in Postgres too. Where API or Postgres are away the stop record is the way.

import type { JournalShipper } from '../activities/journal-shipper.js';
import type { Database } from '../db/connection/connect-database.js';
import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import { answerStop, readStopRequest, type StopRequest } from '../db/requests/stop-all.queries.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

export interface StopWorld {
  readonly url: string;
  readonly db: Database;
  readonly bridge: BridgeClient;
  /** To the stop socket of the same bridge. */
  readonly stopBridge: Pick<BridgeClient, 'request'>;
  readonly shipper: Pick<JournalShipper, 'catchUp'>;
  readonly workcell: string;
  readonly logger: Logger;
  readonly onChange: () => void;
}

export function forwardStops(world: StopWorld): Listener {
  return listenForNotifications({
    url: world.url,
    channels: ['praxis_stop'],
    onNotify: (_channel, payload) => {
      // A request that came while the listener was away was answered with silence; the person repeats it.
      if (payload === undefined) return;
      const request = readStopRequest(payload);
      if (request.workcell === world.workcell) void answer(world, request);
    },
    onError: (error) => { world.logger.warn({ err: error }, 'the listener for stops was cut off and connects again'); },
  });
}

async function answer(world: StopWorld, request: StopRequest): Promise<void> {
  const { db, logger, shipper, onChange } = world;
  let refusal: LabError | null = null;
  try {
    await act(world, request);
    onChange();
    await shipper.catchUp();
    logger.info({ ...request }, 'a person has stopped or released something');
  } catch (error) {
    logger.warn({ err: error, ...request }, 'a stop or release was refused');
    refusal = error instanceof LabError ? error : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
  }
  await answerStop(db, request.requestId, refusal).catch((lost: unknown) => {
    logger.error({ err: lost, ...request }, 'the asker was not told how it went and waits in vain');
  });
}

async function act({ bridge, stopBridge }: StopWorld, request: StopRequest): Promise<void> {
  const { by, reason } = request;
  if (request.kind === 'stop-all') {
    const { isJournaled } = await stopBridge.request('stop.all', { by, reason });
    if (!isJournaled) throw new LabError('DISK_FULL', { message: 'Everything is stopped, but that cannot be written down for want of disk space: the lab shows it, and lets it be released, when there is room.' });
  } else if (request.kind === 'release') {
    const { isReleased, rev } = await stopBridge.request('stop.release', { rev: request.rev, by, reason });
    if (!isReleased) throw new LabError('NOT_STOPPED', { message: `Stop ${request.rev} does not hold any more; the newest is ${rev}.` });
  } else {
    const { commands, isStopping } = await bridge.request('machine.abort', { machine: request.machine, by, note: reason });
    if (commands.length === 0) throw new LabError('NOTHING_RUNS', { message: `No command is running on ${request.machine}.` });
    if (!isStopping) throw new LabError('NOT_STOPPABLE', { message: `The driver of ${request.machine} cannot stop ${commands.join(', ')}; it ends by itself.` });
  }
}
