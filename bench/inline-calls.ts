// Very many tracked inline calls, against as many plain function calls in the same kind of run with the same commands.

import type { Run } from '../domain/runs/run.js';
import type { Findings } from './figures.js';
import { measureRatio } from './ratios.js';
import { toMs, type Stage } from './stage.js';

const BLOCKS = 5;
const GOAL_RATIO = 1.2;
const CALLS = 10_000;
const COMMANDS = 100;

export async function benchInline(stage: Stage): Promise<Findings> {
  const measure = async (isTracked: boolean): Promise<number> => {
    const run: Run = await stage.runToEnd('many_calls', { parameters: { calls: CALLS, commands: COMMANDS, isTracked } });
    return toMs(run.endedAt) - toMs(run.startedAt);
  };
  const figure = await measureRatio(
    {
      name: `${CALLS} inline calls with ${COMMANDS} commands`,
      goal: GOAL_RATIO,
      blocks: BLOCKS,
      floor: () => measure(false),
      ours: () => measure(true),
    },
    stage.say,
  );
  return { figures: [figure] };
}
