// Events with positions against plain inserts of the same rows at equal connections, how soon a commit can be read, and what
// holder and stand-by cost while nothing happens.

import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../db/connection/connect-database.js';
import { appendEvents } from '../db/history/append-events.js';
import { listenForNotifications } from '../db/connection/listen.js';
import { latestPos, listEventsAfter, waitUntilPlaced } from '../db/history/event.queries.js';
import type { NewEvent } from '../domain/history/event.js';
import { findProjectRoot } from '../platform/paths.js';
import type { Figure } from './figures.js';
import { measureProcessorMs } from './process-tree.js';
import { median, quantile } from './ratios.js';

const CONNECTIONS = [4, 16, 50] as const;
const ROUNDS = 3;
const ROUND_MS = 3_000;
const EVENTS_PER_TRANSACTION = 3;
const GOAL_SHARE = 0.7;
const PROBES = 100;
const PROBE_PAUSE_MS = 40;
const GOAL_READABLE_MS = 20;
const IDLE_MS = 8_000;
/** A hundredth of a processor. */
const GOAL_IDLE_MS = 10;

/** About what the end of a command says. */
const DATA: Extract<NewEvent, { type: 'command.completed' }>['data'] = {
  id: 'run/serial_dilution/mix_down.1/transfer.3/7/0',
  machine: 'star',
  method: 'aspirate',
  arguments: { wells: ['plate.A1', 'plate.B1'], volumes: [100, 100] },
  n: 7,
  retry: 0,
  row: 7,
  beganAtMs: 1_700_000_000_000,
  endedAtMs: 1_700_000_000_300,
  sends: 1,
  error: null,
};

const PLAIN = `create table bench_plain (id bigint generated always as identity primary key, type text not null, at timestamptz not null, run_id uuid, call_path text, data json not null);
create function append_plain(events json) returns void language plpgsql as $$ begin
  insert into bench_plain (type, at, run_id, call_path, data) select type, to_timestamp(at_ms / 1000), run_id, call_path, data::json
  from (select * from rows from (json_to_recordset(events) as (type text, "atMs" float8, "runId" uuid, "callPath" text, data text))
    with ordinality as told (type, at_ms, run_id, call_path, data, n)) as given order by n; end $$`;

export async function measureSequencer(db: Database, url: string): Promise<readonly Figure[]> {
  await sql.raw(PLAIN).execute(db);
  const holder = startSequencer(url);
  const standBy = startSequencer(url);
  try {
    await Promise.race([holder, standBy].map((child) => new Promise((resolve) => child.once('message', resolve))));
    const shares: Figure[] = [];
    for (const connections of CONNECTIONS) shares.push(await measureShare(db, connections));
    await waitUntilPlaced(db);
    return [...shares, await measureReadable(db, url), ...(await measureIdle(db, [holder, standBy]))];
  } finally {
    for (const child of [holder, standBy]) child.kill('SIGKILL');
  }
}

function startSequencer(url: string): ChildProcess {
  return fork(path.join(findProjectRoot(), 'dist', 'workers', 'sequencer-thread.js'), [url]);
}

async function measureShare(db: Database, connections: number): Promise<Figure> {
  const given = Array.from(
    { length: EVENTS_PER_TRANSACTION },
    (): NewEvent => ({ type: 'command.completed', atMs: Date.now(), runId: '00000000-0000-4000-8000-000000000001', data: DATA }),
  );
  const text = JSON.stringify(given.map((event) => ({ ...event, data: JSON.stringify(event.data) })));
  const ours = (): Promise<number> => countWrites(connections, () => db.transaction().execute((tx) => appendEvents(tx, given)));
  const plain = (): Promise<number> =>
    countWrites(connections, () => db.transaction().execute((tx) => sql`select append_plain(${text}::json)`.execute(tx)));
  const oursPerS: number[] = [];
  const plainPerS: number[] = [];
  await plain();
  for (let round = 0; round < ROUNDS; round += 1) {
    plainPerS.push(await plain());
    oursPerS.push(await ours());
    await waitUntilPlaced(db);
  }
  const ratios = oursPerS.map((perS, k) => perS / (plainPerS[k] ?? NaN));
  const detail = `${median(oursPerS).toFixed(0)} against ${median(plainPerS).toFixed(0)} transactions a second, from this one process`;
  return {
    name: `events with positions against plain inserts, ${connections} connections`,
    value: median(ratios),
    unit: '×',
    goal: { atLeast: GOAL_SHARE },
    detail,
    raw: { oursPerS, plainPerS },
  };
}

/** Transactions a second. */
async function countWrites(connections: number, write: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (; performance.now() - beganAtMs < ROUND_MS; count += 1) await write();
    }),
  );
  return (count / (performance.now() - beganAtMs)) * 1_000;
}

async function measureReadable(db: Database, url: string): Promise<Figure> {
  let pos = await latestPos(db);
  const waiting = new Map<number, (atMs: number) => void>();
  const listener = listenForNotifications({
    url,
    channels: ['praxis_events'],
    onError: () => undefined,
    onNotify: () => {
      void listEventsAfter(db, { after: pos, limit: 100 }).then((events) => {
        pos = Math.max(pos, events.at(-1)?.pos ?? pos);
        for (const { data } of events) waiting.get(Number(data['text']))?.(performance.now());
      });
    },
  });
  const tookMs: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    const seen = new Promise<number>((resolve) => waiting.set(probe, resolve));
    await db
      .transaction()
      .execute((tx) =>
        appendEvents(tx, [{ type: 'run.notified', atMs: Date.now(), runId: null, data: { title: 'probe', text: String(probe) } }]),
      );
    const committedAtMs = performance.now();
    tookMs.push(Math.max(0, (await seen) - committedAtMs));
    await sleep(PROBE_PAUSE_MS);
  }
  await listener.close();
  const detail = `median ${median(tookMs).toFixed(1)} ms, longest ${Math.max(...tookMs).toFixed(1)} ms`;
  return {
    name: 'commit to readable, 95th percentile',
    value: quantile(tookMs, 0.95),
    unit: 'ms',
    goal: { atMost: GOAL_READABLE_MS },
    detail,
    raw: { tookMs },
  };
}

/** The holder has the lock of its session; both have a process of their own here and a backend. */
async function measureIdle(db: Database, children: readonly ChildProcess[]): Promise<readonly Figure[]> {
  const { rows } = await sql<{ pid: number; isHolder: boolean }>`
    select pid, exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory') as "isHolder"
    from pg_stat_activity a where application_name = 'praxis-sequencer'`.execute(db);
  const measure = (pid: number): Promise<number> => measureProcessorMs([pid]);
  const pids = [...children.map(({ pid }) => pid ?? 0), ...rows.map(({ pid }) => pid)];
  const before = await Promise.all(pids.map(measure));
  await sleep(IDLE_MS);
  const perS = (await Promise.all(pids.map(measure))).map((ms, k) => (ms - (before[k] ?? 0)) / (IDLE_MS / 1_000));
  const processes = perS.slice(0, children.length);
  const backends = rows.map(({ isHolder }, k) => `${isHolder ? 'holder' : 'stand-by'} ${(perS[children.length + k] ?? NaN).toFixed(1)}`);
  const detail = `processor ms a second; the two processes ${processes.map((ms) => ms.toFixed(1)).join(' and ')}, their backends ${backends.join(', ')}`;
  return [
    {
      name: 'sequencer at idle, the dearer process',
      value: Math.max(...processes),
      unit: 'ms',
      goal: { atMost: GOAL_IDLE_MS },
      detail,
      raw: { perS },
    },
  ];
}
