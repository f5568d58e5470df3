// What each protocol of the library gets on the demonstration workcell when nobody names an item.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { countPositions } from '../domain/labware/labware-positions.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import type { ContestedAsset } from '../db/assets/asset-contest.js';
import { chooseAssets } from '../db/assets/choose-assets.js';
import { compareNames, NEARNESS } from '../db/assets/name-match.js';
import { findProjectRoot } from '../platform/paths.js';
import { antigenDilutionSeries } from '../protocols/library/antigen-dilution-series.protocol.js';
import { helloWorld } from '../protocols/library/hello-world.protocol.js';
import { kineticAssay } from '../protocols/library/kinetic-assay.protocol.js';
import { plateReaderAssay } from '../protocols/library/plate-reader-assay.protocol.js';
import { readPlate } from '../protocols/library/read-plate.protocol.js';
import { serialDilution } from '../protocols/library/serial-dilution.protocol.js';
import { simpleTransfer } from '../protocols/library/simple-transfer.protocol.js';
import { washTips96 } from '../protocols/library/wash-tips96.protocol.js';

const spec = JSON.parse(readFileSync(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
const FREE = {
  isQuarantined: false,
  quarantinedByRunId: null,
  quarantinedByProtocol: null,
  holder: null,
  firstWaiter: null,
  firstSection: null,
  waiterCount: 0,
};
const PLACE = { workcellId: 'w', workcell: 'star' };

function listCandidates(held: readonly string[] = []): ContestedAsset[] {
  const holder = { runId: 'another', useId: '', protocol: 'another' };
  const machines = spec.machines.map(
    ({ name, frontend, mode }): ContestedAsset => ({
      ...FREE,
      ...PLACE,
      id: name,
      kind: 'machine',
      name,
      type: frontend,
      mode,
      positions: null,
      standsIn: null,
    }),
  );
  const labware = spec.labware.map(
    ({ name, type, category, location }): ContestedAsset => ({
      ...FREE,
      ...PLACE,
      id: name,
      kind: 'labware',
      name,
      type: category,
      mode: null,
      positions: countPositions(type) ?? null,
      standsIn: 'machine' in location ? location.machine : null,
    }),
  );
  return [...machines, ...labware].map((item) => (held.includes(item.name) ? { ...item, holder } : item));
}

function choose(
  protocol: { readonly definition: { readonly assets: typeof readPlate.definition.assets } },
  held: readonly string[] = [],
): Record<string, string> {
  const { bound } = chooseAssets(protocol.definition.assets, {}, listCandidates(held));
  return Object.fromEntries(bound.map(({ parameter, asset }) => [parameter, asset.name]));
}

test('dilutions and transfers get plates with samples, small tips and diluent', () => {
  expect(choose(serialDilution)).toEqual({ lh: 'star', plate: 'plate_1', tips: 'tips_1', diluent: 'diluent_1' });
  expect(choose(simpleTransfer)).toEqual({ lh: 'star', source: 'source_1', dest: 'plate_1', tips: 'tips_1' });
});

test('hello_world gets the plates in their order, and one more', () => {
  const nine = Array.from({ length: 9 }, (_, index) => [`plate${index + 1}`, `plate_${index + 1}`]);
  const plates: Readonly<Record<string, string>> = Object.fromEntries([...nine, ['plate10', 'source_1']]) as Record<string, string>;
  expect(choose(helloWorld)).toEqual({ lh: 'star', tips: 'tips_1', trough: 'diluent_1', ...plates });
});

test('washing gets large tips and the stations of their names', () => {
  const stations = { bleach: 'bleach_1', water1: 'water_1', water2: 'water_2' };
  expect(choose(washTips96)).toEqual({ lh: 'star', largeTips1: 'large_tips_1', largeTips2: 'large_tips_2', ...stations });
});

test('the antigen series gets buffer and no bleach', () => {
  expect(choose(antigenDilutionSeries)).toMatchObject({
    samples: 'plate_1',
    plate: 'plate_2',
    buffer: 'buffer_1',
    tips96: 'tips_1',
    tips: 'tips_2',
  });
});

test('a reader that is read by a gripper is empty, one without a gripper holds the plate', () => {
  expect(choose(readPlate)).toEqual({ lh: 'star', reader: 'reader', plate: 'plate_1' });
  expect(choose(plateReaderAssay)).toEqual({ reader: 'incubating_reader', plate: 'growth_plate' });
  expect(choose(kineticAssay)).toEqual({ reader: 'incubating_reader', heaterShaker: 'heater_shaker', plate: 'growth_plate' });
});

test('of items that are meant alike the free one is taken; one that is meant otherwise is not, however free', () => {
  expect(choose(serialDilution, ['plate_1'])['plate']).toBe('plate_2');
  const held = Array.from({ length: 9 }, (_, index) => `plate_${index + 1}`);
  expect(choose(serialDilution, held)['plate']).toBe('plate_1');
});

test.each([
  ['plate', 'plate_12', 'numbered'],
  ['plate2', 'plate_2', 'exact'],
  ['exposurePlate', 'exposure_plate', 'exact'],
  ['plate2', 'Plate A', 'whole'],
  ['largeTips1', 'large_tips_2', 'numbered'],
  ['tips', 'large_tips_1', 'whole'],
  ['red', 'tub_alpha_red', 'whole'],
  ['exposurePlate', 'compound_plate', 'related'],
  ['96', 'plate_1', 'other'],
] as const)('%s and %s are %s', (parameter, name, nearness) => {
  expect(compareNames(parameter, name)).toBe(NEARNESS[nearness]);
});
