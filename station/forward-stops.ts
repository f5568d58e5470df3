// Has the bridge stop everything, release it, or abort what a machine does, when a person has asked for it through the API;
// answers once it stands in Postgres too. A bridge that is being started again is waited for. Where API or Postgres are away the stop record is the way.

import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalShipper } from '../activities/journal-shipper.js';
import type { Database } from '../db/connection/connect-database.js';
import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import { answerStop, readStopRequest, type StopRequest } from '../db/requests/stop-all.queries.js';
import { LabError } from '../domain/errors/error.js';
import { STOP_PATIENCE_MS } from '../domain/workcells/stop-all.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import { STATUS_REMEDY, toUnheardStop } from './unheard-stop.js';

const AGAIN_INTERVAL_MS = 100;

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
  readonly patienceMs?: number;
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
    onError: (error) => {
      world.logger.warn({ err: error }, 'the listener for stops was cut off and connects again');
    },
  });
}

async function answer(world: StopWorld, request: StopRequest): Promise<void> {
  const { db, logger, shipper, onChange, patienceMs = STOP_PATIENCE_MS } = world;
  const end = AbortSignal.timeout(patienceMs);
  let refusal: LabError | null = null;
  try {
    await act(world, request, end);
    onChange();
    await persist(() => shipper.catchUp(), end).catch((error: unknown) => {
      throw toUnshown(request, error);
    });
    logger.info({ ...request }, 'a person has stopped or released something');
  } catch (error) {
    logger.warn({ err: error, ...request }, 'a stop or release was refused, or could not be shown yet');
    refusal =
      error instanceof LabError
        ? error
        : new LabError('INTERNAL', { message: 'The workcell worker failed; its log has the details.', cause: error });
  }
  await answerStop(db, request.requestId, refusal).catch((lost: unknown) => {
    logger.error({ err: lost, ...request }, 'the asker was not told how it went and waits in vain');
  });
}

async function act({ bridge, stopBridge, workcell }: StopWorld, request: StopRequest, end: AbortSignal): Promise<void> {
  const { by, reason } = request;
  if (request.kind === 'stop-all') {
    // Asked again where its answer was lost: a stop of a stopped workcell stops it once more.
    const { isJournaled } = await persist(() => stopBridge.request('stop.all', { by, reason }), end).catch((error: unknown) => {
      throw toUnheardStop(workcell, error);
    });
    if (!isJournaled)
      throw new LabError('DISK_FULL', {
        message:
          'Everything is stopped, but that cannot be written down for want of disk space: the lab shows it, and lets it be released, when there is room.',
      });
  } else if (request.kind === 'release') {
    const { isReleased, rev } = await stopBridge.request('stop.release', { rev: request.rev, by, reason });
    if (!isReleased) throw new LabError('NOT_STOPPED', { message: `Stop ${request.rev} does not hold any more; the newest is ${rev}.` });
  } else {
    const { commands, isStopping } = await bridge.request('machine.abort', { machine: request.machine, by, note: reason });
    if (commands.length === 0) throw new LabError('NOTHING_RUNS', { message: `No command is running on ${request.machine}.` });
    if (!isStopping)
      throw new LabError('NOT_STOPPABLE', {
        message: `The driver of ${request.machine} cannot stop ${commands.join(', ')}; it ends by itself.`,
      });
  }
}

/** Asks again while the bridge cannot be reached, and waits no longer than to the end. */
async function persist<T>(ask: () => Promise<T>, end: AbortSignal): Promise<T> {
  const tooLate = new Promise<never>((_, reject) => {
    const give = (): void => {
      reject(new LabError('BRIDGE_UNREACHABLE', { message: 'The bridge of the workcell does not answer.' }));
    };
    if (end.aborted) give();
    else end.addEventListener('abort', give, { once: true });
  });
  for (;;) {
    try {
      return await Promise.race([ask(), tooLate]);
    } catch (error) {
      if (end.aborted || !(error instanceof LabError && error.code === 'BRIDGE_UNREACHABLE')) throw error;
      await sleep(AGAIN_INTERVAL_MS);
    }
  }
}

/** It was done, and who reads only that something does not answer would think that nothing was. */
function toUnshown(request: StopRequest, error: unknown): LabError {
  const known = error instanceof LabError ? error : new LabError('INTERNAL', { message: String(error) });
  const { what, remedy } = {
    'stop-all': {
      what: `Everything in ${request.workcell} is stopped, and stays so when its bridge is started again`,
      remedy: STATUS_REMEDY,
    },
    release: { what: `The stop of ${request.workcell} is released`, remedy: STATUS_REMEDY },
    abort: {
      what: `The driver of ${request.kind === 'abort' ? request.machine : 'the machine'} was told to stop`,
      remedy: 'See what runs with: praxis runs --status running.',
    },
  }[request.kind];
  return new LabError(known.code, { message: `${what}; only the lists do not show it yet: ${known.message}`, remedy, cause: error });
}
