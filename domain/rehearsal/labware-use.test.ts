// What commands use of labware, added up from their arguments.

import { measureLabwareUse } from './labware-use.js';

const well = (item: string, volumeUl: number): object => ({ labware: 'plate_1', item, volumeUl });
const tip = (item: string, isThere: boolean): object => ({ labware: 'tips_1', item, tip: isThere ? { name: item } : null });

test('volumes are summed by container, with the lowest and the highest', () => {
  const before = { plate_1_A1: well('A1', 200), trough: { labware: 'trough', volumeUl: 1000 } } as never;
  const deltas = [
    { plate_1_A1: well('A1', 150) },
    { plate_1_A1: well('A1', 180), trough: { labware: 'trough', volumeUl: 1000, place: null } },
    { plate_1_A2: well('A2', 0.3) },
  ] as never;
  expect(measureLabwareUse(before, deltas).volumes).toEqual([
    { labware: 'plate_1', item: 'A1', drawnUl: 50, givenUl: 30, lowestUl: 150, highestUl: 200 },
    { labware: 'plate_1', item: 'A2', drawnUl: 0, givenUl: 0.3, lowestUl: 0, highestUl: 0.3 },
  ]);
});

test('a tip that is taken, returned and taken again is one tip', () => {
  const before = { t1: tip('A1', true), t2: tip('B1', true), t3: tip('C1', false) } as never;
  const deltas = [
    { t1: tip('A1', false) },
    { t1: tip('A1', true) },
    { t1: tip('A1', false), t2: tip('B1', false) },
    { t3: tip('C1', true) },
  ] as never;
  expect(measureLabwareUse(before, deltas).tips).toEqual([{ rack: 'tips_1', positions: ['A1', 'B1'] }]);
});

test('what machines remember is no labware', () => {
  expect(measureLabwareUse({}, [{ star: { head: {} }, plate_1: { labware: 'plate_1', place: { machine: 'reader' } } }])).toEqual({
    tips: [],
    volumes: [],
  });
});
