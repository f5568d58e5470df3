// An item that nobody has named is bound when the run is granted it, not when the run was made: on a real Postgres.

import { sql } from 'kysely';
import type { AssetSpec, PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { Database } from '../connection/connect-database.js';
import { readHistory, STAR, toLabware, toProtocol, toRequest, useTestLab } from '../test-lab.js';
import { findDefinition, publishDefinitions } from '../protocols/definition.queries.js';
import { applyWorkcell, findAsset, quarantineMachine } from '../workcells/workcell.queries.js';
import { createRun } from './create-run.js';
import { claimForRun, listGrantableRuns, listReservations } from './reservation.queries.js';
import type { RunRequest } from './run-request.js';
import { closeRun, getRun } from './run.queries.js';
import { claimForUse, releaseUse } from './section-claim.js';

const AT_MS = 1_800_000_000_000;
const READER: AssetSpec = { kind: 'machine', type: 'PlateReader' };
const PLATE: AssetSpec = { kind: 'labware', type: 'plate', positions: 96 };

let db: Database;

const machine = (name: string, frontend: string): WorkcellSpec['machines'][number] => ({
  name,
  frontend,
  backend: 'x',
  backendArguments: {},
  mode: 'simulation',
});

useTestLab(async (lab) => {
  ({ db } = lab);
  const readers = [machine('reader', 'PlateReader'), machine('incubating_reader', 'PlateReader'), machine('arm', 'ExperimentalSCARA')];
  const labware = [...STAR.labware, toLabware('growth_plate', 'plate')];
  await applyWorkcell(db, { ...STAR, machines: [...STAR.machines, ...readers], labware });
});

let published = 0;
async function publish(assets: Readonly<Record<string, AssetSpec>>): Promise<PublishedProtocol> {
  const name = `protocol_${++published}`;
  await publishDefinitions(db, { source: name, bundle: 'bbbbbbbbbbbb', definitions: [toProtocol(assets, { name })] });
  return (await findDefinition(db, name))!;
}

let atMs = AT_MS;
async function start(definition: PublishedProtocol, requestedAssets: RunRequest['requestedAssets'] = {}): Promise<Run> {
  return (await createRun(db, toRequest(definition, { requestedAssets, atMs: ++atMs }))).run;
}

const endRun = (runId: string) => closeRun(db, { runId, status: 'completed', result: null, atMs: ++atMs });
const claim = (runId: string, mayRebind = true) => claimForRun(db, runId, ++atMs, { mayRebind });
const listBound = (run: Run | undefined) => Object.fromEntries(Object.entries(run?.assets ?? {}).map(([key, { name }]) => [key, name]));

test('the first reader that is free is taken, is told with the grant, and stays', async () => {
  const any = await publish({ reader: READER });
  const [first, second] = [await start(any, { reader: 'reader' }), await start(any, { reader: 'incubating_reader' })];
  const third = await start(any);
  expect(third).toMatchObject({ openAssets: ['reader'], waitingFor: [{ heldByRunId: first.id }] });
  expect(await getRun(db, third.id)).toEqual(third);
  expect(await listGrantableRuns(db, 9)).toEqual([]);
  await endRun(second.id);
  expect(await listGrantableRuns(db, 9)).toEqual([third.id]);
  // Workflow code of before, which could not be told, goes on waiting for what it was made with.
  expect(await claim(third.id, false)).toMatchObject({ granted: false });
  const granted = await claim(third.id);
  expect(granted).toMatchObject({ granted: true, assets: { reader: { name: 'incubating_reader', type: 'PlateReader' } } });
  expect(await claim(third.id)).toEqual(granted);
  const run = await getRun(db, third.id);
  expect([listBound(run), run?.openAssets, run?.waitingFor]).toEqual([{ reader: 'incubating_reader' }, undefined, undefined]);
  expect((await listReservations(db)).map(({ asset, runId }) => [asset, runId])).toEqual([
    ['incubating_reader', third.id],
    ['reader', first.id],
  ]);
  const told = (await readHistory(db, { runId: third.id, after: 0, limit: 9 })).find(({ type }) => type === 'run.granted');
  expect(told?.data).toMatchObject({ assets: { reader: 'incubating_reader' } });
  const { rows } = await sql`select from asset_wait`.execute(db);
  expect(rows).toEqual([]);
});

test('what somebody has named, or somebody else waits for, is never exchanged or taken', async () => {
  const any = await publish({ reader: READER });
  const [first, second] = [await start(any, { reader: 'reader' }), await start(any, { reader: 'incubating_reader' })];
  const named = await start(any, { reader: 'reader' });
  const earlier = await start(any, { reader: 'incubating_reader' });
  const open = await start(any);
  await endRun(second.id);
  expect(await claim(named.id)).toMatchObject({ granted: false });
  // The other reader is free, and wanted by a run that comes first.
  expect(await claim(open.id)).toMatchObject({ granted: false });
  expect(await listGrantableRuns(db, 9)).toEqual([earlier.id]);
  await endRun(earlier.id);
  expect(await listGrantableRuns(db, 9)).toEqual([open.id]);
  await endRun(first.id);
  // Its place in the queue of what it was made with is kept all the time.
  expect((await listGrantableRuns(db, 9)).sort()).toEqual([named.id, open.id].sort());
});

test('an item of another name is no stand-in for labware, nor a machine that is called otherwise, nor one that is quarantined', async () => {
  const both = await publish({ arm: { kind: 'machine', type: 'ExperimentalSCARA' }, plate: PLATE });
  const plates = await Promise.all(['plate_1', 'plate_2'].map(async (name) => start(await publish({ plate: PLATE }), { plate: name })));
  const run = await start(both);
  expect([listBound(run), run.openAssets]).toEqual([{ arm: 'arm', plate: 'plate_1' }, ['arm', 'plate']]);
  // growth_plate is free all the time.
  expect(await claim(run.id)).toMatchObject({ granted: false });
  await endRun(plates[1]!.id);
  expect(await claim(run.id)).toMatchObject({ granted: true, assets: { plate: { name: 'plate_2' } } });
  const any = await publish({ reader: READER });
  const holder = await start(any, { reader: 'reader' });
  const waiting = await start(any);
  const machineId = (await findAsset(db, 'incubating_reader'))!.id;
  await db.transaction().execute((tx) => quarantineMachine(tx, { machineId, reason: 'x', atMs }));
  expect(await claim(waiting.id)).toMatchObject({ granted: false });
  await endRun(holder.id);
  expect(await claim(waiting.id)).toMatchObject({ granted: true, assets: { reader: { name: 'reader' } } });
});

test('of many claims at once each free item goes to one run, in their order, and none is held twice', async () => {
  const any = await publish({ reader: READER });
  const holders = [await start(any, { reader: 'reader' }), await start(any, { reader: 'incubating_reader' })];
  const waiting: Run[] = [];
  for (let k = 0; k < 6; k += 1) waiting.push(await start(any));
  for (const { id } of holders) await endRun(id);
  const claims = await Promise.all(waiting.map(({ id }) => claim(id)));
  expect(claims.filter(({ granted }) => granted).length).toBeGreaterThan(0);
  for (const hinted of await listGrantableRuns(db, 9)) await claim(hinted);
  const held = await listReservations(db);
  expect(held.map(({ asset }) => asset)).toEqual(['incubating_reader', 'reader']);
  expect(new Set(held.map(({ runId }) => runId)).size).toBe(2);
  expect(held.map(({ runId }) => runId)).toContain(waiting[0]!.id);
});

test('a run that waits for any reader hears of the end of a section that holds another', async () => {
  const shared = await publish({ reader: { ...READER, hold: 'perUse' } });
  const user = await start(shared, { reader: 'incubating_reader' });
  const use = { runId: user.id, useId: 'shared/u1', assets: [user.assets['reader']!.id] };
  expect(await claimForUse(db, use, ++atMs)).toEqual(expect.any(Number));
  const any = await publish({ reader: READER });
  await start(any, { reader: 'reader' });
  const waiting = await start(any);
  expect(await claim(waiting.id)).toMatchObject({ granted: false });
  await releaseUse(db, use);
  expect(await listGrantableRuns(db, 9)).toEqual([waiting.id]);
  expect(await claim(waiting.id)).toMatchObject({ assets: { reader: { name: 'incubating_reader' } } });
});
