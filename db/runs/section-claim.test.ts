// Shared machines on a real Postgres: sections of several runs, their order, their fences, and their end.

import { sql } from 'kysely';
import type { AssetSpec, PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';
import type { Database } from '../connection/connect-database.js';
import { STAR, toProtocol, toRequest, useTestLab, readHistory } from '../test-lab.js';
import { createRun } from './create-run.js';
import type { RunRequest } from './run-request.js';
import { findDefinition, publishDefinitions } from '../protocols/definition.queries.js';
import { listGrantableRuns, listReservations } from './reservation.queries.js';
import { closeRun, getRun, listUnstartedRuns } from './run.queries.js';
import { claimForUse, releaseUse, type SectionClaim } from './section-claim.js';
import { listMachines } from '../assets/asset.queries.js';
import { applyWorkcell } from '../workcells/workcell.queries.js';

const AT_MS = 1_800_000_000_000;
const PLATE: AssetSpec = { kind: 'labware', type: 'plate', positions: 96 };

let db: Database;
let sharing: PublishedProtocol;
let greedy: PublishedProtocol;

useTestLab(async (lab) => {
  ({ db } = lab);
  const machine = { backend: 'X', backendArguments: {}, mode: 'simulation' } as const;
  const machines = [
    ...STAR.machines,
    { ...machine, name: 'arm', frontend: 'SCARA' },
    { ...machine, name: 'reader', frontend: 'PlateReader' },
  ];
  await applyWorkcell(db, { ...STAR, machines });
  sharing = await publish('sharing', {
    plate: PLATE,
    arm: { kind: 'machine', type: 'SCARA', hold: 'perUse' },
    reader: { kind: 'machine', type: 'PlateReader', hold: 'perUse' },
  });
  greedy = await publish('greedy', { plate: PLATE, arm: { kind: 'machine', type: 'SCARA' } });
});

async function publish(name: string, assets: Readonly<Record<string, AssetSpec>>): Promise<PublishedProtocol> {
  await publishDefinitions(db, { source: name, bundle: 'bbbbbbbbbbbb', definitions: [toProtocol(assets, { name })] });
  const found = await findDefinition(db, name);
  if (found === undefined) throw new Error(`${name} was not published`);
  return found;
}

async function start(definition: PublishedProtocol, given: Partial<RunRequest> = {}): Promise<Run> {
  return (await createRun(db, toRequest(definition, given))).run;
}

function toClaim(run: Run, useId: string, parameters: readonly string[]): SectionClaim {
  return { runId: run.id, useId, assets: parameters.map((parameter) => run.assets[parameter]?.id ?? '') };
}

async function listHolders(): Promise<string[][]> {
  return (await listReservations(db)).map((held) => [held.asset, held.runId, held.useId ?? '']);
}

test('a run is granted without the machines it shares; sections of two runs take turns, with rising fences', async () => {
  const [one, two] = [await start(sharing), await start(sharing)];
  expect([one.waitingFor, two.waitingFor, one.assets['arm']?.name, two.assets['arm']?.name]).toEqual([undefined, undefined, 'arm', 'arm']);
  expect(await listHolders()).toEqual([
    ['plate_1', one.id, ''],
    ['plate_2', two.id, ''],
  ]);
  const [first, second] = [toClaim(one, 'root/u1', ['arm', 'reader']), toClaim(two, 'root/u1', ['arm'])];
  const fence = await claimForUse(db, first, AT_MS + 1);
  expect(fence).toBeGreaterThan(2);
  expect(await claimForUse(db, first, AT_MS + 2)).toBe(fence);
  expect([await claimForUse(db, second, AT_MS + 3), await claimForUse(db, second, AT_MS + 4)]).toEqual([null, null]);
  expect((await getRun(db, two.id))?.waitingFor).toEqual([
    { asset: 'arm', heldByRunId: one.id, heldByProtocol: 'sharing', reason: 'held' },
  ]);
  expect(await listGrantableRuns(db, 9)).toEqual([]);
  // Who asks again later comes later, also where it is the one who has just let go.
  await releaseUse(db, first);
  expect(await listGrantableRuns(db, 9)).toEqual([two.id]);
  expect(await claimForUse(db, toClaim(one, 'root/u2', ['arm']), AT_MS + 5)).toBeNull();
  expect(await claimForUse(db, second, AT_MS + 6)).toBeGreaterThan(fence ?? 0);
  expect(await getRun(db, two.id)).not.toHaveProperty('waitingFor');
  expect(await listHolders()).toContainEqual(['arm', two.id, 'root/u1']);
  const told = (await readHistory(db, { runId: two.id, after: 0, limit: 9 })).map((event) => event.type);
  expect(told).toEqual(['run.created', 'run.waiting', 'run.granted']);
  // The end of a run ends its sections and its waits.
  await closeRun(db, { runId: two.id, status: 'failed', atMs: AT_MS });
  await closeRun(db, { runId: one.id, status: 'failed', atMs: AT_MS });
  expect([await listHolders(), await db.selectFrom('asset_wait').selectAll().execute()]).toEqual([[], []]);
  await expect(claimForUse(db, second, AT_MS)).rejects.toMatchObject({ code: 'RUN_TERMINATED' });
});

test('two sections of one run wait for each other; a foreign asset is refused; what the run holds needs no section', async () => {
  const run = await start(sharing);
  await claimForUse(db, toClaim(run, 'root/u1', ['reader']), AT_MS);
  expect(await claimForUse(db, toClaim(run, 'root/u2', ['reader', 'arm']), AT_MS)).toBeNull();
  expect(await claimForUse(db, toClaim(run, 'root/u3', ['reader']), AT_MS + 1)).toBeNull();
  // A release without a claim ends the wait.
  await releaseUse(db, toClaim(run, 'root/u2', ['reader', 'arm']));
  await releaseUse(db, toClaim(run, 'root/u1', ['reader']));
  expect(await claimForUse(db, toClaim(run, 'root/u3', ['reader']), AT_MS + 2)).toBeGreaterThan(0);
  await expect(claimForUse(db, { runId: run.id, useId: 'root/u4', assets: ['x'] }, AT_MS)).rejects.toMatchObject({ code: 'UNKNOWN_ASSET' });
  const runFence = (await listReservations(db)).find((held) => held.asset === 'plate_1')?.fence;
  expect(await claimForUse(db, toClaim(run, 'root/u5', ['plate']), AT_MS)).toBe(runFence);
});

test('a section never waits for a queued run, which may be waiting for its run', async () => {
  const sharer = await start(sharing, { atMs: AT_MS + 1 });
  const queued = await start(greedy, { requestedAssets: { plate: 'plate_1' }, priority: 9 });
  expect(queued.waitingFor).toMatchObject([{ asset: 'plate_1', heldByRunId: sharer.id }]);
  const section = toClaim(sharer, 'root/u1', ['arm']);
  expect(await claimForUse(db, section, AT_MS + 2)).not.toBeNull();
  await releaseUse(db, section);
  // The other way round the holder of a whole run is waited for.
  const holder = await start(greedy, { requestedAssets: { plate: 'plate_2' }, priority: 99 });
  expect(holder.waitingFor).toBeUndefined();
  expect(await claimForUse(db, section, AT_MS + 3)).toBeNull();
  await closeRun(db, { runId: holder.id, status: 'completed', atMs: AT_MS });
  expect(await listGrantableRuns(db, 9)).toEqual([sharer.id]);
});

test('twenty sections over two machines, many at once: each is served, never two at a time', async () => {
  const runs = [await start(sharing), await start(sharing)];
  const claims = Array.from({ length: 20 }, (_, i) =>
    toClaim(runs[i % 2] as Run, `root/u${i}`, i % 3 === 0 ? ['arm', 'reader'] : [i % 3 === 1 ? 'arm' : 'reader']),
  );
  const fences = new Map<string, number[]>();
  let waiting = claims;
  while (waiting.length > 0) {
    const answers = await Promise.all(waiting.map(async (claim) => ({ claim, fence: await claimForUse(db, claim, AT_MS) })));
    const granted = answers.filter(({ fence }) => fence !== null);
    expect(granted.length).toBeGreaterThan(0);
    const held = granted.flatMap(({ claim }) => claim.assets);
    expect(new Set(held).size).toBe(held.length);
    for (const { claim, fence } of granted) {
      for (const asset of claim.assets) fences.set(asset, [...(fences.get(asset) ?? []), fence ?? 0]);
    }
    await Promise.all(granted.map(({ claim }) => releaseUse(db, claim)));
    waiting = waiting.filter((claim) => !granted.some((answer) => answer.claim === claim));
  }
  for (const seen of fences.values()) expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('a scaled run that continues another says so; time on real machines is not scaled', async () => {
  const failed = await start(sharing);
  await closeRun(db, { runId: failed.id, status: 'failed', atMs: AT_MS });
  const ledger = { v: 1, entries: ['x'.repeat(50_000)] };
  const run = await start(sharing, { timeScale: 1000, continues: { runId: failed.id, ledger, from: 'sharing', reason: '' } });
  expect(run).toMatchObject({ timeScale: 1000, continuesRunId: failed.id });
  expect(await getRun(db, run.id)).toEqual(run);
  const [unstarted] = await listUnstartedRuns(db, 9);
  expect(unstarted?.envelope).toMatchObject({ v: 2, timeScale: 1000, continues: { runId: failed.id, ledger } });
  await sql`update asset set mode = 'hardware' where kind = 'machine'`.execute(db);
  await expect(start(sharing, { timeScale: 2 })).rejects.toMatchObject({ code: 'PARAMETER_RANGE', field: 'timeScale' });
  expect((await start(sharing)).mode).toBe('hardware');
});

describe('machines that a run leaves in doubt', () => {
  const listDoubtful = async (): Promise<string[]> =>
    (await listMachines(db)).flatMap(({ name, status }) => (status === 'quarantined' ? [name] : []));

  test('at the end of a run are those that it holds, and not those that it shares and does not use just then', async () => {
    const run = await start(sharing);
    await claimForUse(db, toClaim(run, 'root/u1', ['arm']), AT_MS);
    await releaseUse(db, toClaim(run, 'root/u1', ['arm']));
    await claimForUse(db, toClaim(run, 'root/u2', ['reader']), AT_MS);
    const ids = Object.values(run.assets).flatMap(({ id, kind }) => (kind === 'machine' ? [id] : []));
    await closeRun(db, { runId: run.id, status: 'failed', atMs: AT_MS, quarantineMachines: ids });
    expect(await listDoubtful()).toEqual(['reader']);
  });

  test('at the end of a section are those that it held, and nobody gets them; told twice changes nothing', async () => {
    const [run, other] = [await start(sharing), await start(sharing)];
    const claim = toClaim(run, 'root/u1', ['arm']);
    const doubt = { reason: "Cleanup 'close' failed", atMs: AT_MS };
    await claimForUse(db, claim, AT_MS);
    await releaseUse(db, claim, doubt);
    await releaseUse(db, claim, doubt);
    expect(await listDoubtful()).toEqual(['arm']);
    expect(await claimForUse(db, toClaim(other, 'root/u1', ['arm']), AT_MS)).toBeNull();
    const told = (await readHistory(db, { after: 0, limit: 20 })).filter(({ type }) => type === 'machine.quarantined');
    expect(told).toMatchObject([{ runId: run.id, data: { machine: 'arm', reason: "Cleanup 'close' failed" } }]);
  });
});
