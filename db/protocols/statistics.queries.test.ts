// Statistics of calls on a real Postgres: by version, nested functions too, each command with the call that gave it, no
// call counted twice, and none read.

import { sql, type Kysely } from 'kysely';
import type { CallEntry } from '../../domain/runs/call.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import * as callCounts from '../migrations/0013-call-counts.js';
import { toRequest, useTestLab } from '../test-lab.js';
import { recordCalls } from '../runs/call.queries.js';
import { closeRun } from '../runs/close-run.js';
import { createRun } from '../runs/create-run.js';
import { foldCallCounts, listCallStatistics } from './statistics.queries.js';

/** Runs are created at this time. */
const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;
let runId: string;

useTestLab(async (lab) => {
  ({ db, definition } = lab);
  runId = (await createRun(db, toRequest(definition))).run.id;
});

interface TimedCall {
  readonly path: string;
  readonly name: string;
  readonly version?: string;
  readonly fromMs?: number;
  readonly tookMs?: number;
  readonly ends?: 'completed' | 'failed' | 'cancelled';
}

const toInstant = (ms: number): string => new Date(AT_MS + ms).toISOString();

async function record(calls: readonly TimedCall[], run = runId): Promise<void> {
  const entries = calls.flatMap(({ path, name, version = '1.0.0', fromMs = 0, tookMs = 0, ends }): Omit<CallEntry, 'n'>[] => [
    { phase: 'started', path, atMs: AT_MS + fromMs, name, version, kind: path.includes('/') ? 'inline' : 'run', arguments: {} },
    ...(ends === undefined ? [] : [{ phase: ends, path, atMs: AT_MS + fromMs + tookMs, ...(ends === 'completed' && { result: null }) }]),
  ]);
  await recordCalls(db, run, { workflowId: run, entries: entries.map((entry, index) => ({ ...entry, n: index + 1 })) });
}

async function insertCommands(callPath: string, count: number, run = runId): Promise<void> {
  await sql`insert into command (id, run_id, call_path, n, retry, machine, method, arguments, fence, status)
    select ${run}::text || '/' || ${callPath}::text || '/' || n || '/0', ${run}::uuid, ${callPath}::text, n, 0, 'star', 'aspirate', '{}', 1, 'completed'
    from generate_series(1, ${count}::int) as n`.execute(db);
}

test('calls are counted by version, with how they ended and how long the ended ones took', async () => {
  await record([
    { path: 'p', name: 'p' },
    ...Array.from(
      { length: 20 },
      (_, i): TimedCall => ({
        path: `p/mix.${i + 1}`,
        name: 'mix',
        fromMs: i,
        tookMs: (20 - i) * 10,
        ends: i < 17 ? 'completed' : i < 19 ? 'failed' : 'cancelled',
      }),
    ),
    { path: 'p/mix.21', name: 'mix', fromMs: 100 },
    { path: 'p/mix.22', name: 'mix', version: '2.0.0', fromMs: 200, tookMs: 0, ends: 'completed' },
    { path: 'p/mix_down.1', name: 'mix_down', fromMs: 300 },
  ]);
  expect(await listCallStatistics(db, { name: 'mix' })).toEqual([
    {
      name: 'mix',
      version: '2.0.0',
      calls: 1,
      completed: 1,
      failed: 0,
      cancelled: 0,
      running: 0,
      durationMs: { p50: 0, p95: 0, max: 0 },
      commandsPerCall: 0,
      firstStartedAt: toInstant(200),
      lastStartedAt: toInstant(200),
    },
    {
      name: 'mix',
      version: '1.0.0',
      calls: 21,
      completed: 17,
      failed: 2,
      cancelled: 1,
      running: 1,
      durationMs: { p50: 100, p95: 190, max: 200 },
      commandsPerCall: 0,
      firstStartedAt: toInstant(0),
      lastStartedAt: toInstant(100),
    },
  ]);
  expect((await listCallStatistics(db)).map(({ name, version, durationMs }) => [name, version, durationMs?.max])).toEqual([
    ['mix', '2.0.0', 0],
    ['mix', '1.0.0', 200],
    ['mix_down', '1.0.0', undefined],
    ['p', '1.0.0', undefined],
  ]);
});

test('a command counts for the call that gave it, in its run, and not for the calls above', async () => {
  const other = (await createRun(db, toRequest(definition))).run.id;
  const calls: TimedCall[] = [
    { path: 'p', name: 'p' },
    { path: 'p[1.2]/mix.1', name: 'mix' },
    { path: 'p/mix.2', name: 'mix' },
    { path: 'p/mix.2/wash.1', name: 'wash' },
  ];
  await record(calls);
  await record(calls.slice(0, 2), other);
  await insertCommands('p', 2);
  await insertCommands('p[1.2]/mix.1', 3);
  await insertCommands('p/mix.2', 1);
  await insertCommands('p/mix.2/wash.1', 7);
  await insertCommands('p[1.2]/mix.1', 4, other);
  const perCall = async (name: string): Promise<unknown> =>
    (await listCallStatistics(db, { name })).map(({ calls: count, commandsPerCall }) => [count, commandsPerCall]);
  expect(await perCall('p')).toEqual([[2, 1]]);
  expect(await perCall('mix')).toEqual([[3, 2.67]]);
  expect(await perCall('wash')).toEqual([[1, 7]]);
});

test('calls that a run took over from the one it continues count once', async () => {
  const taken: TimedCall = { path: 'p/mix.1', name: 'mix', fromMs: 1000, tookMs: 500, ends: 'completed' };
  await record([{ path: 'p', name: 'p' }, taken, { path: 'p/mix.2', name: 'mix', fromMs: 2000, tookMs: 100, ends: 'failed' }]);
  await closeRun(db, { runId, status: 'failed', atMs: AT_MS + 3000 });
  const continues = { runId, ledger: [], from: 'p/mix.2', reason: '' };
  const next = (await createRun(db, toRequest(definition, { continues, atMs: AT_MS + 10_000 }))).run.id;
  await record(
    [{ path: 'p', name: 'p', fromMs: 11_000 }, taken, { path: 'p/mix.2', name: 'mix', fromMs: 11_000, tookMs: 300, ends: 'completed' }],
    next,
  );
  expect(await listCallStatistics(db, { name: 'mix' })).toMatchObject([
    { calls: 3, completed: 2, failed: 1, durationMs: { p50: 300, max: 500 } },
  ]);
  expect(await listCallStatistics(db, { name: 'p' })).toMatchObject([{ calls: 2, cancelled: 1, running: 1 }]);
});

test('a call of which only the end is known, and a name that nothing was called by, have no entry', async () => {
  await recordCalls(db, runId, { workflowId: runId, entries: [{ n: 2, phase: 'completed', path: 'p/mix.1', atMs: AT_MS, result: null }] });
  expect(await listCallStatistics(db)).toEqual([]);
  expect(await listCallStatistics(db, { name: 'mix' })).toEqual([]);
  expect(await listCallStatistics(db, { name: 'mix\0' })).toEqual([]);
});

test('sums stay the same when they are folded, whoever folds, and a changed end moves a call from one to the other', async () => {
  const mixes = Array.from(
    { length: 50 },
    (_, i): TimedCall => ({ path: `p/mix.${i + 1}`, name: 'mix', fromMs: i, tookMs: 1234 + i, ends: 'completed' }),
  );
  await record([{ path: 'p', name: 'p' }, ...mixes]);
  const before = await listCallStatistics(db);
  expect(before[0]).toMatchObject({ calls: 50, completed: 50, durationMs: { p50: 1250, p95: 1283, max: 1283 } });
  const folded = await Promise.all([1, 2, 3].map(() => foldCallCounts(db)));
  expect(Math.max(...folded)).toBeGreaterThan(0);
  expect(await listCallStatistics(db)).toEqual(before);
  expect(await foldCallCounts(db)).toBe(0);
  await closeRun(db, { runId, status: 'cancelled', atMs: AT_MS + 5000 });
  expect(await listCallStatistics(db, { name: 'p' })).toMatchObject([{ calls: 1, cancelled: 1, running: 0 }]);
  await recordCalls(db, runId, { workflowId: runId, entries: [{ n: 999, phase: 'failed', path: 'p', atMs: AT_MS + 700 }] });
  await foldCallCounts(db);
  expect(await listCallStatistics(db, { name: 'p' })).toMatchObject([{ calls: 1, cancelled: 0, failed: 1, durationMs: { p50: 700 } }]);
});

test('commands count for their call also where they are told before it, and in its iterations', async () => {
  await insertCommands('p/mix.1', 2);
  await insertCommands('p/mix.1[1.3](2.1)', 3);
  expect(await listCallStatistics(db)).toEqual([]);
  await record([
    { path: 'p', name: 'p' },
    { path: 'p/mix.1', name: 'mix' },
  ]);
  await insertCommands('p/mix.1[1.4]', 1);
  expect(await listCallStatistics(db, { name: 'mix' })).toMatchObject([{ calls: 1, commandsPerCall: 6 }]);
});

test('what was called before sums were kept is counted once', async () => {
  await record([{ path: 'p', name: 'p', tookMs: 40, ends: 'completed' }]);
  await insertCommands('p', 3);
  const before = await listCallStatistics(db);
  await sql`drop table call_count, call_count_delta, command_uncounted; drop function to_bucket_ms; drop function count_new_calls, count_changed_calls, count_commands cascade;
    create index call_function on call (name, version)`.execute(db);
  await db.transaction().execute((tx) => callCounts.up(tx as unknown as Kysely<unknown>));
  expect(await listCallStatistics(db)).toEqual(before);
});

test('neither calls nor commands are read', async () => {
  await record([{ path: 'p', name: 'rare' }]);
  await insertCommands('p', 2);
  await db.transaction().execute(async (tx) => {
    const countScans = () =>
      sql`select relname, seq_scan, idx_scan from pg_stat_xact_user_tables where relname in ('call', 'command', 'run') order by 1`.execute(
        tx,
      );
    const before = await countScans();
    expect(await listCallStatistics(tx, { name: 'rare' })).toMatchObject([{ calls: 1, commandsPerCall: 2 }]);
    expect((await countScans()).rows).toEqual(before.rows);
  });
});
