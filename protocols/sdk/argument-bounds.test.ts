// What a handle refuses before anything is sent: options that a method does not have, and numbers that no machine can take.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeBounds, findBounds, type Bounds } from '../../domain/catalogue/argument-bounds.js';
import { toArgumentName } from '../../domain/catalogue/argument-names.js';
import type { Catalogue, CatalogueParameter, CatalogueType } from '../../domain/catalogue/catalogue.js';
import { FRONT_ENDS, type FrontEnd } from '../../domain/catalogue/front-ends.js';
import { findPolicy, listBounds, requireArgumentsInBounds } from '../../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../../domain/catalogue/policy.js';
import { readCommand } from '../../domain/catalogue/read-command.js';
import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { createPlate, createTipRack } from './labware.js';
import { LIQUID_HANDLER_OPTIONS } from './liquid-arguments.js';
import { createMachineHandle, machine, type MachineHandle } from './machines.js';
import { site } from './values.js';

const catalogue = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../domain/catalogue/pylabrobot.json', import.meta.url)), 'utf8'),
) as Catalogue;

function bind(name: string, type: string, kind: BoundAsset['kind'] = 'machine'): BoundAsset {
  return { id: name, name, kind, type };
}

const plate = createPlate(bind('plate_1', 'plate', 'labware'), 96);
const rack = createTipRack(bind('tips_1', 'tip_rack', 'labware'), 96);
const well = plate.wells('A1');

/** A handle whose commands all end; what they send is kept. */
function create<F extends FrontEnd>(type: F): { handle: MachineHandle<F>; sent: JsonObject[] } {
  const sent: JsonObject[] = [];
  const send = async (_method: string, given: JsonObject): Promise<Json> => {
    await Promise.resolve();
    sent.push(given);
    return null;
  };
  return { handle: createMachineHandle(bind('m', type), send) as unknown as MachineHandle<F>, sent };
}

/** The refusal of what author code does; it comes at once or by the promise. */
async function refusal(work: () => unknown): Promise<LabError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('options that a method does not have', () => {
  const lh = create('LiquidHandler');
  const { handle } = lh;
  const given = (options: object): never => options as never;

  test.each<[string, () => unknown, RegExp]>([
    [
      'a speed without its unit',
      () => handle.aspirate(well, 10, given({ flowRate: 100 })),
      /aspirate\(\).*'flowRate'.*flowRatesUlPerS\?$/u,
    ],
    ['PyLabRobot’s name', () => handle.dispense(well, 10, given({ flow_rates: [100] })), /'flow_rates'.*Did you mean flowRatesUlPerS\?$/u],
    ['an option of another command', () => handle.pickUpTips(rack.spots('A1'), given({ flowRatesUlPerS: 1 })), /pickUpTips\(\)/u],
    ['a letter too many', () => handle.discardTips(given({ allowNonZeroVolumes: true })), /Did you mean allowNonzeroVolume\?/u],
    [
      'part of a transfer beside it',
      () => handle.transfer(well, well, 10, given({ flowRatesUlPerS: 9 })),
      /transfer\(\).*aspirate, dispense/u,
    ],
    ['an option of strokes', () => handle.mix(well, 10, given({ repetitions: 2, flowRatesUlPerS: 9 })), /mix\(\)/u],
    ['a field of a mix', () => handle.aspirate(well, 1, given({ mix: { volume: 1, repetitions: 1, flowRateUlPerS: 1 } })), /volumeUl/u],
    ['a field of an offset', () => handle.aspirate(well, 1, given({ offsetsMm: { zMm: 1 } })), /has: x, y, z/u],
    ['of the 96-head', () => handle.aspirate96(plate, 10, given({ flowRatesUlPerS: 1 })), /Did you mean flowRateUlPerS\?/u],
    ['of a move', () => handle.movePlate(plate, site('c', 0), given({ offsetMm: { z: 1 } })), /movePlate\(\).*pickUp, drop, via/u],
    ['no object at all', () => handle.aspirate(well, 10, given([100])), /one object, not a list/u],
  ])('%s', async (_, work, expected) => {
    const error = await refusal(work);
    expect(error.code).toBe('BAD_ARGUMENTS');
    expect(error.message).toMatch(expected);
    expect(lh.sent).toEqual([]);
  });

  test('of a generated handle', async () => {
    const { handle: shaker, sent } = create('HeaterShaker');
    const error = await refusal(() => shaker.shake({ speed: 300 } as never));
    expect(error.message).toMatch(/Did you mean speedRpm\?$/u);
    expect(sent).toEqual([]);
  });

  test('the table of the liquid handler is that of the catalogue', () => {
    const methods = catalogue.frontends['LiquidHandler']?.methods ?? {};
    for (const [method, options] of Object.entries(LIQUID_HANDLER_OPTIONS)) {
      const optional = (methods[method]?.parameters ?? []).filter(({ required }) => !required).map(({ name }) => name);
      expect([method, Object.values(options).sort()]).toEqual([method, optional.sort()]);
      for (const [name, original] of Object.entries(options)) expect(name).toBe(toArgumentName('LiquidHandler', method, original));
    }
  });
});

describe('numbers that no machine can take', () => {
  const handler = create('LiquidHandler');
  const shaker = create('HeaterShaker');
  const cycler = create('Thermocycler');
  const reader = create('PlateReader');

  test.each<[string, () => unknown, RegExp]>([
    ['a flow rate of 0', () => handler.handle.aspirate(well, 20, { flowRatesUlPerS: 0 }), /^flowRatesUlPerS of aspirate must be above 0/u],
    ['of the 96-head', () => handler.handle.aspirate96(plate, 20, { flowRateUlPerS: -1 }), /flowRateUlPerS/u],
    ['30 mm below the bottom', () => handler.handle.aspirate(well, 20, { offsetsMm: { z: -30 } }), /offsetsMm\.z/u],
    ['400 mm beside the well', () => handler.handle.aspirate(well, 20, { offsetsMm: { x: 400 } }), /offsetsMm\.x/u],
    [
      'a mix of an ocean',
      () => handler.handle.aspirate(well, 1, { mix: { volumeUl: 9e9, repetitions: 1, flowRateUlPerS: 1 } }),
      /mix\.volumeUl/u,
    ],
    [
      'a mix at no speed',
      () => handler.handle.aspirate(well, 1, { mix: { volumeUl: 9, repetitions: 1, flowRateUlPerS: 0 } }),
      /mix\.flowRateUlPerS/u,
    ],
    ['a channel below the deck', () => handler.handle.moveChannelZ(0, -500), /^zMm of move_channel_z/u],
    [
      '1000 °C',
      () => shaker.handle.setTemperature({ temperatureC: 1000 }),
      /temperatureC of set_temperature must be from -30 to 130, not 1000/u,
    ],
    ['-300 °C', () => shaker.handle.setTemperature({ temperatureC: -300 }), /not -300/u],
    ['no shaking', () => shaker.handle.shake({ speedRpm: -5 }), /speedRpm/u],
    ['too much shaking', () => shaker.handle.shake({ speedRpm: 1e9 }), /speedRpm/u],
    ['a molten block', () => cycler.handle.setBlockTemperature({ temperatureC: [37, 2000] }), /temperatureC/u],
    ['a frozen lid', () => cycler.handle.setLidTemperature({ temperatureC: [-300] }), /temperatureC/u],
    ['a cold store', () => create('Incubator').handle.setTemperature({ temperatureC: -300 }), /temperatureC/u],
    [
      'an endless step',
      () =>
        cycler.handle.runProtocol({
          protocol: { stages: [{ steps: [{ temperatureC: [37], holdS: 1e12 }], repeats: 1 }] },
          blockMaxVolumeUl: 25,
        }),
      /protocol\.stages\.steps\.holdS/u,
    ],
    ['no light', () => reader.handle.readAbsorbance({ wavelengthNm: 0 }), /wavelengthNm/u],
    [
      'light of the other side',
      () => reader.handle.readFluorescence({ excitationNm: -5, emissionNm: 520, focalHeightMm: 1 }),
      /excitationNm/u,
    ],
    ['a pump backwards', () => create('Pump').handle.runRevolutions({ revolutions: -10 }), /revolutions/u],
    ['a fan that is no fan', () => create('Fan').handle.turnOn({ intensityPercent: 101 }), /intensityPercent/u],
  ])('%s', async (_, work, expected) => {
    const error = await refusal(work);
    expect([error.code, error.message]).toEqual(['BAD_ARGUMENTS', expect.stringMatching(expected) as unknown]);
    expect([...handler.sent, ...shaker.sent, ...cycler.sent, ...reader.sent]).toEqual([]);
  });

  test('what machines do take is taken', async () => {
    await shaker.handle.setTemperature({ temperatureC: 4 });
    await create('Incubator').handle.setTemperature({ temperatureC: -80 });
    await create('Sealer').handle.seal({ temperatureC: 175, durationS: 3 });
    await handler.handle.aspirate(well, 0, { flowRatesUlPerS: 0.5, offsetsMm: { z: -1 }, liquidHeightMm: 0 });
    await create('ExperimentalSCARA').handle.approach({ position: { 1: -170 } });
    expect(shaker.sent).toHaveLength(1);
  });

  test('a command by hand is refused in the same words', () => {
    const written = { frontEnd: 'HeaterShaker', backend: '', method: 'setTemperature', arguments: { temperatureC: '1000' } };
    expect(() => readCommand(catalogue, written)).toThrow(/temperatureC of set_temperature must be from -30 to 130/u);
  });

  test('a machine of one’s own has the bounds that its author gives, and no others', () => {
    const cool = { command: 'cool', arguments: { speed: 'speed' }, retryClass: 'set-state', expectedMs: 1, longestMs: 1 } as const;
    machine.custom('TestedFridge', { cool: { ...cool, bounds: { speed: { min: 1, max: 2 } } } });
    expect(() => {
      requireArgumentsInBounds('TestedFridge', 'cool', { speed: 3 });
    }).toThrow(/speed of cool must be from 1 to 2/u);
    requireArgumentsInBounds('TestedFridge', 'cool', { speed: 2, temperature: 5_000 });
  });

  test('every number of every command has bounds, and they are no slips themselves', () => {
    const unbounded: string[] = [];
    for (const frontEnd of Object.values(FRONT_ENDS)) {
      for (const [method, { parameters }] of Object.entries(catalogue.frontends[frontEnd]?.methods ?? {})) {
        const policy = findPolicy(frontEnd, method);
        if (!policy || !isCommandPolicy(policy)) continue;
        for (const path of parameters.flatMap((parameter) => listNumbers(parameter, [parameter.name]))) {
          const bounds = findBounds(listBounds(frontEnd, method), path);
          if (!isSane(bounds)) unbounded.push(`${frontEnd}.${method}: ${path} needs bounds in domain/catalogue/argument-bounds.ts`);
        }
      }
    }
    expect(unbounded).toEqual([]);
  });
});

test('bounds in words', () => {
  expect(describeBounds({ min: 0, max: 5, isAboveMin: true })).toBe('above 0 and at most 5');
  expect(describeBounds({ min: 0, max: 5 })).toBe('from 0 to 5');
});

function isSane(bounds: Bounds | undefined): boolean {
  return bounds !== undefined && bounds.min < bounds.max;
}

/** Paths of the numbers in an argument, through PyLabRobot's value classes. */
function listNumbers({ type }: Pick<CatalogueParameter, 'type'>, path: readonly string[]): readonly string[] {
  return listLeaves(type).flatMap((leaf) => {
    if (leaf === 'float' || leaf === 'int') return [path.join('.')];
    // What is judged by the driver itself.
    if (leaf === 'AutoExposure') return [];
    return (catalogue.values[leaf]?.fields ?? []).flatMap((field) => listNumbers(field, [...path, field.name]));
  });
}

function listLeaves(type: CatalogueType): readonly string[] {
  if (typeof type === 'string') return [type];
  if ('list' in type) return listLeaves(type.list);
  if ('union' in type) return type.union.flatMap(listLeaves);
  if ('tuple' in type) return type.tuple.flatMap(listLeaves);
  return 'dict' in type ? type.dict.flatMap(listLeaves) : [];
}
