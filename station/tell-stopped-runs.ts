// Has the runs of a workcell held while everything in it is stopped, and let go afterwards. Told by comparing the bridge
// with what the runs show, so that none is forgotten while Temporal, Postgres or this worker was away, and a run that
// starts meanwhile is held too. The latch itself does not wait for any of it.

import type { Database } from '../db/connection/connect-database.js';
import { listRunsToTell } from '../db/workcells/stop.queries.js';
import type { HoldChange } from '../domain/runs/control.js';
import { toStopHolder } from '../domain/workcells/stop-all.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

const LOOK_INTERVAL_MS = 500;
/** A run that an earlier worker told to stand still shows it within this time. */
const SETTLED_AFTER_MS = 30_000;
/** From then on the rows are looked at this often: one may show a hold late, because its run or its workflow's worker was away. */
const SETTLED_LOOK_INTERVAL_MS = 30_000;
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

export interface TellLimits {
  readonly settledAfterMs: number;
  readonly settledLookIntervalMs: number;
}

export function tellStoppedRuns(
  world: TellWorld,
  limits: TellLimits = { settledAfterMs: SETTLED_AFTER_MS, settledLookIntervalMs: SETTLED_LOOK_INTERVAL_MS },
): StoppedRunsTeller {
  const toldAtMs = new Map<string, number>();
  /** Told to stand still and not yet to go on. Where a release follows at once, their rows do not show the hold by then. */
  const held = new Set<string>();
  const pause = createPause();
  /** Since then nothing is stopped and no run believes so: after a while Postgres is asked seldom. */
  let quietSinceMs = performance.now();
  let listedAtMs = -Infinity;
  let isEnding = false;
  let isFailing = false;

  const lookOnce = async (): Promise<void> => {
    const { isStopped } = await world.bridge.request('stop.status', {});
    const nowMs = performance.now();
    if (!isStopped && nowMs - quietSinceMs > limits.settledAfterMs && nowMs - listedAtMs < limits.settledLookIntervalMs) return;
    const listed = await listRunsToTell(world.db, world.workcell, isStopped);
    listedAtMs = nowMs;
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
    while (!isEnding) {
      try {
        await lookOnce();
        isFailing = false;
      } catch (error) {
        if (!isFailing && !isEnding)
          world.logger.warn({ err: error }, 'runs may not have heard of a stop of everything; tried again until they have');
        isFailing = true;
      }
      await pause.wait(LOOK_INTERVAL_MS);
    }
  };
  const running = lookForEver();
  return {
    poke: () => {
      pause.end();
    },
    stop: async () => {
      isEnding = true;
      pause.end();
      await running;
    },
  };
}

/** A wait that can be cut short, for ever anew: signals joined by `AbortSignal.any` in a loop are never let go by Node 20. */
function createPause(): { wait: (limitMs: number) => Promise<void>; end: () => void } {
  let isEnded = false;
  let wake = (): void => undefined;
  return {
    wait: async (limitMs) => {
      if (!isEnded) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, limitMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isEnded = false;
    },
    // Also one that comes before the wait cuts it.
    end: () => {
      isEnded = true;
      wake();
    },
  };
}
