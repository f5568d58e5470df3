// Raises an alarm when a workcell with open runs has gone quiet: its worker, or the bridge behind it. The end of the silence
// ends the alarm; a person acknowledges it.

import { startPokedLoop, type PokedLoop } from './poked-loop.js';
import type { Logger } from './logger.js';
import type { Database } from '../db/connect-database.js';
import { endAlarms, listLastingAlarms, raiseAlarm, type NewAlarm } from '../db/queries/alarm.queries.js';
import { listSilences } from '../db/queries/heartbeat.queries.js';
import { findSilence, type FoundSilence, type WorkcellSilence } from '../domain/alarm.js';

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
    // It may have been there all the time, without anybody who could write it down.
    if (now() - listeningSinceMs < silentAfterMs) return;
    const found = findSilence(silence, silentAfterMs);
    const alarm = found && toAlarm(found, workcell, now());
    const lasting = await listLastingAlarms(db, workcell, ID_PREFIX);
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

function toAlarm({ cause, text, heardAtMs }: FoundSilence, workcell: string, atMs: number): NewAlarm {
  return { itemId: `${ID_PREFIX}${cause}/${workcell}/${heardAtMs}`, subject: { kind: 'alarm', text, cause, workcell }, runId: null, callPath: '', atMs };
}
