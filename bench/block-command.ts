// One command in block mode, against a direct Python loop over the same PyLabRobot calls that syncs a line for each.

import path from 'node:path';
import type { Findings } from './figures.js';
import { startFloorPython } from './floor-python.js';
import { measureActivitiesMs, readHistory } from './history.js';
import { measureRatio } from './ratios.js';
import type { Stage } from './stage.js';

const BLOCKS = 5;
const GOAL_RATIO = 1.1;
const STROKES = 200;

export async function benchBlock(stage: Stage): Promise<Findings> {
  const python = startFloorPython(stage.python, stage.workcellFile);
  const runBlock = async (): Promise<string> => (await stage.runToEnd('moves', { parameters: { strokes: STROKES, isBlock: true } })).id;
  try {
    const [pickUp, ...rest] = await stage.readCalls(await runBlock());
    // The tip is taken and put back outside the block.
    const calls = rest.slice(0, -1);
    if (pickUp === undefined || calls.length !== 2 * STROKES) throw new Error(`The block had ${calls.length} commands.`);
    const figure = await measureRatio(
      {
        name: 'one command in block mode',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: async () => {
          await python.call('reset', null);
          await python.call(...pickUp);
          return (await python.loop(calls, path.join(stage.folder, 'floor-tape.jsonl'))) / calls.length;
        },
        ours: async () => measureActivitiesMs(await readHistory(stage.temporal, await runBlock()), ['executeBlock'], 1) / calls.length,
      },
      stage.say,
    );
    return { figures: [figure] };
  } finally {
    python.close();
  }
}
