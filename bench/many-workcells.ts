// Many workcells in one lab, each with one command a second: how much later a command is done than in a lab with one workcell
// that works. By Temporal's clock, from the moment a command is due until its protocol has gone on; the pumps take no time.

import { wait } from '../test/rig/start-lab.js';
import type { Findings } from './figures.js';
import { readHistory, toEventMs, type HistoryEvent } from './history.js';
import { waitForQuiet } from './quiet.js';
import { measureProcessorMs } from './process-tree.js';
import { quantile } from './ratios.js';
import type { Stage } from './stage.js';

/** Ascending; the first is the floor. What is beyond the goal's is measured until the knee is found. */
const RAMP = [1, 10, 25, 50, 75, 100] as const;
const GOAL_WORKCELLS = 50;
const GOAL_RATIO = 1.5;
/** The only workcell needs longer for as many commands as a 95th percentile wants. */
const FLOOR_WINDOW_MS = 30_000;
const WINDOW_MS = 10_000;
/** What starts has settled after it. */
const SETTLE_MS = 3_000;
/** After this no further level begins, but those up to the goal's. */
const LONGEST_RAMP_MS = 150_000;
/** Less of the wanted pace means that the workcells wait for each other, whatever the single command takes. */
const LEAST_PACE = 0.9;

interface Level {
  readonly workcells: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Share of the wanted commands that were done. */
  readonly pace: number;
  /** What the whole lab used of the processors of this machine: 2 is two of them the whole time. */
  readonly processors: number;
}

export async function benchWorkcells(stage: Stage): Promise<Findings> {
  await waitForQuiet(stage.say);
  const beganAtMs = Date.now();
  const levels: Level[] = [];
  try {
    for (const workcells of RAMP) {
      const isNeeded = workcells <= GOAL_WORKCELLS;
      if (!isNeeded && (!isWithin(levels.at(-1), levels[0]) || Date.now() - beganAtMs > LONGEST_RAMP_MS)) break;
      levels.push(await measureLevel(stage, workcells));
    }
  } finally {
    await stage.fleet.rest();
  }
  return toFindings(levels);
}

async function measureLevel({ fleet, lab, temporal, say }: Stage, workcells: number): Promise<Level> {
  const runIds = await fleet.pace(workcells);
  await wait(SETTLE_MS);
  const pids = [...Object.values((await lab.record()).pids), ...fleet.listPids()];
  const [fromMs, usedMs] = [Date.now(), await measureProcessorMs(pids)];
  const windowMs = workcells === 1 ? FLOOR_WINDOW_MS : WINDOW_MS;
  await wait(windowMs);
  const toMs = fromMs + windowMs;
  const processors = ((await measureProcessorMs(pids)) - usedMs) / windowMs;
  // The last ones may still be on their way.
  await wait(SETTLE_MS);
  const tookMs: number[] = [];
  for (const runId of runIds) {
    for (const turn of listTurns(await readHistory(temporal, runId)))
      if (turn.dueAtMs >= fromMs && turn.dueAtMs < toMs) tookMs.push(turn.tookMs);
  }
  const pace = tookMs.length / ((windowMs / 1_000) * workcells);
  const level = { workcells, p50Ms: quantile(tookMs, 0.5), p95Ms: quantile(tookMs, 0.95), pace, processors };
  say(`  many workcells: ${describe(level)}`);
  return level;
}

/** Each command from the timer that makes it due to the end of the workflow task that learns of its outcome. */
function listTurns(events: readonly HistoryEvent[]): readonly { readonly dueAtMs: number; readonly tookMs: number }[] {
  const turns: { dueAtMs: number; tookMs: number }[] = [];
  let dueAtMs: number | undefined;
  let isDone = false;
  for (const event of events) {
    if (event.timerFiredEventAttributes) [dueAtMs, isDone] = [toEventMs(event), false];
    // A turn that came too late has no timer: it was due when the one before it ended, at the latest.
    else if (event.activityTaskScheduledEventAttributes) [dueAtMs, isDone] = [dueAtMs ?? toEventMs(event), false];
    else if (event.activityTaskCompletedEventAttributes) isDone = true;
    else if (event.workflowTaskCompletedEventAttributes && isDone && dueAtMs !== undefined) {
      turns.push({ dueAtMs, tookMs: toEventMs(event) - dueAtMs });
      [dueAtMs, isDone] = [undefined, false];
    }
  }
  return turns;
}

function isWithin(level: Level | undefined, floor: Level | undefined): boolean {
  return level !== undefined && floor !== undefined && level.p95Ms <= GOAL_RATIO * floor.p95Ms && level.pace >= LEAST_PACE;
}

function toFindings(levels: readonly Level[]): Findings {
  const floor = levels[0];
  const goal = levels.find(({ workcells }) => workcells === GOAL_WORKCELLS);
  if (floor === undefined || goal === undefined) throw new Error('The ramp did not come to its goal.');
  const knee = levels.find((level) => !isWithin(level, floor));
  const highest = knee === undefined ? levels.at(-1) : levels[levels.indexOf(knee) - 1];
  const list = (key: keyof Level): readonly number[] => levels.map((each) => each[key]);
  const raw = {
    workcells: list('workcells'),
    p50Ms: list('p50Ms'),
    p95Ms: list('p95Ms'),
    pace: list('pace'),
    processors: list('processors'),
  };
  return {
    figures: [
      {
        name: `${GOAL_WORKCELLS} workcells, p95 of a command's overhead`,
        value: goal.p95Ms / floor.p95Ms,
        unit: '×',
        goal: { atMost: GOAL_RATIO },
        detail: `${describe(floor)}; ${describe(goal)}`,
        raw,
      },
      {
        name: `most workcells with p95 ≤ ${GOAL_RATIO} ×`,
        value: highest?.workcells ?? 0,
        unit: 'workcells',
        detail:
          knee === undefined
            ? 'the knee was not reached'
            : `the knee: ${describe(knee)}; all: ${levels.map((each) => `${each.workcells}: ${each.p95Ms.toFixed(0)} ms`).join(', ')}`,
        raw,
      },
    ],
  };
}

function describe({ workcells, p50Ms, p95Ms, pace, processors }: Level): string {
  return `${workcells} at ${Math.round(pace * 100)} % of a command a second, p50 ${p50Ms.toFixed(0)} ms, p95 ${p95Ms.toFixed(0)} ms, ${processors.toFixed(2)} processors`;
}
