// Choosing items in a lab of many workcells, on a real Postgres: what is free, without waiting for what somebody else has locked.

import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { STAR, toRequest, useTestLab } from '../test-lab.js';
import { createRun } from '../runs/create-run.js';
import { previewAssets } from './preview-assets.js';
import { applyWorkcell } from '../workcells/workcell.queries.js';

/** More than a first look takes. */
const WORKCELLS = 40;

let db: Database;
let definition: PublishedProtocol;

useTestLab(async (lab) => {
  ({ db, definition } = lab);
  for (let k = 1; k <= WORKCELLS; k += 1) await applyWorkcell(db, toWorkcell(k));
});

function toWorkcell(k: number): WorkcellSpec {
  const rename = (name: string): string => `w${k}_${name}`;
  return {
    ...STAR,
    name: `w${k}`,
    machines: STAR.machines.map((machine) => ({ ...machine, name: rename('star'), mode: k % 2 === 0 ? 'simulation' : 'hardware' })),
    labware: STAR.labware.map((item) => ({ ...item, name: rename(item.name) })),
  };
}

const start = async () => (await createRun(db, toRequest(definition))).run;
const toMachine = (run: { assets: Readonly<Record<string, { name: string }>> }) => run.assets['lh']?.name;

test('each start gets the next free workcell, simulated ones first, and then those with the shortest queue', async () => {
  const machines: (string | undefined)[] = [];
  for (let k = 0; k < WORKCELLS / 2 + 3; k += 1) machines.push(toMachine(await start()));
  const simulated = Array.from({ length: WORKCELLS / 2 }, (_, k) => `w${2 * (k + 1)}_star`);
  expect(machines.slice(0, 21).sort()).toEqual(['star', ...simulated].sort());
  expect(machines.slice(21)).not.toContainEqual(expect.stringMatching(/^w\d*[13579]_/u));
  await expect(previewAssets(db, definition, { plate: 'w7_plate_1' })).resolves.toMatchObject({ workcell: 'w7', mode: 'hardware' });
});

test('starts at once share out what is free; each item goes to one of them', async () => {
  const runs = await Promise.all(Array.from({ length: 20 }, start));
  expect(new Set(runs.map(toMachine)).size).toBe(20);
  expect(runs.filter(({ waitingFor }) => waitingFor !== undefined)).toEqual([]);
});

test('a start waits for nobody who holds the lock of an item that it does not take', async () => {
  let free = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const locked = db.transaction().execute(async (tx) => {
    await sql`select from asset where name like 'w9%' for update`.execute(tx);
    await held;
  });
  try {
    expect(toMachine(await start())).toBeDefined();
  } finally {
    free();
    await locked;
  }
});

test('a start of what is free is one statement after its reads, and a start that waits is told so all the same', async () => {
  const texts: string[] = [];
  const counting = db.withPlugin({
    transformQuery: ({ node }) => {
      texts.push(JSON.stringify(node));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const wish = { requestedAssets: { plate: 'w7_plate_1', tips: 'w7_tips_1' }, idempotencyKey: 'k' };
  const first = await createRun(counting, toRequest(definition, wish));
  expect(first).toMatchObject({
    created: true,
    run: { assets: { lh: { name: 'w7_star' } } },
    unstarted: { envelope: { workcell: 'w7', fence: expect.any(Number) as unknown } },
  });
  expect(texts.map((text) => /take_free|for update/u.exec(text)?.[0] ?? 'read')).toEqual(['read', 'read', 'take_free']);
  expect(await createRun(db, toRequest(definition, wish))).toMatchObject({ created: false, run: { id: first.run.id } });
  const next = await createRun(db, toRequest(definition, { ...wish, idempotencyKey: 'other' }));
  expect(next.run.waitingFor?.map(({ asset, heldByRunId }) => [asset, heldByRunId])).toEqual([
    ['w7_plate_1', first.run.id],
    ['w7_star', first.run.id],
    ['w7_tips_1', first.run.id],
  ]);
});

test('somebody who takes an item between the look and the statement is waited for, and the key is not lost', async () => {
  const wish = { requestedAssets: { plate: 'w7_plate_1' }, idempotencyKey: 'k' };
  let free = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  let isLocked = (): void => undefined;
  const locked = new Promise<void>((resolve) => {
    isLocked = resolve;
  });
  const holder = (await createRun(db, toRequest(definition, { requestedAssets: { plate: 'w9_plate_1' } }))).run.id;
  const taking = db.transaction().execute(async (tx) => {
    await sql`select from asset where name = 'w7_plate_1' for update`.execute(tx);
    isLocked();
    await held;
    await sql`insert into reservation (asset_id, run_id, fence, granted_at) select id, ${holder}::uuid, 1, now() from asset where name = 'w7_plate_1'`.execute(
      tx,
    );
  });
  await locked;
  const starting = createRun(db, toRequest(definition, wish));
  // It waits for the lock: its look was before the reservation.
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await sql<{
      n: number;
    }>`select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%take_free%'`.execute(db);
    waiting = rows[0]?.n ?? 0;
  }
  free();
  await taking;
  expect((await starting).run.waitingFor).toEqual([
    { asset: 'w7_plate_1', heldByRunId: holder, heldByProtocol: 'serial_dilution', reason: 'held' },
  ]);
  expect((await createRun(db, toRequest(definition, wish))).created).toBe(false);
});
