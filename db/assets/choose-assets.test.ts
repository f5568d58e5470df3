// Which items are meant where a start names none: exact names first for all places, then the best whole match, and a refusal
// with the choice where two fit equally.

import { expect, test } from '@jest/globals';
import type { AssetSpec } from '../../domain/protocols/protocol.js';
import type { ContestedAsset } from './asset-contest.js';
import { addWeights, assignItems } from './assign-items.js';
import { chooseAssets } from './choose-assets.js';

const HANDLER: AssetSpec = { kind: 'machine', type: 'LiquidHandler' };
const READER: AssetSpec = { kind: 'machine', type: 'PlateReader' };
const PLATE: AssetSpec = { kind: 'labware', type: 'plate' };
const TROUGH: AssetSpec = { kind: 'labware', type: 'trough' };

function toItem(name: string, spec: AssetSpec, given: Partial<ContestedAsset> = {}): ContestedAsset {
  return {
    id: name,
    workcellId: 'w',
    workcell: 'w',
    kind: spec.kind,
    name,
    type: spec.type,
    mode: spec.kind === 'machine' ? 'simulation' : null,
    positions: null,
    standsIn: null,
    isQuarantined: false,
    quarantinedByRunId: null,
    quarantinedByProtocol: null,
    holder: null,
    firstWaiter: null,
    firstSection: null,
    waiterCount: 0,
    ...given,
  };
}

const HELD = { holder: { runId: 'r', useId: '', protocol: 'p' } };

function choose(specs: Readonly<Record<string, AssetSpec>>, items: readonly ContestedAsset[], requested = {}): Record<string, string> {
  return Object.fromEntries(chooseAssets(specs, requested, items).bound.map(({ parameter, asset }) => [parameter, asset.name]));
}

test('exact names come first for all places, wherever the items stand and whatever order the places have', () => {
  const items = [
    toItem('star', HANDLER),
    toItem('incubator', { kind: 'machine', type: 'Incubator' }),
    toItem('compound_plate', PLATE),
    toItem('exposure_plate', PLATE, { standsIn: 'incubator' }),
  ];
  const exact = { exposurePlate: 'exposure_plate', compoundPlate: 'compound_plate' };
  expect(choose({ lh: HANDLER, exposurePlate: PLATE, compoundPlate: PLATE }, items)).toEqual({ lh: 'star', ...exact });
  expect(choose({ compoundPlate: PLATE, lh: HANDLER, exposurePlate: PLATE }, items)).toEqual({ lh: 'star', ...exact });
  // A place without a namesake does not take that of another, and waits for no other's.
  expect(choose({ lh: HANDLER, plate: PLATE, compoundPlate: PLATE }, items)).toMatchObject({
    plate: 'exposure_plate',
    compoundPlate: 'compound_plate',
  });
  const held = items.map((item) => (item.name === 'exposure_plate' ? { ...item, ...HELD } : item));
  expect(choose({ lh: HANDLER, exposurePlate: PLATE }, held)).toMatchObject({ exposurePlate: 'exposure_plate' });
});

test('where two fit equally the start is refused with every such choice, and a name given for one settles it', () => {
  const items = [
    ...['ot2_alpha', 'ot2_beta', 'arm'].map((name) => toItem(name, HANDLER)),
    toItem('plate_1', PLATE),
    toItem('plate_2', PLATE),
    ...['alpha_red', 'alpha_black', 'beta_red', 'beta_black'].map((name) => toItem(`tub_${name}`, TROUGH)),
  ];
  const specs = { lh: HANDLER, arm: HANDLER, plate: PLATE, red: TROUGH, black: TROUGH };
  const refused = (): unknown => choose(specs, items);
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'ASSET_AMBIGUOUS',
      field: 'assets.lh',
      message:
        "'lh' may be ot2_alpha or ot2_beta; 'red' may be tub_alpha_red or tub_beta_red; 'black' may be tub_alpha_black or tub_beta_black: their names do not tell which is meant.",
      remedy: 'Say it, for example: --asset lh=ot2_alpha --asset red=tub_alpha_red --asset black=tub_alpha_black',
    }),
  );
  // Whoever is free changes nothing about what is meant.
  const busy = items.map((item) => (item.name === 'ot2_alpha' ? { ...item, ...HELD } : item));
  expect(() => choose(specs, busy)).toThrow(expect.objectContaining({ code: 'ASSET_AMBIGUOUS' }));
  const named = { lh: 'ot2_beta', red: 'tub_beta_red', black: 'tub_beta_black' };
  expect(choose(specs, items, named)).toEqual({ ...named, arm: 'arm', plate: 'plate_1' });
});

test('items of one series are as good as each other, and the best whole match gives each place what only it can have', () => {
  const items = [toItem('star', HANDLER), toItem('tower1_plate', PLATE, HELD), toItem('tower2_plate', PLATE), toItem('blue_plate', PLATE)];
  expect(choose({ lh: HANDLER, towerPlate: PLATE }, items)).toMatchObject({ towerPlate: 'tower2_plate' });
  expect(choose({ lh: HANDLER, plate: PLATE, blue: PLATE }, items)).toMatchObject({ plate: 'tower2_plate', blue: 'blue_plate' });
  const readers = [toItem('reader', READER), toItem('fast_reader', READER)];
  expect(choose({ reader: READER }, readers)).toEqual({ reader: 'reader' });
  const plateIn = [...readers, toItem('growth_plate', PLATE, { standsIn: 'fast_reader' })];
  expect(choose({ reader: READER, plate: PLATE }, plateIn)).toEqual({ reader: 'fast_reader', plate: 'growth_plate' });
});

test('the whole match is the cheapest of all, and the first place without an item is named', () => {
  let seed = 7;
  const draw = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let round = 0; round < 300; round += 1) {
    const [rows, columns] = [1 + draw(4), 1 + draw(5)];
    const weights = Array.from({ length: rows }, () => Array.from({ length: columns }, () => (draw(4) === 0 ? Infinity : draw(9))));
    const match = assignItems(weights);
    const best = findCheapest(weights, 0, new Set());
    expect(match.missing === undefined ? addWeights(weights, match) : Infinity).toBe(best);
    if (match.missing !== undefined) expect(findCheapest(weights.slice(0, match.missing), 0, new Set())).toBeLessThan(Infinity);
  }
});

/** By trying all. */
function findCheapest(weights: readonly (readonly number[])[], row: number, taken: ReadonlySet<number>): number {
  const own = weights[row];
  if (own === undefined) return 0;
  const sums = own.map((weight, column) =>
    taken.has(column) ? Infinity : weight + findCheapest(weights, row + 1, new Set([...taken, column])),
  );
  return Math.min(Infinity, ...sums);
}
