// Tells the bridge when a person has given a machine free: the bridge keeps a quarantine of its own, which
// holds with Postgres away. A release that is lost on the way can be given again.

import { listenForNotifications, type Listener } from '../db/connection/listen.js';
import { LabError } from '../domain/errors/error.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

export function forwardReleases(world: { url: string; bridge: BridgeClient; logger: Logger }): Listener {
  const { url, bridge, logger } = world;
  return listenForNotifications({
    url,
    channels: ['praxis_released'],
    onNotify: (_channel, payload) => {
      if (payload === undefined) return;
      const { machine, note } = JSON.parse(payload) as { machine: string; note: string };
      bridge.request('machine.release', { machine, note }).then(
        ({ released }) => {
          logger.info({ machine, released }, 'a person gave the machine free');
        },
        (error: unknown) => {
          // Another workcell's machine is no business of this bridge.
          const isForeign = error instanceof LabError && error.code === 'UNKNOWN_MACHINE';
          if (!isForeign) logger.error({ err: error, machine }, 'the bridge was not told of a release; give it again');
        },
      );
    },
    onError: (error) => {
      logger.warn({ err: error }, 'the listener for releases was cut off and connects again');
    },
  });
}
