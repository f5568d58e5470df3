// A whole protocol of commands that move for 5 ms each, sent as a block, against the direct script: the same PyLabRobot calls
// on a device simulator of the same kind, with nothing written down.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { findProjectRoot } from '../platform/paths.js';
import { startDeviceSimulator } from '../test/rig/start-device-simulator.js';
import type { Findings } from './figures.js';
import { startFloorPython } from './floor-python.js';
import { measureActivitiesMs, readHistory } from './history.js';
import { measureRatio } from './ratios.js';
import type { Stage } from './stage.js';

const BLOCKS = 5;
const GOAL_RATIO = 1.1;
const MOTION_MS = 5;
/** Two commands each. */
const STROKES = 500;
const ASSETS = { lh: 'motion_star', tips: 'motion_tips', trough: 'motion_trough' } as const;

export async function benchMotion(stage: Stage): Promise<Findings> {
  const [oursDevice, floorDevice] = (await Promise.all(
    ['motion-device', 'motion-floor-device'].map((name) =>
      startDeviceSimulator({ folder: path.join(stage.folder, name), motionMs: MOTION_MS }),
    ),
  )) as [Device, Device];
  try {
    await stage.fleet.add(await describeWorkcell(oursDevice.socket));
    const floorFile = path.join(stage.folder, 'motion-floor.json');
    await writeFile(floorFile, JSON.stringify(await describeWorkcell(floorDevice.socket)));
    return { figures: [await measureMotion(stage, floorFile)] };
  } finally {
    await Promise.all([oursDevice.close(), floorDevice.close()]);
  }
}

type Device = Awaited<ReturnType<typeof startDeviceSimulator>>;

async function measureMotion(stage: Stage, floorFile: string): ReturnType<typeof measureRatio> {
  const python = startFloorPython(stage.python, floorFile);
  const runBlock = async (): Promise<string> =>
    (await stage.runToEnd('moves', { parameters: { strokes: STROKES, isBlock: true }, assets: ASSETS })).id;
  try {
    const calls = await stage.readCalls(await runBlock());
    if (calls.length !== 2 * STROKES + 2) throw new Error(`The protocol had ${calls.length} commands.`);
    return await measureRatio(
      {
        name: `${calls.length} commands of ${MOTION_MS} ms motion as a block`,
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: async () => {
          await python.call('reset', null);
          return await python.loop(calls, null);
        },
        // The tip is taken and put back outside the block.
        ours: async () => measureActivitiesMs(await readHistory(stage.temporal, await runBlock()), ['executeCommand', 'executeBlock'], 3),
      },
      stage.say,
    );
  } finally {
    python.close();
  }
}

/** A liquid handler in the device simulator, with a tip rack and a trough on the demonstration's deck. */
async function describeWorkcell(socket: string): Promise<WorkcellSpec> {
  const demo = JSON.parse(await readFile(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  const names = new Map<string, string>([
    ['tips_1', ASSETS.tips],
    ['diluent_1', ASSETS.trough],
  ]);
  return {
    name: 'motion',
    machines: [
      {
        name: ASSETS.lh,
        frontend: 'LiquidHandler',
        backend: 'DeviceLiquidHandlerBackend',
        backendArguments: { socket, device: ASSETS.lh },
        mode: 'simulation',
      },
    ],
    deck: demo.deck,
    labware: demo.labware.map((item) => ({ ...item, name: names.get(item.name) ?? '' })).filter(({ name }) => name !== ''),
  };
}
