// A lab of a hundred times the size: what reads and starts take in a database that is filled with so many workcells, runs and
// calls, without a lab around it. `--calls 10000000` fills as many calls as a large lab makes in years; it needs minutes.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import { migrateToLatest } from '../db/connection/migrate.js';
import { getCallTree } from '../db/runs/call.queries.js';
import { createRun } from '../db/runs/create-run.js';
import { findDefinition, publishDefinitions } from '../db/protocols/definition.queries.js';
import { listSilences } from '../db/workcells/heartbeat.queries.js';
import { listStartedRunIds } from '../db/runs/run.queries.js';
import { foldCallCounts, listCallStatistics } from '../db/protocols/statistics.queries.js';
import { invariant } from '../domain/errors/error.js';
import type { DiscoveredProtocol, PublishedProtocol } from '../domain/protocols/protocol.js';
import { startThrowAwayPostgres } from '../local/throw-away-postgres.js';
import type { Figure, Findings, Omission } from './figures.js';
import { measureRound } from './reconcile-round.js';
import { quantile } from './ratios.js';
import { measureSequencer } from './sequencer.js';
import type { Stage } from './stage.js';

const WORKCELLS = 1_000;
const OPEN_RUNS = 10_000;
const CALLS_DEFAULT = 200_000;
const CALLS_PER_STATEMENT = 100_000;
const TOLD_EACH_CALLS = 1_000_000;
const FUNCTIONS = 50;
const TREE_CALLS = 50_001;
const STARTS = 100;
const REPEATS = 15;

const PROTOCOL: DiscoveredProtocol = {
  ...{
    name: 'scale',
    version: '1.0.0',
    description: 'Takes what is free.',
    isTopLevel: true,
    kind: 'child',
    parameters: {},
    file: 'scale.ts',
    line: 1,
    exportName: 'scale',
  },
  assets: {
    lh: { kind: 'machine', type: 'LiquidHandler' },
    plate: { kind: 'labware', type: 'plate' },
    tips: { kind: 'labware', type: 'tip_rack' },
  },
};

export async function benchScale(stage: Stage): Promise<Findings> {
  const postgres = await startThrowAwayPostgres({ durable: true });
  const db = connectDatabase({ url: postgres.url, applicationName: 'bench-scale', poolMax: 60, isPatient: true });
  try {
    await migrateToLatest(db);
    const definition = await publish(db);
    stage.say(`  scale: filling ${WORKCELLS} workcells and ${OPEN_RUNS} open runs`);
    await fillWorkcells(db);
    await fillRuns(db, definition);
    const parts: readonly [string, () => Promise<readonly Figure[]>][] = [
      ['starts', async () => [await measureStarts(db, definition)]],
      ['reads', () => measureReads(db, stage)],
      ['call tree', async () => [await measureTree(db)]],
      ['round of the reconciler', async () => [await measureRound(stage, { rows: OPEN_RUNS, readRows: () => listStartedRunIds(db) })]],
      ['writers with and without positions', () => measureSequencer(db, postgres.url)],
    ];
    const figures: Figure[] = [];
    const omissions: Omission[] = [];
    for (const [name, measure] of parts) {
      stage.say(`  scale: ${name}`);
      // A machine too busy for one of them still has something to say of the others.
      await measure().then(
        (found) => {
          figures.push(...found);
        },
        (error: unknown) => {
          omissions.push({ name: `scale: ${name}`, because: error instanceof Error ? error.message : String(error) });
        },
      );
    }
    return { figures, omissions };
  } finally {
    await closeDatabase(db);
    await postgres.stop();
  }
}

async function publish(db: Database): Promise<PublishedProtocol> {
  await publishDefinitions(db, { source: 'scale', bundle: 'aaaaaaaaaaaa', definitions: [PROTOCOL] });
  const definition = await findDefinition(db, PROTOCOL.name);
  invariant(definition !== undefined, 'a definition that was just published is there');
  return definition;
}

async function fillWorkcells(db: Database): Promise<void> {
  await sql`insert into workcell (name, worker_heard_at, bridge_heard_at) select 'w' || k, now(), now() from generate_series(1, ${WORKCELLS}::int) k`.execute(
    db,
  );
  await sql`insert into asset (workcell_id, ordinal, kind, name, type, mode)
    select w.id, k, case when k = 0 then 'machine' else 'labware' end, w.name || '_' || k, (array['LiquidHandler', 'plate', 'plate', 'tip_rack', 'tip_rack', 'trough'])[k + 1],
      case when k = 0 then 'simulation' end
    from workcell w, generate_series(0, 5) k`.execute(db);
  await sql`insert into machine (asset_id, backend, backend_arguments) select id, 'x', '{}' from asset where kind = 'machine'`.execute(db);
  await sql`insert into labware (asset_id, catalogue_type, location, fresh, auto_replace)
    select id, 'x', '{"carrier":"c","site":0}', '{}', true from asset where kind = 'labware'`.execute(db);
}

async function fillRuns(db: Database, definition: PublishedProtocol): Promise<void> {
  await sql`insert into run (id, definition_id, workcell_id, protocol, version, bundle, status, mode, parameters, priority, created_by, created_at, started_at, workflow_run_id)
    select gen_random_uuid(), ${definition.id}::uuid, w.id, 'scale', '1.0.0', 'aaaaaaaaaaaa', 'running', 'simulation', '{}', 0, 'ada', now(), now(), 'w'
    from workcell w, generate_series(1, ${OPEN_RUNS / WORKCELLS}::int)`.execute(db);
  await sql`analyze`.execute(db);
}

async function fillCalls(db: Database, calls: number, say: Stage['say']): Promise<void> {
  for (let filled = 0; filled < calls; filled += CALLS_PER_STATEMENT) {
    if (filled > 0 && filled % TOLD_EACH_CALLS === 0) say(`  scale: ${filled} of ${calls} calls are there`);
    await sql`insert into call (run_id, path, name, version, kind, arguments, started_at, started_n, status, ended_at, ended_n)
      select r.id, 'scale/step.' || (k / ${OPEN_RUNS}::int), 'step_' || k % ${FUNCTIONS}, '1.0.0', 'inline', '{}', now(), 1, 'completed', now() + random() * interval '100 s', 2
      from (select id, row_number() over () - 1 as n from run) r join generate_series(${filled}::int, ${filled + CALLS_PER_STATEMENT - 1}::int) k on k % ${OPEN_RUNS} = r.n`.execute(
      db,
    );
    await foldCallCounts(db);
  }
  while ((await foldCallCounts(db)) > 0);
  await sql`vacuum analyze call_count`.execute(db);
}

async function measureStarts(db: Database, definition: PublishedProtocol): Promise<Figure> {
  const start = (): Promise<unknown> =>
    createRun(db, {
      ...{ id: randomUUID(), definition, parameters: {}, requestedAssets: {}, createdBy: 'ada', priority: 0 },
      requestHash: 'x',
      atMs: Date.now(),
    });
  await start();
  const tookMs = await repeat(STARTS, start);
  return toFigure(`start that names no assets, of ${WORKCELLS} workcells`, tookMs);
}

async function measureReads(db: Database, stage: Stage): Promise<readonly Figure[]> {
  const silenceMs = await repeat(REPEATS, () => listSilences(db));
  const given = process.argv.indexOf('--calls');
  const calls = given === -1 ? CALLS_DEFAULT : Number(process.argv[given + 1]);
  stage.say(`  scale: filling ${calls} calls`);
  await fillCalls(db, calls, stage.say);
  const statisticsMs = await repeat(REPEATS, () => listCallStatistics(db));
  return [
    toFigure(`silence of ${WORKCELLS} workcells with ${OPEN_RUNS} open runs`, silenceMs),
    { ...toFigure(`statistics of ${calls} calls`, statisticsMs), goal: { atMost: 20 } },
  ];
}

async function measureTree(db: Database): Promise<Figure> {
  const { rows } = await sql<{ id: string }>`select id from run order by id limit 1`.execute(db);
  const runId = rows[0]?.id ?? '';
  await sql`delete from call where run_id = ${runId}::uuid`.execute(db);
  await sql`insert into call (run_id, path, name, kind, arguments, started_at, started_n, status)
    select ${runId}::uuid, case when k = 0 then 'scale' else 'scale/step.' || k end, 'step', 'inline', '{}', now() + k * interval '1 ms', k, 'running'
    from generate_series(0, ${TREE_CALLS - 1}::int) k`.execute(db);
  await sql`analyze call`.execute(db);
  return toFigure(
    `first 1,000 calls of a tree of ${TREE_CALLS}`,
    await repeat(REPEATS, () => getCallTree(db, runId, { after: 0, limit: 1_000 })),
  );
}

async function repeat(count: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let k = 0; k < count; k += 1) {
    const beganAtMs = performance.now();
    await work();
    tookMs.push(performance.now() - beganAtMs);
  }
  return tookMs;
}

function toFigure(name: string, tookMs: readonly number[]): Figure {
  const detail = `median of ${tookMs.length}; p95 ${quantile(tookMs, 0.95).toFixed(1)} ms`;
  return { name, value: quantile(tookMs, 0.5), unit: 'ms', detail, raw: { tookMs } };
}
