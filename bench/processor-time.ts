// What a run uses of the processor, in all processes that take part and the Temporal server, against the same calls in bare
// Temporal on the same server; and what one command uses while it does nothing but run. Elapsed times say little of this on a
// machine with processors to spare.

import { wait, waitFor } from '../test/rig/start-lab.js';
import type { Figure, Findings } from './figures.js';
import { measureProcessorMs } from './process-tree.js';
import { measureRatio, median } from './ratios.js';
import { FLAT_RUN, LONG_MOTION_MS, type Stage } from './stage.js';

const BLOCKS = 5;
const STARTS_PER_BLOCK = 20;
const GOALS = { start: 2, step: 1.25, runningMsPerS: 30 } as const;
/** What a run leaves to do after its end: projections, statistics. */
const SETTLE_MS = 300;
const WINDOWS = 3;
const ONE_STROKE = { parameters: { strokes: 1 }, assets: { pump: 'instant_pump' } };
/** Of a long motion: after its begin and before its end. */
const MARGIN_MS = 1_500;

export async function benchProcessor(stage: Stage): Promise<Findings> {
  const { pids } = await stage.lab.record();
  const ours = Object.values(pids);
  const floor = [stage.floorPid, ...Object.entries(pids).flatMap(([name, pid]) => (name === 'temporal' ? [pid] : []))];
  const use = async (of: readonly number[], times: number, once: () => Promise<unknown>): Promise<number> => {
    const before = await measureProcessorMs(of);
    for (let k = 0; k < times; k++) await once();
    await wait(SETTLE_MS);
    return ((await measureProcessorMs(of)) - before) / times;
  };
  const { id } = await stage.runToEnd(...FLAT_RUN);
  const calls = await stage.readCalls(id);
  const start = await measureRatio(
    {
      name: 'start + one command + end, processor',
      goal: GOALS.start,
      blocks: BLOCKS,
      floor: () => use(floor, STARTS_PER_BLOCK, () => stage.executeFloor('bareStart', [])),
      ours: () => use(ours, STARTS_PER_BLOCK, () => stage.runToEnd('pump_strokes', ONE_STROKE)),
    },
    stage.say,
  );
  const step = await measureRatio(
    {
      name: `a run of ${calls.length} commands in step mode, processor`,
      goal: GOALS.step,
      blocks: BLOCKS,
      floor: () => use(floor, 1, () => stage.executeFloor('bareCommands', [[['reset', null], ...calls]])),
      ours: () => use(ours, 1, () => stage.runToEnd(...FLAT_RUN)),
    },
    stage.say,
  );
  return { figures: [start, step, await measureRunning(stage, ours)] };
}

/** In the middle of a long motion, less what the lab uses at rest. */
async function measureRunning(stage: Stage, pids: readonly number[]): Promise<Figure> {
  const windowMs = LONG_MOTION_MS - 2 * MARGIN_MS;
  const perS: number[] = [];
  const restPerS: number[] = [];
  const measure = async (): Promise<number> => {
    const before = await measureProcessorMs(pids);
    await wait(windowMs);
    return ((await measureProcessorMs(pids)) - before) / (windowMs / 1_000);
  };
  for (let k = 0; k < WINDOWS; k++) {
    restPerS.push(await measure());
    const runId = await stage.start('pump_strokes', { parameters: { strokes: 1 }, assets: { pump: 'long_pump' } });
    await waitFor('the command to run', async () => (await stage.listCommands(runId))[0]?.status === 'running');
    await wait(MARGIN_MS);
    perS.push(await measure());
    await stage.waitForEnd(runId);
    await wait(SETTLE_MS);
  }
  const value = median(perS) - median(restPerS);
  const detail = `a second of one command; lab at rest ${median(restPerS).toFixed(1)} ms, with the command ${median(perS).toFixed(1)} ms`;
  return {
    name: 'a command that runs, processor',
    value,
    unit: 'ms',
    goal: { atMost: GOALS.runningMsPerS },
    detail,
    raw: { perS, restPerS },
  };
}
