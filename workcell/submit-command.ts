// Submits a command to the bridge and stays with it to its end: a lost connection is opened again and the
// same id attaches to the running command or fetches its outcome. Nothing is ever sent twice, by the id.

import { LabError } from '../domain/error.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire.js';
import type { BridgeClient } from './bridge-client.js';

/** How long one call waits for a bridge that is away; the caller may call again. */
export const BRIDGE_WAIT_MS = 30_000;
const RECONNECT_INTERVAL_MS = 50;
/** An attempt that lasted longer had a connection: the wait begins anew. */
const HAD_CONNECTION_MS = 3_000;

/** Throws BRIDGE_UNREACHABLE when the bridge stays away, and the bridge's refusals (STALE_FENCE, …). */
export async function submitCommand(bridge: BridgeClient, request: CommandRequest, signal?: AbortSignal): Promise<CommandOutcome> {
  let awaySinceMs: number | undefined;
  for (;;) {
    const attemptAtMs = performance.now();
    try {
      return await bridge.request('command.run', request);
    } catch (error) {
      const nowMs = performance.now();
      if (awaySinceMs === undefined || nowMs - attemptAtMs > HAD_CONNECTION_MS) awaySinceMs = nowMs;
      const isAway = error instanceof LabError && error.category === 'infra';
      if (!isAway || nowMs - awaySinceMs > BRIDGE_WAIT_MS || signal?.aborted === true) throw error;
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_INTERVAL_MS));
    }
  }
}
