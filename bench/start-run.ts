// Start → first command begins, against StartWorkflow → first activity begins.

import { wait } from '../test/rig/start-lab.js';
import type { Findings } from './figures.js';
import { measureRatio, median } from './ratios.js';
import { toMs, type Stage } from './stage.js';

const BLOCKS = 7;
const STARTS_PER_BLOCK = 15;
const GOAL_RATIO = 1.4;
/** A start is timed on a lab at rest, as a person meets it: the one before has been put away. */
const SETTLE_MS = 100;

export async function benchStart(stage: Stage): Promise<Findings> {
  const repeat = async (once: () => Promise<number>): Promise<number> => {
    const startsMs: number[] = [];
    for (let k = 0; k < STARTS_PER_BLOCK; k++) {
      await wait(SETTLE_MS);
      startsMs.push(await once());
    }
    return median(startsMs);
  };
  const figure = await measureRatio(
    {
      name: 'start → first command begins',
      goal: GOAL_RATIO,
      blocks: BLOCKS,
      floor: () =>
        repeat(async () => {
          const startedAtMs = Date.now();
          const { result } = await stage.executeFloor('bareStart', []);
          return Number(result) - startedAtMs;
        }),
      ours: () =>
        repeat(async () => {
          const postedAtMs = Date.now();
          const { id } = await stage.runToEnd('one_tip');
          return toMs((await stage.listCommands(id))[0]?.beganAt) - postedAtMs;
        }),
    },
    stage.say,
  );
  return { figures: [figure] };
}
