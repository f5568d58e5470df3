// Positions of events on a real Postgres: gapless and in order whoever writes, rolls back, lingers, or kills the sequencer.

import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { NewEvent } from '../../domain/history/event.js';
import type { JsonObject } from '../../domain/json/json.js';
import { findProjectRoot } from '../../platform/paths.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { latestPos, listEventsAfter, waitUntilPlaced } from './event.queries.js';
import { startTestServer, type TestServer } from '../test-lab.js';
import { appendEvents } from './append-events.js';
import { runSequencer, type Sequencer } from './run-sequencer.js';

const WRITERS = 6;
const KILLS = 8;
const LASTS_MS = 12_000;
const LONG_MS = 6_000;

let server: TestServer;
let db: Database;
let url: string;
const sequencers = new Set<Sequencer>();
const children = new Set<ChildProcess>();

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.stop();
});
beforeEach(async () => {
  ({ db, url } = await server.open());
});
afterEach(async () => {
  await Promise.all([...sequencers].map((each) => each.close()));
  sequencers.clear();
});

function startSequencer(onHeld?: () => void): void {
  sequencers.add(runSequencer({ url, onError: () => undefined, ...(onHeld && { onHeld }) }));
}

const toEvent = (runId: string | null, data: JsonObject): NewEvent => ({
  type: 'run.waiting',
  atMs: 1,
  runId,
  data: { waitingFor: [], ...data },
});

/** The row's lock first and its event last: the order of the locks is the order of the events. */
async function change(tx: Transaction, runId: string, data: JsonObject): Promise<void> {
  const { rows } = await sql<{ n: number }>`update told set n = n + 1 where id = ${runId}::uuid returning n`.execute(tx);
  await appendEvents(tx, [toEvent(runId, { ...data, runN: rows[0]?.n ?? 0 })]);
}

async function untilAllPlaced(): Promise<void> {
  for (;;) {
    const { rows } = await sql<{
      left: number;
    }>`select (select count(*) from event_row) - (select count(*) from event_position) as left`.execute(db);
    if (rows[0]?.left === 0) return;
    await sleep(20);
  }
}

test('no reader sees a gap that fills later, whoever rolls back, lingers or kills and freezes the sequencer; runs and writers keep their order', async () => {
  await sql`create table told (id uuid primary key, n int not null)`.execute(db);
  const runIds = Array.from({ length: 3 + WRITERS + 1 }, () => randomUUID());
  await sql`insert into told select id, 0 from unnest(${runIds}::uuid[]) as g (id)`.execute(db);
  startSequencer();
  startSequencer();
  const frozen = fork(path.join(findProjectRoot(), 'dist', 'workers', 'sequencer-thread.js'), [url], { stdio: 'ignore' });
  children.add(frozen);
  const faults: string[] = [];
  const committed = new Set<string>();
  let isOver = false;
  const read = async (limit: number): Promise<ReturnType<typeof listEventsAfter>> => {
    const seen: Awaited<ReturnType<typeof listEventsAfter>> = [];
    for (let wasOver = false; ; wasOver = isOver) {
      const events = await listEventsAfter(db, { after: seen.length, limit });
      for (const event of events) {
        if (event.pos !== seen.length + 1) faults.push(`${event.pos} after ${seen.length}`);
        seen.push(event);
      }
      if (wasOver && events.length === 0) return seen;
      if (events.length < limit) await sleep(5);
    }
  };
  const untilMs = performance.now() + LASTS_MS;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0, round = 0; performance.now() < untilMs; round += 1) {
      const mark = `${writer}.${round}`;
      const isUndone = round % 5 === 4;
      const runId = runIds[round % 11 === 7 ? 3 + writer : round % 3] ?? '';
      const written = db.transaction().execute(async (tx) => {
        await change(tx, runId, { mark, writer, n });
        if (round % 11 === 7) await sleep(300);
        if (isUndone) throw new Error('rolled back on purpose');
      });
      const isDone = await written.then(
        () => true,
        () => false,
      );
      if (!isDone) continue;
      n += 1;
      committed.add(mark);
    }
  };
  const linger = db
    .transaction()
    .execute(async (tx) => {
      await change(tx, runIds.at(-1) ?? '', { mark: 'long', writer: WRITERS, n: 0 });
      await sleep(LONG_MS);
    })
    .then(() => committed.add('long'));
  const disturb = async (): Promise<void> => {
    for (let k = 0; k < KILLS; k += 1) {
      await sleep((LASTS_MS / KILLS) * 0.8);
      const before = await latestPos(db);
      if (k === 3) frozen.kill('SIGSTOP');
      await sql`select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid) where locktype = 'advisory' and a.application_name = 'praxis-sequencer'
        and a.datname = current_database() and l.granted`.execute(db);
      while (performance.now() < untilMs && (await latestPos(db)) === before) await sleep(5);
    }
    frozen.kill('SIGCONT');
  };
  const readers = [read(7), read(200)];
  await Promise.all([...Array.from({ length: WRITERS }, (_, k) => write(k)), linger, disturb()]);
  await untilAllPlaced();
  isOver = true;
  const [first, second] = await Promise.all(readers);
  expect(faults).toEqual([]);
  expect(second).toEqual(first);
  expect(new Set(first?.map(({ data }) => data['mark']))).toEqual(committed);
  expect(first?.length).toBe(committed.size);
  const last = new Map<string, number>();
  const expectNext = (key: string, value: unknown, firstValue: number): void => {
    expect([key, value]).toEqual([key, (last.get(key) ?? firstValue - 1) + 1]);
    last.set(key, Number(value));
  };
  for (const { seq, runId, data } of first ?? []) {
    expectNext(`number in run ${runId}`, seq, 1);
    expectNext(`order of locks of ${runId}`, data['runN'], 1);
    expectNext(`writer ${Number(data['writer'])}`, data['n'], 0);
  }
}, 120_000);

test('a commit is readable after a poke, long before anybody looks by himself, also while a transaction is open elsewhere', async () => {
  await new Promise<void>((resolve) => {
    startSequencer(resolve);
  });
  let end = (): void => undefined;
  const open = db.transaction().execute(async (tx) => {
    await appendEvents(tx, [toEvent(null, { late: true })]);
    await new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  await sleep(50);
  await db.transaction().execute((tx) => appendEvents(tx, [toEvent(null, { late: false })]));
  await waitUntilPlaced(db);
  expect((await listEventsAfter(db, { after: 0, limit: 9 })).map(({ pos, data }) => [pos, data])).toMatchObject([[1, { late: false }]]);
  end();
  await open;
  await waitUntilPlaced(db);
  expect((await listEventsAfter(db, { after: 0, limit: 9 })).map(({ data }) => data)).toMatchObject([{ late: false }, { late: true }]);
});

test('a database that was read back into another cluster keeps its positions, places what had none, and goes on', async () => {
  const append = (k: number): Promise<void> => db.transaction().execute((tx) => appendEvents(tx, [toEvent(null, { k })]));
  await append(1);
  await sql`select sequence_events()`.execute(db);
  await append(2);
  // There the numbers of transactions were far higher, and the last batch saw none of those here.
  await sql`update event_row set xid = (xid::text::numeric + 1000000000)::text::xid8`.execute(db);
  await sql`update event_batch set cluster = 1, snap = '1000009999:1000009999:'`.execute(db);
  await append(3);
  startSequencer();
  await untilAllPlaced();
  await append(4);
  await untilAllPlaced();
  expect((await listEventsAfter(db, { after: 0, limit: 9 })).map(({ pos, data }) => [pos, data['k']])).toEqual(
    [1, 2, 3, 4].map((k) => [k, k]),
  );
});

test('batches of before are let go when the lock is taken: a quiet lab that restarts every day has no other time', async () => {
  await sql`insert into event_batch (last_pos, snap) select -n, snap from event_batch cross join generate_series(1, 3000) n`.execute(db);
  startSequencer();
  const count = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from event_batch`.execute(db)).rows[0]!.n;
  while ((await count()) > 1_000) await sleep(20);
  await db.transaction().execute((tx) => appendEvents(tx, [toEvent(null, { k: 1 })]));
  await untilAllPlaced();
  expect((await listEventsAfter(db, { after: 0, limit: 9 })).map(({ pos }) => pos)).toEqual([1]);
}, 60_000);
