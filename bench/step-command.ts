// One command in step mode, against a bare activity that makes the same PyLabRobot call; both by Temporal's own clock.

import type { Findings } from './figures.js';
import { measureActivitiesMs, readHistory } from './history.js';
import { measureRatio } from './ratios.js';
import { FLAT_RUN, type Stage } from './stage.js';

const BLOCKS = 7;
const GOAL_RATIO = 1.15;

export async function benchStep(stage: Stage): Promise<Findings> {
  const { id } = await stage.runToEnd(...FLAT_RUN);
  const calls = await stage.readCalls(id);
  const measureEachMs = async (workflowId: string): Promise<number> =>
    measureActivitiesMs(await readHistory(stage.temporal, workflowId), ['executeCommand', 'callPylabrobot'], calls.length) / calls.length;
  const figure = await measureRatio(
    {
      name: 'one command in step mode',
      goal: GOAL_RATIO,
      blocks: BLOCKS,
      // The floor's first activity makes a fresh deck and is not a command.
      floor: async () => measureEachMs((await stage.executeFloor('bareCommands', [[['reset', null], ...calls]])).workflowId),
      ours: async () => measureEachMs((await stage.runToEnd(...FLAT_RUN)).id),
    },
    stage.say,
  );
  return { figures: [figure] };
}
