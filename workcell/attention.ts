// How long somebody stays with what a bridge does for them, through lost connections, and what they may wish meanwhile.

import { LabError } from '../domain/errors/error.js';

export interface Attention {
  /** Aborted: what runs shall end early, what has not begun shall not begin. */
  readonly stop: AbortSignal;
  /** Aborted: nobody waits here any more; what runs goes on. */
  readonly leave: AbortSignal;
}

/** How long one call waits for a bridge that is away; the caller may call again. */
const BRIDGE_WAIT_MS = 30_000;
const RECONNECT_INTERVAL_MS = 50;
/** An attempt that lasted longer had a connection: the wait begins anew. */
const HAD_CONNECTION_MS = 3_000;

/** Repeats the attempt while the bridge is away, and tells it so. Throws BRIDGE_UNREACHABLE when it stays away, and the bridge's refusals. */
export async function stayWith<T>(attention: Attention, attempt: (isAgain: boolean) => Promise<T>): Promise<T> {
  let awaySinceMs: number | undefined;
  let isAgain = false;
  for (;;) {
    const attemptAtMs = performance.now();
    try {
      return await attempt(isAgain);
    } catch (error) {
      isAgain = true;
      const nowMs = performance.now();
      if (awaySinceMs === undefined || nowMs - attemptAtMs > HAD_CONNECTION_MS) awaySinceMs = nowMs;
      const isAway = error instanceof LabError && error.category === 'infra';
      if (!isAway || nowMs - awaySinceMs > BRIDGE_WAIT_MS || attention.leave.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_INTERVAL_MS));
    }
  }
}
