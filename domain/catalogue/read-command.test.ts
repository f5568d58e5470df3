// Commands as people write them, against the real catalogue.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../json/json.js';
import type { Catalogue } from './catalogue.js';
import { listNamedItems, readCommand } from './read-command.js';

const catalogue = JSON.parse(readFileSync(fileURLToPath(new URL('./pylabrobot.json', import.meta.url)), 'utf8')) as Catalogue;
const read = (method: string, given: JsonObject, frontEnd = 'LiquidHandler') =>
  readCommand(catalogue, { frontEnd, backend: 'STARBackend', method, arguments: given });

describe('readCommand', () => {
  test('takes the words of PyLabRobot and of the SDK', () => {
    const wanted = { resources: [{ $item: ['plate_1', 'A1'] }], vols: [50] };
    expect(read('aspirate', { resources: 'plate_1:A1', vols: '50' }).arguments).toEqual(wanted);
    expect(read('aspirate', { from: ['plate_1:A1'], volumeUl: 50 }).arguments).toEqual(wanted);
    expect(read('aspirate', { from: 'plate_1:A1', volumeUl: 50 }).named).toEqual({ from: wanted.resources, volumeUl: [50] });
    expect(read('pickUpTips', { tip_spots: 'tips_1:A1,tips_1:B1' })).toMatchObject({
      method: 'pick_up_tips',
      arguments: { tip_spots: [{ $item: ['tips_1', 'A1'] }, { $item: ['tips_1', 'B1'] }] },
    });
    expect(read('pick_up_tips96', { tip_rack: 'tips_1' }).arguments).toEqual({ tip_rack: { $ref: 'tips_1' } });
    expect(read('discard_tips', {}).arguments).toEqual({});
    expect(read('set_temperature', { temperatureC: 37 }, 'HeaterShaker')).toMatchObject({
      arguments: { temperature: 37 },
      policy: { retryClass: 'set-state' },
    });
  });

  test('leaves references and lists as they were given', () => {
    const given = { resources: [{ $item: ['plate_1', 'A1'] }], vols: [50], use_channels: [0] };
    expect(read('aspirate', given).arguments).toEqual(given);
    expect(listNamedItems(given)).toEqual(['plate_1']);
  });

  test('refuses what the machine does not have, with what may have been meant', () => {
    expect(() => read('pick_up_tip', {})).toThrow(/no command 'pick_up_tip'. Did you mean pick_up_tips/u);
    expect(() => read('setup', {})).toThrow(/no command|step of an operator/u);
    expect(() => read('aspirate', { resource: 'plate_1:A1', vols: 5 })).toThrow(/no argument 'resource'. Did you mean resources/u);
    expect(() => read('aspirate', { resources: 'plate_1:A1' })).toThrow(/needs vols/u);
    expect(() => read('aspirate', { resources: 'plate_1:A1', from: 'plate_1:A1', vols: 5 })).toThrow(/given twice/u);
    expect(() => read('aspirate', { resources: 'plate_1:A1', vols: 5 }, 'NoSuchFrontEnd')).toThrow(/has no command/u);
  });
});
