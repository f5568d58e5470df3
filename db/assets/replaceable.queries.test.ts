// What may be replaced, what a fence for it is, and what an ended run left used, on a real Postgres.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';
import type { Database } from '../connection/connect-database.js';
import { STAR, toRequest, useTestLab } from '../test-lab.js';
import { createRun } from '../runs/create-run.js';
import type { RunRequest } from '../runs/run-request.js';
import {
  listLastHolders,
  readRunFence,
  requireReplaceable,
  withReplaceable,
  withUsedConsumables,
  type UsedConsumables,
} from './replaceable.queries.js';
import { claimForRun } from '../runs/reservation.queries.js';
import { closeRun } from '../runs/run.queries.js';
import { applyWorkcell, findAsset } from '../workcells/workcell.queries.js';

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

async function start(given: Partial<RunRequest> = {}): Promise<Run> {
  return (await createRun(db, toRequest(definition, given))).run;
}

const end = (run: Run) => closeRun(db, { runId: run.id, status: 'failed', atMs: Date.now() });

describe('an item', () => {
  test('is replaceable by name and id while no run holds it', async () => {
    const item = await requireReplaceable(db, 'plate_1');
    expect(item).toEqual({ id: expect.any(String) as string, name: 'plate_1', workcell: 'star' });
    expect(await requireReplaceable(db, item.id)).toEqual(item);
    const run = await start();
    await expect(requireReplaceable(db, 'plate_1')).rejects.toMatchObject({
      code: 'ASSET_IN_USE',
      message: expect.stringContaining(run.id) as string,
    });
    expect(await requireReplaceable(db, 'plate_2')).toMatchObject({ name: 'plate_2' });
    await end(run);
    expect(await requireReplaceable(db, 'plate_1')).toEqual(item);
  });

  test('is not there: a machine, a removed one, an unknown name, a text with NUL', async () => {
    await applyWorkcell(db, { ...STAR, labware: STAR.labware.filter(({ name }) => name !== 'plate_2') });
    for (const name of ['star', 'plate_2', 'plate_9', randomUUID(), '\u0000', '']) {
      await expect(requireReplaceable(db, name)).rejects.toMatchObject({ code: 'LABWARE_ITEM_NOT_FOUND', field: 'name' });
    }
  });

  test('can be claimed by no run while it is replaced', async () => {
    const first = await start();
    const waiting = await start({ requestedAssets: { plate: 'plate_1' } });
    expect(waiting.status).toBe('queued');
    await end(first);
    const order: string[] = [];
    let claim: Promise<unknown> = Promise.resolve();
    await withReplaceable(db, 'plate_1', async () => {
      claim = claimForRun(db, waiting.id, Date.now()).then(({ granted }) => order.push(granted ? 'granted' : 'not granted'));
      // The claim waits for the lock of this very transaction: it cannot have been granted before the work ends.
      await waitForLockWaiter();
      order.push('replaced');
    });
    await claim;
    expect(order).toEqual(['replaced', 'granted']);
    await expect(withReplaceable(db, 'plate_1', () => Promise.reject(new Error('must not be reached')))).rejects.toMatchObject({
      code: 'ASSET_IN_USE',
    });
  });
});

async function waitForLockWaiter(): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    const { rows } = await sql`select from pg_locks where not granted`.execute(db);
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody waits for a lock');
}

test('the fence of an item is that of its last holder, whatever runs beside it were granted', async () => {
  const readFence = (name: string) => withReplaceable(db, name, (fence) => Promise.resolve(fence));
  expect(await readFence('plate_1')).toBe(0);
  const first = await start();
  const fence = await readRunFence(db, first.id);
  expect(fence).toBeGreaterThan(0);
  expect(await readFence('plate_2')).toBe(0);
  await end(first);
  expect(await readFence('plate_1')).toBe(fence);
  const next = await start();
  expect(await readRunFence(db, next.id)).toBeGreaterThan(fence);
  await end(next);
  expect(await readFence('plate_1')).toBe(await readRunFence(db, next.id));
});

describe('used consumables', () => {
  const find = async (runId: string, workcell = 'star'): Promise<UsedConsumables | undefined> => {
    let found: UsedConsumables | undefined;
    const isDone = await withUsedConsumables(db, { workcell, runId }, (used) => {
      found = used;
      return Promise.resolve();
    });
    expect(isDone).toBe(found !== undefined);
    return found;
  };

  test('are those of an ended run that refresh themselves', async () => {
    const plain = STAR.labware.map((item) => ({ ...item, autoReplace: item.name !== 'tips_1' }));
    await applyWorkcell(db, { ...STAR, labware: plain });
    const run = await start();
    expect(await find(run.id)).toBeUndefined();
    expect(await listLastHolders(db, 'star')).toEqual([]);
    await end(run);
    expect(await find(run.id)).toEqual({ runId: run.id, fence: await readRunFence(db, run.id), labware: ['plate_1'] });
    expect(await listLastHolders(db, 'star')).toEqual([run.id]);
    expect(await listLastHolders(db, 'another')).toEqual([]);
    expect(await find(run.id, 'another')).toBeUndefined();
    expect(await find('star')).toBeUndefined();
  });

  test('are none of a run that ended without having had its assets, nor those that a later run was granted', async () => {
    const first = await start();
    const waiting = await start();
    await end(waiting);
    expect(await find(waiting.id)).toBeUndefined();
    await end(first);
    expect(await listLastHolders(db, 'star')).toEqual([first.id]);
    const next = await start();
    expect(await listLastHolders(db, 'star')).toEqual([]);
    expect(await find(first.id)).toBeUndefined();
    await end(next);
    expect(await find(first.id)).toBeUndefined();
    expect(await find(next.id)).toMatchObject({ runId: next.id });
    expect(await findAsset(db, 'plate_1')).toMatchObject({ status: 'available' });
  });

  test('can be claimed by no run meanwhile', async () => {
    const run = await start();
    await end(run);
    const order: string[] = [];
    let starting: Promise<unknown> = Promise.resolve();
    await withUsedConsumables(db, { workcell: 'star', runId: run.id }, async () => {
      starting = start().then(() => order.push('claimed'));
      await waitForLockWaiter();
      order.push('fresh');
    });
    await starting;
    expect(order).toEqual(['fresh', 'claimed']);
  });
});
