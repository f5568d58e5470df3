// The typed handle of every front end against a real bridge with real PyLabRobot: what an author can write is taken,
// decoded and done, and every command of the catalogue is reached by a method of a handle.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Catalogue } from '../domain/catalogue/catalogue.js';
import { FRONT_ENDS, type FrontEnd } from '../domain/catalogue/front-ends.js';
import { findPolicy } from '../domain/catalogue/method-policy.js';
import { isCommandPolicy } from '../domain/catalogue/policy.js';
import type { JsonObject } from '../domain/json/json.js';
import type { MachineSpec, WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { findProjectRoot } from '../platform/paths.js';
import type { LiquidHandler, PlateReader, Shaker, TemperatureController, Thermocycler } from '../protocols/sdk/index.js';
import { createPlate, createTipRack } from '../protocols/sdk/labware.js';
import { createMachineHandle, type MachineHandle } from '../protocols/sdk/machines.js';
import { site } from '../protocols/sdk/values.js';
import { startTestBridge, type TestBridge } from './rig/start-test-bridge.js';

const root = findProjectRoot();
const catalogue = JSON.parse(readFileSync(path.join(root, 'domain/catalogue/pylabrobot.json'), 'utf8')) as Catalogue;

const SIMULATORS: Readonly<Record<FrontEnd, string>> = {
  BarcodeScanner: 'BarcodeScannerSimulatorBackend',
  ByonoyAbsorbance96Automate: 'PlateReaderSimulatorBackend',
  ByonoyLuminescence96Automate: 'PlateReaderSimulatorBackend',
  Centrifuge: 'CentrifugeSimulatorBackend',
  ExperimentalSCARA: 'SCARASimulatorBackend',
  Fan: 'FanChatterboxBackend',
  HamiltonTiltModule: 'TilterChatterboxBackend',
  HeaterShaker: 'HeaterShakerSimulatorBackend',
  ImageReader: 'ImageReaderSimulatorBackend',
  Imager: 'ImagerSimulatorBackend',
  Incubator: 'IncubatorSimulatorBackend',
  IncubatorShakerStack: 'IncubatorShakerStackSimulatorBackend',
  LiquidHandler: 'STARChatterboxBackend',
  Loader: 'LoaderChatterboxBackend',
  OpentronsTemperatureModuleV2: 'TemperatureControllerChatterboxBackend',
  OpentronsThermocyclerModuleV1: 'ThermocyclerSimulatorBackend',
  OpentronsThermocyclerModuleV2: 'ThermocyclerSimulatorBackend',
  Peeler: 'PeelerSimulatorBackend',
  PlateReader: 'PlateReaderSimulatorBackend',
  PowderDispenser: 'PowderDispenserChatterboxBackend',
  Pump: 'PumpSimulatorBackend',
  PumpArray: 'PumpArrayChatterboxBackend',
  Scale: 'ScaleChatterboxBackend',
  Sealer: 'SealerSimulatorBackend',
  Shaker: 'ShakerChatterboxBackend',
  TemperatureController: 'TemperatureControllerChatterboxBackend',
  Thermocycler: 'ThermocyclerSimulatorBackend',
  Tilter: 'TilterChatterboxBackend',
};
const FRONTEND_ARGUMENTS: Readonly<Partial<Record<FrontEnd, JsonObject>>> = {
  ByonoyLuminescence96Automate: { size_x: 139.7, size_y: 97.5, size_z: 35 },
  Incubator: { racks: [{ type: 'cytomat_rack_23mm_21' }] },
  Pump: { calibration: { calibration: [2], calibration_mode: 'revolutions' } },
  PumpArray: { calibration: { calibration: [1, 1, 1, 1, 1, 1, 1, 1], calibration_mode: 'duration' } },
};
const HOLDS_A_PLATE: readonly FrontEnd[] = [
  'PlateReader',
  'ByonoyAbsorbance96Automate',
  'ByonoyLuminescence96Automate',
  'Imager',
  'ImageReader',
  'Loader',
  'Incubator',
];

/** Machines are named after their front end, the liquid handler `star`. */
function toName(frontEnd: FrontEnd): string {
  return frontEnd === 'LiquidHandler' ? 'star' : frontEnd;
}

function createWorkcell(): WorkcellSpec {
  const small = JSON.parse(readFileSync(path.join(root, 'bridge/tests/small-workcell.json'), 'utf8')) as WorkcellSpec;
  const machines = Object.values(FRONT_ENDS).map(
    (frontEnd): MachineSpec => ({
      name: toName(frontEnd),
      frontend: frontEnd,
      backend: SIMULATORS[frontEnd],
      backendArguments: SIMULATORS[frontEnd] === 'ThermocyclerSimulatorBackend' ? { seconds_per_second: 200 } : {},
      frontendArguments: FRONTEND_ARGUMENTS[frontEnd] ?? {},
      mode: 'simulation',
    }),
  );
  const plates = HOLDS_A_PLATE.map((frontEnd) => ({
    name: `plate_in_${frontEnd}`,
    type: 'Cor_96_wellplate_360ul_Fb',
    category: 'plate' as const,
    location: { machine: toName(frontEnd) },
    fresh: {},
    autoReplace: true,
  }));
  const filled = small.labware.map((item) => (item.name === 'plate_2' ? { ...item, fresh: { wellsUl: fillWells(100) } } : item));
  return { ...small, machines, labware: [...filled, ...plates] };
}

function fillWells(volumeUl: number): Record<string, number> {
  return Object.fromEntries(Array.from('ABCDEFGH').flatMap((row) => Array.from({ length: 12 }, (_, k) => [`${row}${k + 1}`, volumeUl])));
}

let bridge: TestBridge;
let commands = 0;
const reached = new Map<string, Set<string>>();

beforeAll(async () => {
  bridge = await startTestBridge(createWorkcell());
});
afterAll(async () => {
  await bridge.stop();
});

/** Throws what the bridge says of a command that does not complete. */
function open<F extends FrontEnd>(frontEnd: F): MachineHandle<F> {
  const name = toName(frontEnd);
  const handle = createMachineHandle({ id: name, name, kind: 'machine', type: frontEnd }, async (method, given) => {
    const n = ++commands;
    reached.set(frontEnd, (reached.get(frontEnd) ?? new Set()).add(method));
    const command = { id: `r/test/${n}/0`, runId: 'r', callPath: 'test', n, retry: 0, machine: name, method, arguments: given, fence: 1 };
    const { status, result, error } = await bridge.client.request('command.run', command);
    if (status !== 'completed') throw new Error(`${name}.${method} ${status}: ${error?.message ?? ''}`);
    return result;
  });
  return handle as unknown as MachineHandle<F>;
}

const asset = (name: string, type: string) => ({ id: name, name, kind: 'labware' as const, type });
const plate1 = createPlate(asset('plate_1', 'plate'), 96);
const plate2 = createPlate(asset('plate_2', 'plate'), 96);
const tips1 = createTipRack(asset('tips_1', 'tip_rack'), 96);
const tips2 = createTipRack(asset('tips_2', 'tip_rack'), 96);
const mix = { volumeUl: 5, repetitions: 2, flowRateUlPerS: 50 };
const at = { location: { x: 100, y: 200, z: 50 }, rotation: { y: 90, z: 180 } };

async function usePlateReader(reader: PlateReader, plate: string): Promise<void> {
  const wells = createPlate(asset(plate, 'plate'), 96).wells('A1:A2');
  await reader.open();
  await reader.close();
  const [reading] = await reader.readAbsorbance({ wavelengthNm: 600, wells });
  expect(typeof reading?.time).toBe('number');
  expect(reading?.data).toHaveLength(8);
  await reader.readFluorescence({ excitationNm: 485, emissionNm: 528, focalHeightMm: 7.5 });
  await reader.readLuminescence({ focalHeightMm: 7.5 });
}

async function useShaker(shaker: Shaker): Promise<void> {
  await shaker.lockPlate();
  await shaker.shake({ speedRpm: 500 });
  await shaker.stopShaking();
  await shaker.unlockPlate();
}

async function useTemperature(controller: TemperatureController): Promise<void> {
  await controller.setTemperature({ temperatureC: 37 });
  expect(typeof (await controller.getTemperature())).toBe('number');
  await controller.waitForTemperature({ timeoutS: 5 });
  await controller.deactivate();
}

async function useThermocycler(cycler: Thermocycler): Promise<void> {
  await cycler.openLid();
  await cycler.closeLid();
  await cycler.setBlockTemperature({ temperatureC: [30] });
  await cycler.setLidTemperature({ temperatureC: [105] });
  await cycler.waitForBlock({ timeoutS: 5, toleranceC: 0.5 });
  await cycler.waitForLid();
  const steps = [
    { temperatureC: [95], holdS: 10 },
    { temperatureC: [60], holdS: 10, rateCPerS: 2 },
  ];
  await cycler.runProtocol({ protocol: { stages: [{ steps, repeats: 2 }] }, blockMaxVolumeUl: 50 });
  expect(typeof (await cycler.isProfileRunning())).toBe('boolean');
  await cycler.waitForProfileCompletion({ pollIntervalS: 0.05 });
  const zones = [
    await cycler.getBlockCurrentTemperature(),
    await cycler.getBlockTargetTemperature(),
    await cycler.getLidCurrentTemperature(),
  ];
  expect([...zones, await cycler.getLidTargetTemperature()].map((temperatures) => temperatures.length)).toEqual([1, 1, 1, 1]);
  const cycles = [await cycler.getCurrentCycleIndex(), await cycler.getTotalCycleCount(), await cycler.getCurrentStepIndex()];
  expect([...cycles, await cycler.getTotalStepCount(), await cycler.getHoldTime()].map((value) => typeof value)).toEqual(
    Array(5).fill('number'),
  );
  expect(await cycler.getBlockStatus()).toMatch(/^(IDLE|HOLDING_AT_TARGET)$/u);
  expect(await cycler.getLidStatus()).toMatch(/^(IDLE|HOLDING_AT_TARGET)$/u);
  expect(await cycler.getLidOpen()).toBe(false);
  await cycler.deactivateBlock();
  await cycler.deactivateLid();
}

async function useLiquidHandler(lh: LiquidHandler): Promise<void> {
  await lh.pickUpTips(tips1.spots('A1,B1'), {
    useChannels: [0, 1],
    offsetsMm: { z: 0 },
    backend: { minimum_traverse_height_at_beginning_of_a_command: 200 },
  });
  await lh.aspirate(plate1.wells('A1,B1'), [10, 20], {
    flowRatesUlPerS: 80,
    liquidHeightMm: 1,
    mix,
    backend: { jet: [false, false], lld_search_height: [5, 5] },
  });
  await lh.dispense(plate1.wells('A1,B1'), [10, 20], {
    blowOutAirVolumeUl: 0,
    offsetsMm: [{ x: 0 }, { x: 0.5 }],
    backend: { empty: [false, false] },
  });
  await lh.transfer(plate1.wells('A1,B1'), plate1.wells('A2,B2'), 10);
  await lh.mix(plate1.wells('A2,B2'), 5, { repetitions: 2 });
  await lh.returnTips();
  await lh.pickUpTips(tips1.spots('A1'));
  await lh.dropTips(tips1.spots('A1'));
  await lh.pickUpTips(tips1.spots('A1'));
  await lh.discardTips();
  await lh.pickUpTips96(tips2);
  await lh.aspirate96(plate2, 10, { flowRateUlPerS: 100, mix, offsetMm: { z: 0 } });
  await lh.dispense96(plate2, 10, { backend: { jet: false } });
  await lh.returnTips96();
  await lh.pickUpTips96(tips2);
  await lh.dropTips96(tips2);
  await lh.pickUpTips96(tips2);
  await lh.discardTips96();
  await lh.movePlate(plate1, site('plate_carrier', 3), {
    via: [{ x: 300, y: 200, z: 200 }],
    pickUp: { direction: 'FRONT', backend: { use_arm: 'iswap' } },
  });
  expect((await bridge.client.request('state.read', {})).resources['plate_1']).toMatchObject({ parent: 'plate_carrier-3' });
  await lh.prepareForManualChannelOperation(0);
  await lh.moveChannelX(0, 200);
  await lh.moveChannelY(0, 400);
  await lh.moveChannelZ(0, 200);
}

async function useCentrifuge(): Promise<void> {
  const centrifuge = open('Centrifuge');
  const loader = open('Loader');
  await centrifuge.unlockDoor();
  await centrifuge.openDoor();
  await centrifuge.unlockBucket();
  await centrifuge.goToBucket2();
  await centrifuge.lockBucket();
  await centrifuge.closeDoor();
  await centrifuge.lockDoor();
  await centrifuge.spin({ gForce: 500, durationS: 60, backend: { acceleration: 0.8 } });
  await centrifuge.unlockDoor();
  await centrifuge.openDoor();
  await centrifuge.goToBucket1();
  await loader.load();
  await loader.unload();
}

async function useArm(): Promise<void> {
  const arm = open('ExperimentalSCARA');
  await arm.home();
  await arm.moveTo({ position: at });
  await arm.moveTo({ position: { 1: 100.5, 2: -30 } });
  await arm.approach({ position: at, access: { approachHeightMm: 50 } });
  await arm.pickUpResource({ position: at, plateWidthMm: 124, access: { liftHeightMm: 20 } });
  await arm.dropResource({ position: at });
  await arm.openGripper({ gripperWidthMm: 130 });
  await arm.closeGripper({ gripperWidthMm: 80 });
  expect(await arm.isGripperClosed()).toBe(true);
  expect(Object.keys(await arm.getJointPosition()).length).toBeGreaterThan(0);
  expect(typeof (await arm.getCartesianPosition()).location.x).toBe('number');
  await arm.moveToSafe();
  await arm.freedriveMode({ freeAxes: [1, 2] });
  await arm.endFreedriveMode();
  await arm.halt();
}

async function useIncubator(): Promise<void> {
  const incubator = open('Incubator');
  const plateName = 'plate_in_Incubator';
  expect(await incubator.fetchPlateToLoadingTray({ plateName })).toEqual({ $ref: plateName });
  await incubator.takeInPlate({ site: 'smallest' });
  await incubator.fetchPlateToLoadingTray({ plateName });
  await incubator.takeInPlate({ site: site('Incubator', 5) });
  await incubator.openDoor();
  await incubator.closeDoor();
  await incubator.setTemperature({ temperatureC: 37 });
  expect(typeof (await incubator.getTemperature())).toBe('number');
  await incubator.startShaking({ frequencyHz: 5 });
  await incubator.stopShaking();
}

async function useStack(): Promise<void> {
  const stack = open('IncubatorShakerStack');
  await stack.openAll();
  await stack.closeAll();
  await stack.startAllTemperatureControl({ targetTemperatureC: 37 });
  expect(Object.values(await stack.getAllTemperatures()).length).toBeGreaterThan(0);
  await stack.stopAllTemperatureControl();
  await stack.shake({ backend: { rpm: 500 } });
  expect(Object.values(await stack.requestShakingStates())).toContain(true);
  await stack.stopAllShaking();
  await stack.requestLoadingTrayStates();
  await stack.requestTemperatureControlStates();
}

async function useImager(imager: MachineHandle<'Imager'>): Promise<void> {
  const result = await imager.capture({
    well: [0, 1],
    mode: 'BRIGHTFIELD',
    objective: 'O_4X_PL_FL',
    exposureTimeMs: 10,
    focalHeightMm: 3,
    gain: 1,
  });
  expect(result.images).toHaveLength(1);
}

const USES: Readonly<Record<FrontEnd, () => Promise<void>>> = {
  BarcodeScanner: async () => {
    expect(typeof (await open('BarcodeScanner').scan()).data).toBe('string');
  },
  ByonoyAbsorbance96Automate: () => usePlateReader(open('ByonoyAbsorbance96Automate'), 'plate_in_ByonoyAbsorbance96Automate'),
  ByonoyLuminescence96Automate: () => usePlateReader(open('ByonoyLuminescence96Automate'), 'plate_in_ByonoyLuminescence96Automate'),
  Centrifuge: useCentrifuge,
  ExperimentalSCARA: useArm,
  Fan: async () => {
    await open('Fan').turnOn({ intensityPercent: 50 });
    await open('Fan').turnOff();
  },
  HamiltonTiltModule: async () => {
    await open('HamiltonTiltModule').setAngle({ absoluteAngleDeg: 5 });
    await open('HamiltonTiltModule').tilt({ relativeAngleDeg: 2 });
  },
  HeaterShaker: async () => {
    await useShaker(open('HeaterShaker'));
    await useTemperature(open('HeaterShaker'));
  },
  ImageReader: async () => {
    await usePlateReader(open('ImageReader'), 'plate_in_ImageReader');
    await useImager(open('ImageReader'));
  },
  Imager: () => useImager(open('Imager')),
  Incubator: useIncubator,
  IncubatorShakerStack: useStack,
  LiquidHandler: () => useLiquidHandler(open('LiquidHandler')),
  // It works with the centrifuge, and was used there.
  Loader: () => Promise.resolve(),
  OpentronsTemperatureModuleV2: () => useTemperature(open('OpentronsTemperatureModuleV2')),
  OpentronsThermocyclerModuleV1: () => useThermocycler(open('OpentronsThermocyclerModuleV1')),
  OpentronsThermocyclerModuleV2: () => useThermocycler(open('OpentronsThermocyclerModuleV2')),
  Peeler: async () => {
    await open('Peeler').peel();
    await open('Peeler').restart();
  },
  PlateReader: () => usePlateReader(open('PlateReader'), 'plate_in_PlateReader'),
  PowderDispenser: async () => {
    const dispensed = await open('PowderDispenser').dispense({
      resources: { $item: ['plate_2', 'A1'] },
      powders: { name: 'salt' },
      amountsMg: 0.005,
    });
    expect(dispensed).toHaveLength(1);
  },
  Pump: async () => {
    await open('Pump').runRevolutions({ revolutions: 2.5 });
    await open('Pump').runContinuously({ speed: 3 });
    await open('Pump').halt();
    await open('Pump').pumpVolume({ speed: 3, volume: 5 });
  },
  PumpArray: async () => {
    await open('PumpArray').runRevolutions({ revolutions: 2.5, useChannels: [0, 1] });
    await open('PumpArray').runContinuously({ speed: [3, 4], useChannels: [0, 1] });
    await open('PumpArray').halt();
    await open('PumpArray').pumpVolume({ speed: 3, useChannels: 0, volume: 0.05 });
  },
  Scale: async () => {
    await open('Scale').zero();
    await open('Scale').tare();
    expect(typeof (await open('Scale').readWeight())).toBe('number');
  },
  Sealer: async () => {
    await open('Sealer').open();
    await open('Sealer').close();
    await open('Sealer').setTemperature({ temperatureC: 160 });
    expect(typeof (await open('Sealer').getTemperature())).toBe('number');
    await open('Sealer').seal({ temperatureC: 170, durationS: 1.5 });
  },
  Shaker: () => useShaker(open('Shaker')),
  TemperatureController: () => useTemperature(open('TemperatureController')),
  Thermocycler: () => useThermocycler(open('Thermocycler')),
  Tilter: async () => {
    await open('Tilter').setAngle({ absoluteAngleDeg: 5 });
    await open('Tilter').tilt({ relativeAngleDeg: 2 });
  },
};

test.each(Object.values(FRONT_ENDS))('every command of %s is taken as an author gives it', async (frontEnd) => {
  await USES[frontEnd]();
  const all = Object.keys(catalogue.frontends[frontEnd]?.methods ?? {}).filter((method) => {
    const policy = findPolicy(frontEnd, method);
    return policy !== undefined && isCommandPolicy(policy);
  });
  expect([...(reached.get(frontEnd) ?? [])].sort()).toEqual(all.sort());
});
