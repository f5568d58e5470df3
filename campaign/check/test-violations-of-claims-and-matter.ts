// Violations of fences, claims and what is conserved; each with the words that find it.

import { RUN, actAgain, toId } from './test-evidence.js';
import { addRow, endOf, rowsOf, type Case } from './test-spoiling.js';

export const VIOLATIONS_OF_CLAIMS_AND_MATTER: readonly Case[] = [
  ['I5', 'an act of a zombie', (all) => actAgain(all, 2, { fence: 3 }), /under fence 3 after fence 4/u, [3, 4]],
  [
    'I6',
    'an ended run that holds',
    (all) => void all.database.reservations.push({ assetId: 'asset-star', runId: RUN, fence: 4, useId: '' }),
    /holds 1 assets 991 s after its end/u,
  ],
  [
    'I6',
    'a live run that has lost its machine',
    (all) => {
      Object.assign(all.database.runs[0]!, { status: 'running', endedAtMs: null });
    },
    /does not hold star/u,
  ],
  [
    'I6',
    'an asset held twice',
    (all) =>
      void all.database.reservations.push(
        { assetId: 'x', runId: 'r1', fence: 4, useId: '' },
        { assetId: 'x', runId: 'r2', fence: 5, useId: '' },
      ),
    /held by r1 and r2/u,
  ],
  [
    'I7',
    'liquid out of nothing',
    (all) => {
      all.tape[2]!.after = { wells: { 'plate_1:A2': 50 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 20 } } };
    },
    /made 20.00 µL out of nothing/u,
    [3],
  ],
  [
    'I7',
    'liquid that vanished between two acts',
    (all) => {
      all.tape[2]!.before = { wells: { 'plate_1:A1': 90, 'plate_1:A2': 0 } };
    },
    /left with 150 µL and found with 90/u,
    [2, 3],
  ],
  [
    'I7',
    'a wrong belief',
    (all) => {
      rowsOf(all).find(({ key, kind }) => kind === 'END' && key === toId(2))!.body['delta'] = {
        a2: { labware: 'plate_1', item: 'A2', volumeUl: 100 },
      };
    },
    /holds 50 µL and is believed to hold 100/u,
    [3],
  ],
  [
    'I7',
    'a belief that was wrong until the plate was made fresh',
    (all) => {
      endOf(all, 2).body['delta'] = {};
      rowsOf(all).splice(2, 0, {
        row: 2.5,
        kind: 'CORRECT',
        atMs: 1,
        key: null,
        body: { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0 } } },
      });
      addRow(all, 'REPLACE', null, { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 50 } } });
    },
    /plate_1:A2 holds 50 µL and is believed to hold 0/u,
    [3],
  ],
  [
    'I7',
    'an interval without the truth',
    (all) =>
      addRow(all, 'END', 'x', {
        outcome: { status: 'uncertain' },
        delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0, volumeRangeUl: { min: 0, max: 40 } } },
      }),
    /outside of the believed 0 to 40/u,
  ],
  [
    'I7',
    'a plate that stands elsewhere',
    (all) => {
      all.tape[2]!.after = { ...all.tape[2]!.after, places: { plate_1: 'star/plate_carrier-4' } };
      addRow(all, 'END', 'x', { outcome: { status: 'completed' }, delta: { plate_1: { place: { carrier: 'plate_carrier', site: 0 } } } });
    },
    /stands at star\/plate_carrier-4 and is believed to stand at star\/plate_carrier-0/u,
    [3],
  ],
];
