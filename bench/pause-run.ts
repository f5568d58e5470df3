// POST pause → the last command begins, against a bare signal to a workflow with a gate. What counts for people is how long
// after the pause something may still begin.

import type { Run } from '../domain/runs/run.js';
import { wait, waitFor } from '../test/rig/start-lab.js';
import type { Findings } from './figures.js';
import { measureRatio, median, quantile } from './ratios.js';
import { toMs, type Stage } from './stage.js';

const BLOCKS = 5;
const PAUSES_PER_BLOCK = 20;
const GOAL_P99_MS = 100;
const GOAL_RATIO = 1.5;
/** More strokes than a block takes; the run is cancelled after it. */
const STROKES = 5_000;
/** After this nothing begins any more, in the floor too. */
const HOLD_MS = 200;
const RUN_ON_MS = 100;

/** When a pause was asked for, and when its end was. */
interface Pause {
  readonly fromMs: number;
  readonly toMs: number;
}

export async function benchPause(stage: Stage): Promise<Findings> {
  const all: { floorsMs: number[]; oursMs: number[] } = { floorsMs: [], oursMs: [] };
  const keep = (kept: number[], delaysMs: readonly number[]): number => {
    kept.push(...delaysMs);
    return median(delaysMs);
  };
  const ratio = await measureRatio(
    {
      name: 'pause → last command begins',
      goal: GOAL_RATIO,
      blocks: BLOCKS,
      floor: async () => keep(all.floorsMs, await pauseFloor(stage)),
      ours: async () => keep(all.oursMs, await pauseOurs(stage)),
    },
    stage.say,
  );
  // Those of the block that warms up do not count.
  const [floorsMs, oursMs] = [all.floorsMs.slice(PAUSES_PER_BLOCK), all.oursMs.slice(PAUSES_PER_BLOCK)];
  const p99 = {
    name: 'pause → last command begins, p99',
    value: quantile(oursMs, 0.99),
    unit: 'ms',
    goal: { atMost: GOAL_P99_MS },
    detail: `of ${oursMs.length} pauses; p50 ${median(oursMs).toFixed(1)} ms; floor p50 ${median(floorsMs).toFixed(1)} ms, p99 ${quantile(floorsMs, 0.99).toFixed(1)} ms`,
    raw: { floorsMs, oursMs },
  } as const;
  return { figures: [ratio, p99] };
}

async function pauseOurs(stage: Stage): Promise<readonly number[]> {
  const runId = await stage.start('moves', { parameters: { strokes: STROKES } });
  const waitForStatus = (status: Run['status']): Promise<unknown> =>
    waitFor(`run ${runId} to be ${status}`, async () => (await stage.lab.api.getRun({ params: { id: runId } })).status === status);
  const post = async (control: 'pauseRun' | 'resumeRun' | 'cancelRun'): Promise<void> => {
    await stage.lab.api[control]({ params: { id: runId } });
  };
  await waitForStatus('running');
  const pauses: Pause[] = [];
  for (let k = 0; k < PAUSES_PER_BLOCK; k++) {
    await wait(RUN_ON_MS + ((k * 7) % 30));
    const fromMs = Date.now();
    await post('pauseRun');
    await waitForStatus('paused');
    await wait(HOLD_MS);
    pauses.push({ fromMs, toMs: Date.now() });
    await post('resumeRun');
    await waitForStatus('running');
  }
  await post('cancelRun');
  await stage.waitForEnd(runId);
  return measurePauses(
    pauses,
    (await stage.listCommands(runId)).map((command) => toMs(command.beganAt)),
  );
}

async function pauseFloor(stage: Stage): Promise<readonly number[]> {
  const workflowId = stage.toFloorId('bareGate');
  const handle = await stage.temporal.workflow.start('bareGate', { taskQueue: 'floor.workflows', workflowId, args: [] });
  const pauses: Pause[] = [];
  for (let k = 0; k < PAUSES_PER_BLOCK; k++) {
    await wait(RUN_ON_MS + ((k * 7) % 30));
    const fromMs = Date.now();
    await handle.signal('hold', true);
    await wait(HOLD_MS);
    pauses.push({ fromMs, toMs: Date.now() });
    await handle.signal('hold', false);
  }
  await handle.signal('end');
  return measurePauses(pauses, (await handle.result()) as readonly number[]);
}

/** Of each pause how long after it the last command began; 0 where none did. */
function measurePauses(pauses: readonly Pause[], begins: readonly number[]): readonly number[] {
  if (begins.length < pauses.length) throw new Error(`Only ${begins.length} commands began between ${pauses.length} pauses.`);
  return pauses.map(({ fromMs, toMs: untilMs }) =>
    Math.max(0, ...begins.filter((at) => at >= fromMs && at < untilMs).map((at) => at - fromMs)),
  );
}
