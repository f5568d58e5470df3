// Faults of Postgres that leave it alive: sessions of the lab are ended one at a time, or that of whoever gives events their
// positions, again and again.

import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';
import type { Rig } from './rig.js';

const BACKENDS_INTERVAL_MS = 150;
const SEQUENCER_INTERVAL_MS = 400;
const SEQUENCER = 'praxis-sequencer';

/** One session after the other, as long as the fault lasts. */
export function endBackends(rig: Rig, fault: Fault): Promise<boolean> {
  return endSessions(rig, fault, { intervalMs: BACKENDS_INTERVAL_MS, which: `application_name <> '${SEQUENCER}'` });
}

/** Whoever holds the lock loses it, and the next one soon after. */
export function endSequencers(rig: Rig, fault: Fault): Promise<boolean> {
  return endSessions(rig, fault, { intervalMs: SEQUENCER_INTERVAL_MS, which: `application_name = '${SEQUENCER}'` });
}

async function endSessions(rig: Rig, { lastsMs }: Fault, { intervalMs, which }: { intervalMs: number; which: string }): Promise<boolean> {
  const untilMs = Date.now() + lastsMs;
  let ended = 0;
  while (Date.now() < untilMs) {
    ended += await endOne(rig, which).catch(() => 0);
    await sleep(intervalMs);
  }
  return ended > 0;
}

/** The oldest: of a pool each has its turn. Fails while Postgres is away by another fault. */
async function endOne(rig: Rig, which: string): Promise<number> {
  const client = new pg.Client({ connectionString: rig.places.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and ${which} order by backend_start, pid limit 1`);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
