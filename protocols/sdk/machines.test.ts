// Handles as protocols use them: what they send for what is given, and what they refuse before anything is sent.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../../domain/catalogue/catalogue.js';
import { FRONT_ENDS, type FrontEnd } from '../../domain/catalogue/front-ends.js';
import { findPolicy } from '../../domain/catalogue/method-policy.js';
import { toCamelCase } from '../../domain/catalogue/argument-names.js';
import { isCommandPolicy } from '../../domain/catalogue/policy.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { createPlate, createTipRack, createTrough } from './labware.js';
import { createMachineHandle, machine, type MachineHandle } from './machines.js';
import type { SendCommand } from './machine-handle.js';
import type { Run } from './run.js';
import { pumpFor, shakeFor } from './timed-motions.js';
import { site } from './values.js';

const catalogue = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../domain/catalogue/pylabrobot.json', import.meta.url)), 'utf8'),
) as Catalogue;

type Sent = readonly [method: string, given: JsonObject];

function bind(name: string, type: string, kind: BoundAsset['kind'] = 'machine'): BoundAsset {
  return { id: name, name, kind, type };
}

/** A handle and what it sends; every command answers with `result`. */
function create<F extends FrontEnd>(type: F, result: Json = null): { handle: MachineHandle<F>; sent: Sent[] } {
  const sent: Sent[] = [];
  const send: SendCommand = async (method, given) => {
    await Promise.resolve();
    sent.push([method, given]);
    return result;
  };
  return { handle: createMachineHandle(bind('m', type), send) as unknown as MachineHandle<F>, sent };
}

const plate = createPlate(bind('plate_1', 'plate', 'labware'), 96);
const rack = createTipRack(bind('tips_1', 'tip_rack', 'labware'), 96);
const trough = createTrough(bind('water', 'trough', 'labware'));

test.each(Object.entries(FRONT_ENDS))('machine.%s() makes an asset of %s whose handle has every command of it', (builder, frontEnd) => {
  expect(machine[builder as keyof typeof FRONT_ENDS]({ description: 'd', hold: 'perUse' })).toEqual({
    kind: 'machine',
    type: frontEnd,
    description: 'd',
    hold: 'perUse',
  });
  const { handle } = create(frontEnd);
  const commands = Object.keys(catalogue.frontends[frontEnd]?.methods ?? {}).filter((method) => {
    const policy = findPolicy(frontEnd, method);
    return policy !== undefined && isCommandPolicy(policy);
  });
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.map(toCamelCase).filter((name) => typeof (handle as unknown as Record<string, unknown>)[name] !== 'function')).toEqual(
    [],
  );
});

test('a front end that nobody knows is refused', () => {
  expect(() => createMachineHandle(bind('m', 'Toaster'), () => Promise.resolve(null))).toThrow(/Toaster/u);
});

describe('generated handles', () => {
  test('give arguments their names of PyLabRobot, and those of the backend beside them', async () => {
    const { handle, sent } = create('PlateReader', [{ time: 1, temperature: 37, data: [[0.1]] }]);
    await handle.readAbsorbance({ wavelengthNm: 600, wells: plate.wells('A1:A2'), backend: { flashes: 5 } });
    await handle.open();
    expect(sent).toEqual([
      ['read_absorbance', { wavelength: 600, wells: [{ $item: ['plate_1', 'A1'] }, { $item: ['plate_1', 'A2'] }], flashes: 5 }],
      ['open', {}],
    ]);
  });

  test('hand on readings as they came, and show gaps as null', async () => {
    const whole = [{ time: 1, temperature: 37, data: [[0.1, 0.2]] }];
    expect(await create('PlateReader', whole).handle.readAbsorbance({ wavelengthNm: 600 })).toBe(whole);
    const gaps = [{ time: 1, temperature: 'NaN', data: [['Infinity', 0.2]] }];
    expect(await create('PlateReader', gaps).handle.readAbsorbance({ wavelengthNm: 600 })).toEqual([
      { time: 1, temperature: null, data: [[null, 0.2]] },
    ]);
    expect(await create('TemperatureController', 'NaN').handle.getTemperature()).toBeNaN();
  });

  test('give value classes their fields of PyLabRobot', async () => {
    const cycler = create('Thermocycler');
    await cycler.handle.runProtocol({
      protocol: { stages: [{ steps: [{ temperatureC: [95], holdS: 30 }], repeats: 2 }] },
      blockMaxVolumeUl: 25,
    });
    expect(cycler.sent).toEqual([
      ['run_protocol', { protocol: { stages: [{ steps: [{ temperature: [95], hold_seconds: 30 }], repeats: 2 }] }, block_max_volume: 25 }],
    ]);
    const arm = create('ExperimentalSCARA');
    await arm.handle.approach({ position: { 1: 10 }, access: { approachHeightMm: 50 } });
    expect(arm.sent).toEqual([['approach', { position: { '1': 10 }, access: { approach_height_mm: 50 } }]]);
    const dispenser = create('PowderDispenser');
    await dispenser.handle.dispense({ resources: plate, powders: { name: 'NaCl' }, amountsMg: 5 });
    expect(dispenser.sent).toEqual([['dispense', { resources: { $ref: 'plate_1' }, powders: { name: 'NaCl' }, amounts: 5 }]]);
  });

  test('refuse arguments that they do not have', async () => {
    const { handle, sent } = create('HeaterShaker');
    const given = { speedRpm: 300, durationS: 5 } as { speedRpm: number };
    expect(() => handle.shake(given)).toThrow(/no argument 'durationS'; it has: speedRpm/u);
    await handle.deactivate();
    expect(sent).toEqual([['deactivate', {}]]);
  });
});

describe('the liquid handler', () => {
  test('gives one value per container, with mixes, offsets and the arguments of the machine', async () => {
    const { handle, sent } = create('LiquidHandler');
    await handle.aspirate(plate.wells('A1:A2'), [10, 20], {
      useChannels: [0, 1],
      flowRatesUlPerS: 100,
      offsetsMm: { z: 1 },
      mix: { volumeUl: 50, repetitions: 3, flowRateUlPerS: 80 },
      backend: { jet: [true, false] },
    });
    const mix = { volume: 50, repetitions: 3, flow_rate: 80 };
    expect(sent).toEqual([
      [
        'aspirate',
        {
          resources: [{ $item: ['plate_1', 'A1'] }, { $item: ['plate_1', 'A2'] }],
          vols: [10, 20],
          use_channels: [0, 1],
          offsets: [{ z: 1 }, { z: 1 }],
          flow_rates: [100, 100],
          mix: [mix, mix],
          jet: [true, false],
        },
      ],
    ]);
  });

  test('refuses lists of another length and volumes that are none', () => {
    const { handle, sent } = create('LiquidHandler');
    expect(() => handle.aspirate(plate.wells('A1:A3'), [10, 20])).toThrow(/2 values for 3 containers/u);
    expect(() => handle.dispense(plate.wells('A1'), -1)).toThrow(/0 or more/u);
    expect(() => handle.mix(plate.wells('A1'), 10, { repetitions: 1.5 })).toThrow(/whole number/u);
    expect(() => handle.aspirate96(plate, Number.NaN)).toThrow(/0 or more/u);
    expect(() => handle.pickUpTips96(rack, { offsetsMm: { z: 1 } } as object)).toThrow(/no option 'offsetsMm'/u);
    expect(sent).toEqual([]);
  });

  test('moves a plate in single steps, into a machine and onto a site', async () => {
    const { handle, sent } = create('LiquidHandler');
    const reader = create('PlateReader').handle;
    await handle.movePlate(plate, reader, { via: [{ x: 1, y: 2, z: 3 }] });
    await handle.movePlate(plate, site('carrier', 2), { pickUp: { pickupDistanceFromTopMm: 5 } });
    expect(sent).toEqual([
      ['pick_up_resource', { resource: { $ref: 'plate_1' }, pickup_distance_from_top: 9.87, destination: { $ref: 'm' } }],
      ['move_picked_up_resource', { to: { x: 1, y: 2, z: 3 } }],
      ['drop_resource', { destination: { $ref: 'm' } }],
      ['pick_up_resource', { resource: { $ref: 'plate_1' }, pickup_distance_from_top: 5, destination: { $site: ['carrier', 2] } }],
      ['drop_resource', { destination: { $site: ['carrier', 2] } }],
    ]);
  });

  test('sends nothing that PyLabRobot does not take, but where a plate will be put down', async () => {
    const { handle, sent } = create('LiquidHandler', {});
    const options = {
      offsetMm: { z: 1 },
      flowRateUlPerS: 1,
      liquidHeightMm: 1,
      blowOutAirVolumeUl: 1,
      mix: { volumeUl: 1, repetitions: 1, flowRateUlPerS: 1 },
    };
    const each = { useChannels: [0], offsetsMm: { z: 1 } };
    const liquid = { ...each, flowRatesUlPerS: 1, liquidHeightMm: 1, blowOutAirVolumeUl: 1, spread: 'tight' as const, mix: options.mix };
    await handle.pickUpTips(rack.spots('A1'), each);
    await handle.dropTips(rack.spots('A1'), { ...each, allowNonzeroVolume: true });
    await handle.returnTips({ allowNonzeroVolume: true });
    await handle.discardTips(each);
    await handle.transfer(trough, plate.wells('A1'), 10, { aspirate: liquid, dispense: liquid });
    await handle.mix(plate.wells('A1'), 10, { repetitions: 2 });
    await handle.pickUpTips96(rack, { offsetMm: { z: 1 } });
    await handle.dropTips96(rack, { offsetMm: { z: 1 }, allowNonzeroVolume: true });
    await handle.returnTips96({ allowNonzeroVolume: true });
    await handle.discardTips96({ allowNonzeroVolume: true });
    await handle.aspirate96(trough, 10, options);
    await handle.dispense96(plate, 10, options);
    await handle.movePlate(plate, site('c', 0), {
      pickUp: { direction: 'LEFT' },
      via: [{ x: 1 }],
      drop: { direction: 'LEFT', offsetMm: { z: 1 } },
    });
    await handle.moveLid(plate, { x: 1 });
    await handle.prepareForManualChannelOperation(0);
    await handle.moveChannelX(0, 1);
    await handle.moveChannelY(0, 1);
    await handle.moveChannelZ(0, 1);
    const unknown = sent.flatMap(([method, given]) => {
      const known = (catalogue.frontends['LiquidHandler']?.methods[method]?.parameters ?? []).map(({ name }) => name);
      return Object.keys(given)
        .filter((name) => !known.includes(name) && !(method === 'pick_up_resource' && name === 'destination'))
        .map((name) => `${method}.${name}`);
    });
    expect(unknown).toEqual([]);
    const lacking = sent.flatMap(([method, given]) => {
      const required = (catalogue.frontends['LiquidHandler']?.methods[method]?.parameters ?? []).filter((parameter) => parameter.required);
      return required.filter(({ name }) => !Object.hasOwn(given, name)).map(({ name }) => `${method}.${name}`);
    });
    expect(lacking).toEqual([]);
    expect(sent.filter(([method]) => method === 'aspirate')).toHaveLength(3);
  });

  test('notes all parts of a composite at once where commands are only noted', () => {
    const noted: string[] = [];
    const note: SendCommand = Object.assign(
      (method: string): Promise<Json> => {
        noted.push(method);
        return new Promise<Json>(() => undefined);
      },
      { isNoting: true as const },
    );
    const handle = createMachineHandle(bind('lh', 'LiquidHandler'), note) as unknown as MachineHandle<'LiquidHandler'>;
    void handle.transfer(trough, plate.wells('A1'), 10);
    void handle.mix(plate.wells('A1'), 10, { repetitions: 2 });
    expect(noted).toEqual(['aspirate', 'dispense', 'aspirate', 'dispense', 'aspirate', 'dispense']);
  });
});

describe('motions for a time', () => {
  function createRun(delay: () => Promise<void>): { run: Run; open: Set<string> } {
    const open = new Set<string>();
    const onCleanup = (name: string): { dispose: () => void } => {
      open.add(name);
      return {
        dispose: () => {
          open.delete(name);
        },
      };
    };
    return { run: { onCleanup, delay } as unknown as Run, open };
  }

  test('start, wait and stop', async () => {
    const shaker = create('HeaterShaker');
    const { run, open } = createRun(() => Promise.resolve());
    await shakeFor(run, shaker.handle, { speedRpm: 300, duration: { minutes: 1 } });
    expect(shaker.sent).toEqual([
      ['shake', { speed: 300 }],
      ['stop_shaking', {}],
    ]);
    const pump = create('PumpArray');
    await pumpFor(run, pump.handle, { speed: 5, useChannels: [0, 1], duration: { seconds: 3 } });
    expect(pump.sent).toEqual([
      ['run_continuously', { speed: 5, use_channels: [0, 1] }],
      ['halt', {}],
    ]);
    expect(open.size).toBe(0);
  });

  test('leave the cleanup that stops them when they do not come to their end', async () => {
    const pump = create('Pump');
    const { run, open } = createRun(() => Promise.reject(new Error('cancelled')));
    await expect(pumpFor(run, pump.handle, { speed: 5, duration: { seconds: 3 } })).rejects.toThrow('cancelled');
    expect([...open]).toEqual(['halt m']);
  });
});
