// Says again and again that the workcell worker and its bridge are there, and raises an alarm for a command that takes much
// longer than it should.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/connection/connect-database.js';
import { endAlarms, listLastingAlarms, raiseAlarm } from '../db/inbox/alarm.queries.js';
import { listRunningCommands, noteHeartbeat, type RunningCommand } from '../db/workcells/heartbeat.queries.js';
import { HEARTBEAT_INTERVAL_MS, toSlowAfterMs } from '../domain/inbox/alarm.js';
import { describeCommand } from '../domain/catalogue/describe-command.js';
import { getMethodPolicy } from '../domain/catalogue/method-policy.js';
import { describeDuration } from '../domain/json/duration.js';
import type { Alarm } from '../domain/inbox/inbox.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';

/** A bridge that takes longer to say hello was not heard of. */
const HELLO_TIMEOUT_MS = 1_500;
const ID_PREFIX = 'alarm/slow/';

export interface WatchWorld {
  readonly db: Database;
  readonly bridge: Pick<BridgeClient, 'request'>;
  readonly workcell: string;
  readonly slowMarginMs: number;
  readonly logger: Logger;
}

export function watchCommands(world: WatchWorld): { close(): Promise<void> } {
  const { logger } = world;
  let isBusy = false;
  let lastRound = Promise.resolve();
  const round = async (): Promise<void> => {
    await noteHeartbeat(world.db, world.workcell, await answersHello(world.bridge));
    await lookForSlow(world);
  };
  const begin = (): void => {
    // Postgres may take longer than the interval; rounds never pile up.
    if (isBusy) return;
    isBusy = true;
    lastRound = round()
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'nobody could be told that the workcell is there');
      })
      .finally(() => {
        isBusy = false;
      });
  };
  const timer = setInterval(begin, HEARTBEAT_INTERVAL_MS);
  begin();
  return {
    close: async () => {
      clearInterval(timer);
      await lastRound;
    },
  };
}

async function answersHello(bridge: WatchWorld['bridge']): Promise<boolean> {
  const tooLong = new AbortController();
  try {
    return await Promise.race([
      bridge.request('hello', {}).then(
        () => true,
        () => false,
      ),
      sleep(HELLO_TIMEOUT_MS, false, { signal: tooLong.signal }).catch(() => false),
    ]);
  } finally {
    tooLong.abort();
  }
}

async function lookForSlow({ db, workcell, slowMarginMs, logger }: WatchWorld): Promise<void> {
  const nowMs = Date.now();
  const slow = (await listRunningCommands(db, workcell)).filter((command) => nowMs - command.beganAtMs > toLimitMs(command, slowMarginMs));
  const lasting = await listLastingAlarms(db, workcell, ID_PREFIX);
  const ids = new Set(slow.map(({ id }) => `${ID_PREFIX}${id}`));
  await endAlarms(
    db,
    lasting.filter((id) => !ids.has(id)),
    nowMs,
  );
  for (const command of slow) {
    const itemId = `${ID_PREFIX}${command.id}`;
    if (lasting.includes(itemId)) continue;
    const subject = describeSlow(command, workcell);
    if (await raiseAlarm(db, { itemId, subject, runId: command.runId, callPath: command.callPath, atMs: nowMs }))
      logger.error({ commandId: command.id }, subject.text);
  }
}

function toLimitMs({ frontend, method, arguments: given }: RunningCommand, slowMarginMs: number): number {
  return toSlowAfterMs(getMethodPolicy(frontend, method, given).expectedMs, slowMarginMs);
}

function describeSlow({ id, frontend, machine, method, arguments: given }: RunningCommand, workcell: string): Alarm {
  const expected = describeDuration(Math.max(1, Math.round(getMethodPolicy(frontend, method, given).expectedMs)));
  const text = `${describeCommand(machine, method, given)} takes much longer than the ${expected} it should. Look at ${machine}.`;
  return { kind: 'alarm', text, cause: 'slow-command', workcell, machine, commandId: id };
}
