// Runs and their assets on a real Postgres: binding, claims, queues, idempotency, pages.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { AssetSpec, PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';
import type { Database } from '../connection/connect-database.js';
import { STAR, toLabware, toProtocol, toRequest, useTestLab, readHistory } from '../test-lab.js';
import { createRun } from './create-run.js';
import type { RunRequest } from './run-request.js';
import { findDefinition, publishDefinitions } from '../protocols/definition.queries.js';
import { claimForRun, listGrantableRuns, listReservations } from './reservation.queries.js';
import { closeRun, getRun, listOpenBundles, listRuns, markRunStarted } from './run.queries.js';
import { applyWorkcell, findAsset, listLabware, listMachines, quarantineMachine, releaseMachine } from '../workcells/workcell.queries.js';

const AT_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

async function start(given: Partial<RunRequest> = {}): Promise<Run> {
  return (await createRun(db, toRequest(definition, given))).run;
}

async function countRows(): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select (select count(*) from run) + (select count(*) from run_asset) + (select count(*) from event)
    + (select count(*) from idempotency_key) + (select count(*) from reservation) + (select count(*) from asset_wait) as n`.execute(db);
  return rows[0]?.n ?? -1;
}

async function publish(name: string, assets: Readonly<Record<string, AssetSpec>>): Promise<PublishedProtocol> {
  await publishDefinitions(db, { source: name, bundle: 'bbbbbbbbbbbb', definitions: [toProtocol(assets, { name })] });
  const found = await findDefinition(db, name);
  if (found === undefined) throw new Error(`${name} was not published`);
  return found;
}

const PLATE_2 = { plate: 'plate_2' };

describe('binding', () => {
  test('chooses fitting free items by name, keeps the order of the declaration, and reads back the same', async () => {
    const run = await start();
    expect(Object.entries(run.assets).map(([parameter, asset]) => [parameter, asset.name])).toEqual([
      ['lh', 'star'],
      ['plate', 'plate_1'],
      ['tips', 'tips_1'],
    ]);
    expect(run).toMatchObject({ status: 'queued', mode: 'simulation', bundle: 'aaaaaaaaaaaa', priority: 0, startedAt: null });
    expect(await getRun(db, run.id)).toEqual(run);
    expect(await listOpenBundles(db)).toEqual(['aaaaaaaaaaaa']);
    expect((await readHistory(db, { runId: run.id, after: 0, limit: 9 })).map((event) => [event.seq, event.type])).toEqual([
      [1, 'run.created'],
    ]);
    expect((await listReservations(db)).map((held) => [held.asset, held.runId])).toEqual([
      ['plate_1', run.id],
      ['star', run.id],
      ['tips_1', run.id],
    ]);
  });

  test('takes items by name and by id, and prefers what nobody waits for', async () => {
    const plate = await findAsset(db, 'plate_2');
    const first = await start({ requestedAssets: { plate: plate?.id ?? '' } });
    expect(first.assets['plate']?.name).toBe('plate_2');
    const second = await start({ atMs: AT_MS + 1 });
    expect([second.assets['plate']?.name, second.assets['tips']?.name]).toEqual(['plate_1', 'tips_2']);
    expect(second.waitingFor).toEqual([{ asset: 'star', heldByRunId: first.id, heldByProtocol: 'serial_dilution', reason: 'held' }]);
    const third = await start({ requestedAssets: { plate: 'plate_1' }, atMs: AT_MS + 2 });
    expect(third.waitingFor?.map((wait) => [wait.asset, wait.reason])).toEqual([
      ['plate_1', 'wanted-earlier'],
      ['star', 'held'],
      ['tips_1', 'held'],
    ]);
    expect(await getRun(db, third.id)).toEqual(third);
  });

  test.each([
    ['an asset that the protocol does not declare', { camera: 'star' }, 'UNKNOWN_ASSET', 'assets.camera'],
    ['an item that does not exist', { plate: 'plate_9' }, 'UNKNOWN_ASSET', 'assets.plate'],
    ['an id that does not exist', { plate: randomUUID() }, 'UNKNOWN_ASSET', 'assets.plate'],
    ['text that Postgres cannot hold', { plate: 'plate\u0000' }, 'UNKNOWN_ASSET', 'assets.plate'],
    ['another kind', { plate: 'star' }, 'ASSET_MISMATCH', 'assets.plate'],
    ['another category', { plate: 'tips_1' }, 'ASSET_MISMATCH', 'assets.plate'],
    ['another number of positions', { plate: 'small_plate' }, 'ASSET_MISMATCH', 'assets.plate'],
    ['an item of another workcell', { lh: 'star', plate: 'far_plate' }, 'ASSET_MISMATCH', 'assets.plate'],
  ])('refuses %s and writes nothing', async (_what, requestedAssets, code, field) => {
    await applyWorkcell(db, { name: 'far', machines: [], deck: null, labware: [toLabware('far_plate', 'plate')] });
    const before = await countRows();
    const refused = start({ requestedAssets, idempotencyKey: 'k' });
    await expect(refused).rejects.toMatchObject({ code, field });
    await expect(refused).rejects.toBeInstanceOf(LabError);
    expect(await countRows()).toBe(before);
  });

  test('one item is never two assets of a run, given or chosen', async () => {
    const plate: AssetSpec = { kind: 'labware', type: 'plate', positions: 96 };
    const anyPlate: AssetSpec = { kind: 'labware', type: 'plate' };
    const three = await publish('three_plates', { any: anyPlate, source: plate, target: plate });
    const run = await start({ definition: three });
    expect(Object.values(run.assets).map((asset) => asset.name)).toEqual(['small_plate', 'plate_1', 'plate_2']);
    await expect(start({ definition: three, requestedAssets: { source: 'plate_1', target: 'plate_1' } })).rejects.toMatchObject({
      code: 'ASSET_MISMATCH',
      field: 'assets.target',
    });
    const four = await publish('four_plates', { a: plate, b: plate, c: plate });
    await expect(start({ definition: four })).rejects.toMatchObject({ code: 'ASSET_UNAVAILABLE', field: 'assets.c' });
  });

  test('a free real machine is not taken because the simulated one is busy', async () => {
    await applyWorkcell(db, { ...STAR, machines: [...STAR.machines, { ...STAR.machines[0]!, name: 'a_real_star', mode: 'hardware' }] });
    await start();
    const second = await start({ atMs: AT_MS + 1 });
    expect([second.mode, second.assets['lh']?.name, second.waitingFor?.[0]?.asset]).toEqual(['simulation', 'star', 'star']);
    const real = await start({ requestedAssets: { lh: 'a_real_star', ...PLATE_2, tips: 'tips_2' } });
    expect(real.mode).toBe('hardware');
  });

  test('a machine serves where what it is built on is wanted; one that is no more than that comes first', async () => {
    const simulated = { backend: 'x', backendArguments: {}, mode: 'simulation' as const };
    const heaterShaker = { ...simulated, name: 'heater_shaker', frontend: 'HeaterShaker' };
    const shaking = await publish('shaking', { shaker: { kind: 'machine', type: 'Shaker' } });
    const warming = await publish('warming', { warmer: { kind: 'machine', type: 'TemperatureController' } });
    await applyWorkcell(db, { ...STAR, machines: [...STAR.machines, heaterShaker] });
    expect((await start({ definition: shaking })).assets['shaker']).toMatchObject({ name: 'heater_shaker', type: 'HeaterShaker' });
    expect((await start({ definition: warming, requestedAssets: { warmer: 'heater_shaker' } })).assets['warmer']?.name).toBe(
      'heater_shaker',
    );
    await expect(start({ definition: warming, requestedAssets: { warmer: 'star' } })).rejects.toMatchObject({ code: 'ASSET_MISMATCH' });
    await applyWorkcell(db, { ...STAR, machines: [heaterShaker, { ...simulated, name: 'the_shaker', frontend: 'Shaker' }] });
    expect((await start({ definition: shaking })).assets['shaker']?.name).toBe('the_shaker');
    const heating = await publish('heating_and_shaking', { both: { kind: 'machine', type: 'HeaterShaker' } });
    await expect(start({ definition: heating, requestedAssets: { both: 'the_shaker' } })).rejects.toMatchObject({ code: 'ASSET_MISMATCH' });
  });

  test('a protocol without assets is granted at once', async () => {
    const run = await start({ definition: await publish('thinker', {}) });
    expect([run.assets, run.waitingFor]).toEqual([{}, undefined]);
    expect(await claimForRun(db, run.id, AT_MS)).toMatchObject({ granted: true });
  });
});

describe('queue', () => {
  test('a released asset goes to the next in order, with a higher fence, once', async () => {
    const first = await start();
    const second = await start({ requestedAssets: { plate: 'plate_1' }, atMs: AT_MS + 1 });
    const third = await start({ requestedAssets: PLATE_2, atMs: AT_MS + 2 });
    expect(await listGrantableRuns(db, 10)).toEqual([]);
    expect(await closeRun(db, { runId: first.id, status: 'completed', result: null, atMs: AT_MS + 5 })).toEqual({ closed: true });
    expect(await listGrantableRuns(db, 10)).toEqual([second.id]);
    expect(await claimForRun(db, third.id, AT_MS)).toEqual({
      granted: false,
      waitingFor: [{ asset: 'star', reason: 'wanted-earlier', heldByRunId: second.id, heldByProtocol: 'serial_dilution' }],
    });
    await markRunStarted(db, { runId: second.id, workflowRunId: 'w', atMs: AT_MS + 5 });
    const claim = await claimForRun(db, second.id, AT_MS + 6);
    expect(claim).toMatchObject({ granted: true });
    expect(await claimForRun(db, second.id, AT_MS + 7)).toEqual(claim);
    expect((await getRun(db, second.id))?.status).toBe('running');
    const events = await readHistory(db, { runId: second.id, after: 0, limit: 9 });
    expect(events.map((event) => event.type)).toEqual(['run.created', 'run.waiting', 'run.started', 'run.granted']);
    const fences = (await listReservations(db)).map((held) => held.fence);
    expect(new Set(fences).size).toBe(1);
    expect(fences[0]).toBeGreaterThan(1);
  });

  test('priority goes first, and an hour of waiting outweighs one step of it', async () => {
    const holder = await start();
    const old = await start({ atMs: AT_MS + 1 });
    const urgent = await start({ priority: 1, atMs: AT_MS + 2 });
    const late = await start({ priority: 1, atMs: AT_MS + 2 + HOUR_MS });
    await closeRun(db, { runId: holder.id, status: 'failed', atMs: AT_MS + 3 });
    const served: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const [next] = await listGrantableRuns(db, 1);
      expect(await claimForRun(db, next ?? '', AT_MS)).toMatchObject({ granted: true });
      served.push(next ?? '');
      await closeRun(db, { runId: next ?? '', status: 'completed', atMs: AT_MS });
    }
    expect(served).toEqual([urgent.id, old.id, late.id]);
  });

  test('a quarantined machine is waited for, by name of the run that left it so', async () => {
    const bad = await start();
    const error = { code: 'RUN_TERMINATED', message: 'Ended from outside.' };
    await closeRun(db, { runId: bad.id, status: 'failed', error, atMs: AT_MS, quarantineMachines: ['star'] });
    expect(await listMachines(db)).toMatchObject([
      { name: 'star', status: 'quarantined', statusReason: 'Ended from outside.', heldByRunId: null },
    ]);
    const next = await start();
    expect(next.waitingFor).toEqual([{ asset: 'star', heldByRunId: bad.id, heldByProtocol: 'serial_dilution', reason: 'quarantined' }]);
    expect(await listGrantableRuns(db, 10)).toEqual([]);
    const machineId = (await findAsset(db, 'star'))?.id ?? '';
    await releaseMachine(db, { machineId, atMs: AT_MS, releasedBy: 'ada', note: 'deck is clear' });
    await releaseMachine(db, { machineId, atMs: AT_MS, releasedBy: 'ada', note: 'deck is clear' });
    expect(await listGrantableRuns(db, 10)).toEqual([next.id]);
    const types = (await readHistory(db, { after: 0, limit: 99 })).map((event) => event.type);
    expect(types).toEqual(['run.created', 'machine.quarantined', 'run.failed', 'run.created', 'run.waiting', 'machine.released']);
    await expect(
      db.transaction().execute((tx) => quarantineMachine(tx, { machineId: 'plate_1', reason: 'x', atMs: AT_MS })),
    ).rejects.toMatchObject({
      code: 'MACHINE_NOT_FOUND',
    });
  });

  test('100 parallel starts for the same assets: one is granted, the rest wait in order', async () => {
    const requests = Array.from({ length: 100 }, (_, i) =>
      toRequest(definition, { atMs: AT_MS + i, requestedAssets: { plate: 'plate_1', tips: 'tips_1' } }),
    );
    const runs = await Promise.all(requests.map(async (request) => (await createRun(db, request)).run));
    expect(runs.filter((run) => run.waitingFor === undefined)).toHaveLength(1);
    let current = runs.find((run) => run.waitingFor === undefined)?.id ?? '';
    const waiting = runs.map((run) => run.id).filter((id) => id !== current);
    const fences: number[] = [];
    for (const expected of waiting.slice(0, 5)) {
      await closeRun(db, { runId: current, status: 'completed', atMs: AT_MS });
      const claims = await Promise.all(
        waiting.slice(0, 8).map(async (id) => ({ id, claim: await claimForRun(db, id, AT_MS).catch(() => undefined) })),
      );
      const granted = claims.filter(({ id, claim }) => claim?.granted === true && !fences.includes(claim.fence) && id === expected);
      expect(granted).toHaveLength(1);
      if (granted[0]?.claim?.granted === true) fences.push(granted[0].claim.fence);
      current = expected;
    }
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(await listReservations(db)).toHaveLength(3);
  });

  test('runs over crossing halves of six assets never wait in a circle', async () => {
    const labware = Array.from({ length: 6 }, (_, i) => toLabware(`p${i}`, 'plate'));
    await applyWorkcell(db, { name: 'six', machines: [], deck: null, labware });
    const plate: AssetSpec = { kind: 'labware', type: 'plate' };
    const three = await publish('three', { a: plate, b: plate, c: plate });
    const picks = [
      [0, 1, 2],
      [2, 3, 4],
      [4, 5, 0],
      [5, 3, 1],
      [1, 4, 2],
    ];
    const rounds = Array.from({ length: 4 }, async (_, round) => {
      for (const [a, b, c] of picks) {
        await start({ definition: three, atMs: AT_MS + round, requestedAssets: { a: `p${a}`, b: `p${b}`, c: `p${c}` } });
      }
    });
    await Promise.all(rounds);
    let served = 0;
    for (;;) {
      const open = (await listRuns(db, { limit: 100, status: 'queued' })).items;
      if (open.length === 0) break;
      const holding = open.filter((run) => run.waitingFor === undefined);
      expect(holding.length).toBeGreaterThan(0);
      await Promise.all(holding.map((run) => closeRun(db, { runId: run.id, status: 'completed', atMs: AT_MS })));
      served += holding.length;
      await Promise.all(open.filter((run) => run.waitingFor !== undefined).map((run) => claimForRun(db, run.id, AT_MS)));
    }
    expect(served).toBe(20);
    expect(await listReservations(db)).toEqual([]);
  });
});

describe('idempotency', () => {
  test('the same key gives the same run, another request is refused, another person has own keys', async () => {
    const first = await createRun(db, toRequest(definition, { idempotencyKey: 'k' }));
    const again = await createRun(db, toRequest(definition, { idempotencyKey: 'k' }));
    expect([first.created, again.created, again.run]).toEqual([true, false, first.run]);
    const before = await countRows();
    await expect(start({ idempotencyKey: 'k', requestHash: 'other' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    expect(await countRows()).toBe(before);
    expect((await start({ idempotencyKey: 'k', createdBy: 'bob' })).id).not.toBe(first.run.id);
  });

  test('20 parallel repeats make one run', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => createRun(db, toRequest(definition, { idempotencyKey: 'race' }))));
    expect(answers.filter((answer) => answer.created)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.run.id)).size).toBe(1);
    expect((await listRuns(db, { limit: 10 })).items).toHaveLength(1);
  });
});

describe('reading', () => {
  test('lists newest first in pages, by status and protocol, and refuses a foreign cursor', async () => {
    const ids = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000003'];
    for (const id of ids) await start({ id });
    expect((await listLabware(db)).find((item) => item.name === 'plate_1')).toMatchObject({
      status: 'in-use',
      heldByRunId: ids[0],
      positions: 96,
    });
    await closeRun(db, { runId: ids[0] ?? '', status: 'completed', result: { od: 1 }, atMs: AT_MS });
    const page = await listRuns(db, { limit: 2 });
    const rest = await listRuns(db, { limit: 2, cursor: page.nextCursor });
    expect([...page.items, ...rest.items].map((run) => run.id)).toEqual([...ids].reverse());
    expect(rest).not.toHaveProperty('nextCursor');
    expect((await listRuns(db, { limit: 9, status: 'completed' })).items).toMatchObject([{ id: ids[0], result: { od: 1 } }]);
    expect((await listRuns(db, { limit: 9, protocol: 'other' })).items).toEqual([]);
    await expect(listRuns(db, { limit: 9, cursor: 'bm9wZQ' })).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'cursor' });
    expect(await getRun(db, 'no-uuid')).toBeUndefined();
  });
});
