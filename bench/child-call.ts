// A nested protocol function as a child workflow, against a bare Temporal child; both without a command, by Temporal's clock.

import type { Findings } from './figures.js';
import { readHistory, toEventMs } from './history.js';
import { measureRatio } from './ratios.js';
import type { Stage } from './stage.js';

const BLOCKS = 7;
const CALLS_PER_BLOCK = 20;
const GOAL_RATIO = 1.3;

export async function benchChild(stage: Stage): Promise<Findings> {
  const measureEachMs = async (workflowId: string): Promise<number> => {
    const events = await readHistory(stage.temporal, workflowId);
    const first = events.find((event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
    const ended = events.filter((event) => event.childWorkflowExecutionCompletedEventAttributes);
    if (ended.length !== CALLS_PER_BLOCK) throw new Error(`${workflowId} had ${ended.length} children instead of ${CALLS_PER_BLOCK}.`);
    return (toEventMs(ended.at(-1)) - toEventMs(first)) / CALLS_PER_BLOCK;
  };
  const figure = await measureRatio(
    {
      name: 'one child call',
      goal: GOAL_RATIO,
      blocks: BLOCKS,
      floor: async () => measureEachMs((await stage.executeFloor('bareChildren', [CALLS_PER_BLOCK])).workflowId),
      ours: async () => measureEachMs((await stage.runToEnd('child_calls', { parameters: { count: CALLS_PER_BLOCK } })).id),
    },
    stage.say,
  );
  return { figures: [figure] };
}
