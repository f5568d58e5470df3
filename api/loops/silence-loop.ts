// Raises an alarm when a workcell with open runs has gone quiet: its worker, or the bridge behind it. The end of the silence
// ends the alarm; a person acknowledges it.

import { startPokedLoop, type PokedLoop } from '../live/notified-loop.js';
import type { Logger } from '../http/logger.js';
import type { Database } from '../../db/connection/connect-database.js';
import { endAlarms, listLastingAlarmsOfAll, raiseAlarm, type NewAlarm } from '../../db/inbox/alarm.queries.js';
import { listSilences } from '../../db/workcells/heartbeat.queries.js';
import { findSilence, type FoundSilence } from '../../domain/inbox/alarm.js';

const LOOK_INTERVAL_MS = 1_000;
const ID_PREFIX = 'alarm/silent/';

export interface SilenceLoopOptions {
  readonly db: Database;
  readonly silentAfterMs: number;
  readonly logger: Logger;
  readonly now: () => number;
  /** Rises steadily, whatever becomes of the clock. */
  readonly elapsedMs?: () => number;
}

export function startSilenceLoop({ db, silentAfterMs, logger, now, elapsedMs = () => performance.now() }: SilenceLoopOptions): PokedLoop {
  /** Since when Postgres has answered without a gap: a worker can't be heard of while it does not. */
  let listeningSinceMs = elapsedMs();

  const look = async (): Promise<void> => {
    const silences = await listSilences(db);
    // It may have been there all the time, without anybody who could write it down.
    if (elapsedMs() - listeningSinceMs < silentAfterMs) return;
    const alarms = silences.flatMap((silence) => {
      const found = findSilence(silence, silentAfterMs);
      return found === undefined ? [] : [toAlarm(found, silence.workcell, now())];
    });
    const lasting = new Set(await listLastingAlarmsOfAll(db, ID_PREFIX));
    const wanted = new Set(alarms.map(({ itemId }) => itemId));
    await endAlarms(
      db,
      [...lasting].filter((id) => !wanted.has(id)),
      now(),
    );
    for (const alarm of alarms) {
      const { cause, text, workcell } = alarm.subject;
      if (!lasting.has(alarm.itemId) && (await raiseAlarm(db, alarm))) logger.error({ workcell, cause }, text);
    }
  };
  return startPokedLoop({
    intervalMs: LOOK_INTERVAL_MS,
    work: look,
    onError: (error) => {
      listeningSinceMs = elapsedMs();
      logger.warn({ err: error }, 'it could not be seen which workcells were heard of');
    },
  });
}

function toAlarm({ cause, text, heardAtMs }: FoundSilence, workcell: string, atMs: number): NewAlarm {
  return {
    itemId: `${ID_PREFIX}${cause}/${workcell}/${heardAtMs}`,
    subject: { kind: 'alarm', text, cause, workcell },
    runId: null,
    callPath: '',
    atMs,
  };
}
