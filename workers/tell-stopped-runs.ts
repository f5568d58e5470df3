// Has the runs of a workcell held while everything in it is stopped, and let go afterwards. Told by comparing the bridge
// with what the runs show, so that none is forgotten while Temporal, Postgres or this worker was away, and a run that
// starts meanwhile is held too. The latch itself does not wait for any of it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/connect-database.js';
import { listRunsToTell } from '../db/queries/stop-all.queries.js';
import type { HoldChange } from '../domain/control.js';
import { toStopHolder } from '../domain/stop-all.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

const LOOK_INTERVAL_MS = 500;
/** A run that an earlier worker told to stand still shows it within this time. */
const SETTLED_AFTER_MS = 30_000;
/** A run that was told shows it in far less; after this it is told again. */
const RETELL_MS = 5_000;

export interface TellWorld {
  readonly db: Database;
  /** Of the stop socket. */
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly workcell: string;
  readonly logger: Logger;
  /** Signals the root workflow of a run; one that is not open is passed over. */
  readonly signalHold: (runId: string, change: HoldChange) => Promise<void>;
}

export interface StoppedRunsTeller {
  /** Something has changed: look now. */
  poke(): void;
  stop(): Promise<void>;
}

export function tellStoppedRuns(world: TellWorld): StoppedRunsTeller {
  const toldAtMs = new Map<string, number>();
  /** Told to stand still and not yet to go on. Where a release follows at once, their rows do not show the hold by then. */
  const held = new Set<string>();
  const end = new AbortController();
  let wake = new AbortController();
  /** Since then nothing is stopped and no run believes so: after a while only the bridge needs to be asked. */
  let quietSinceMs = performance.now();
  let isFailing = false;

  const lookOnce = async (): Promise<void> => {
    const { isStopped } = await world.bridge.request('stop.status', {});
    const nowMs = performance.now();
    if (!isStopped && nowMs - quietSinceMs > SETTLED_AFTER_MS) return;
    const listed = await listRunsToTell(world.db, world.workcell, isStopped);
    const runIds = isStopped ? listed : [...new Set([...listed, ...held])];
    if (isStopped || runIds.length > 0) quietSinceMs = nowMs;
    const change = { reason: 'stop-all', holder: toStopHolder(world.workcell), isHeld: isStopped } as const;
    for (const [key, atMs] of toldAtMs) if (nowMs - atMs > RETELL_MS) toldAtMs.delete(key);
    for (const runId of runIds) {
      const key = `${runId} ${String(isStopped)}`;
      if (toldAtMs.has(key)) continue;
      await world.signalHold(runId, change);
      if (isStopped) held.add(runId);
      else held.delete(runId);
      toldAtMs.set(key, nowMs);
      toldAtMs.delete(`${runId} ${String(!isStopped)}`);
      world.logger.info({ runId, isHeld: isStopped }, 'the run hears of the stop of everything');
    }
  };
  const lookForEver = async (): Promise<void> => {
    while (!end.signal.aborted) {
      try {
        await lookOnce();
        isFailing = false;
      } catch (error) {
        if (!isFailing && !end.signal.aborted) world.logger.warn({ err: error }, 'runs may not have heard of a stop of everything; tried again until they have');
        isFailing = true;
      }
      // Woken by a poke or the end, which is no failure of the sleep.
      await sleep(LOOK_INTERVAL_MS, undefined, { signal: AbortSignal.any([end.signal, wake.signal]) }).catch(() => undefined);
      wake = new AbortController();
    }
  };
  const running = lookForEver();
  return {
    poke: () => { wake.abort(); },
    stop: async () => {
      end.abort();
      await running;
    },
  };
}
