// Choosing items in a lab of many workcells, on a real Postgres: what is free, without waiting for what somebody else has locked.

import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { WorkcellSpec } from '../../domain/machine.js';
import type { PublishedProtocol } from '../../domain/protocol.js';
import type { Database } from '../connect-database.js';
import { STAR, toRequest, useTestLab } from '../test-lab.js';
import { createRun } from './create-run.js';
import { previewAssets } from './preview-assets.js';
import { applyWorkcell } from './workcell.queries.js';

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
  const held = new Promise<void>((resolve) => { free = resolve; });
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
