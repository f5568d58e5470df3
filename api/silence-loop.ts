// Raises an alarm when a workcell with open runs has gone quiet: its worker, or the bridge behind it. The end of the silence
// ends the alarm; a person acknowledges it.

import { startPokedLoop, type PokedLoop } from './poked-loop.js';
import type { Logger } from './logger.js';
import type { Database } from '../db/connect-database.js';
import { endAlarms, listLastingAlarms, raiseAlarm, type NewAlarm } from '../db/queries/alarm.queries.js';
import { listSilences, type WorkcellSilence } from '../db/queries/heartbeat.queries.js';
import { describeDuration } from '../domain/duration.js';

const LOOK_INTERVAL_MS = 1_000;
const ID_PREFIX = 'alarm/silent/';

export interface SilenceLoopOptions {
  readonly db: Database;
  readonly silentAfterMs: number;
  readonly logger: Logger;
  readonly now: () => number;
}

export function startSilenceLoop({ db, silentAfterMs, logger, now }: SilenceLoopOptions): PokedLoop {
  /** Since when Postgres has answered without a gap: a worker can't be heard of while it does not. */
  let listeningSinceMs = now();

  const look = async (silence: WorkcellSilence): Promise<void> => {
    const { workcell } = silence;
    const isHeardFrom = now() - listeningSinceMs < silentAfterMs;
    const alarm = isHeardFrom ? undefined : findSilence(silence, silentAfterMs, now());
    const lasting = await listLastingAlarms(db, workcell, ID_PREFIX);
    if (isHeardFrom && lasting.length > 0) return;
    await endAlarms(db, lasting.filter((id) => id !== alarm?.itemId), now());
    if (alarm === undefined || lasting.includes(alarm.itemId)) return;
    if (await raiseAlarm(db, alarm)) logger.error({ workcell, cause: alarm.subject.cause }, alarm.subject.text);
  };
  return startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: async () => { for (const silence of await listSilences(db)) await look(silence); },
    onError: (error) => {
      listeningSinceMs = now();
      logger.warn({ err: error }, 'it could not be seen which workcells were heard of');
    },
  });
}

/** A bridge is heard of through its worker, so of both the worker is named. */
export function findSilence(silence: WorkcellSilence, silentAfterMs: number, atMs: number): NewAlarm | undefined {
  const { workcell, openRuns, workerMs, bridgeMs, workerHeardAtMs, bridgeHeardAtMs } = silence;
  if (openRuns === 0) return undefined;
  const isWorker = workerMs > silentAfterMs;
  if (!isWorker && bridgeMs <= silentAfterMs) return undefined;
  const heardAtMs = isWorker ? workerHeardAtMs : bridgeHeardAtMs;
  const cause = isWorker ? 'silent-worker' : 'silent-bridge';
  const who = isWorker ? `The worker of workcell ${workcell}` : `The bridge of workcell ${workcell}`;
  const runs = openRuns === 1 ? 'a run is' : `${openRuns} runs are`;
  const text = `${who} was not heard of for ${describeDuration(Math.floor(silentAfterMs / 1000) * 1000)}, and ${runs} open there.`;
  return { itemId: `${ID_PREFIX}${cause}/${workcell}/${heardAtMs}`, subject: { kind: 'alarm', text, cause, workcell }, runId: null, callPath: '', atMs };
}
