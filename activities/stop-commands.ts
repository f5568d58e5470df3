// Stops commands in the bridge because their run, or the call that asked for them, is cancelled.

import { BridgeUnreachable, type BridgeClient } from '../workcell/bridge-client.js';

/** Whether each could be stopped, its outcome tells whoever waits for it. Throws BRIDGE_UNREACHABLE where the bridge may not have heard of all. */
export async function stopCommands(bridge: Pick<BridgeClient, 'request'>, commands: readonly string[]): Promise<void> {
  await Promise.all(
    commands.map((id) =>
      bridge.request('command.stop', { id }).catch((error: unknown) => {
        if (error instanceof BridgeUnreachable) throw error;
      }),
    ),
  );
}
