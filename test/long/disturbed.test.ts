// Pauses, resumes, hints, answers and cancels at random moments, around random budgets of the history: whatever a person
// was told is so, no command is asked for twice, and the run ends as it would have without continuing. Each title names its
// seed; PRAXIS_SEED runs one again.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toFixtureEntry } from '../rig/fixture-entry.js';
import type { EngineRig } from '../rig/engine-rig.js';
import { startEngine } from '../rig/start-engine.js';
import { waitFor } from '../rig/start-lab.js';

const STROKES = 60;
const SEEDS = process.env['PRAXIS_SEED'] === undefined ? [1, 2, 3, 4, Date.now() % 1_000_000] : [Number(process.env['PRAXIS_SEED'])];
const TEST_LIMIT_MS = 240_000;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/continuing.protocol.ts'),
  });
}, TEST_LIMIT_MS);
afterAll(() => rig?.end());

/** A small generator (mulberry32): the same seed, the same disturbances. */
function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const listCommands = (runId: string) => rig.asked.commands.filter((command) => command.runId === runId);
const isOver = (runId: string) => rig.asked.finished.some((each) => each.runId === runId);

test.each(SEEDS)(
  'seed %i',
  async (seed) => {
    const chance = createChance(seed);
    const upTo = (ms: number) => sleep(chance() * ms);
    rig.onControl = () => upTo(200);
    rig.onRecord = () => upTo(150);
    rig.onCommand = async () => {
      await upTo(30);
      return null;
    };
    const willCancel = chance() < 0.3;
    const runId = await rig.start('disturbed', { count: STROKES }, { historyBudgetEvents: 60 + Math.floor(chance() * 200) });
    const handle = rig.client.workflow.getHandle(runId);
    const item = await waitFor('the question', () => Promise.resolve(rig.asked.items.find((each) => each.runId === runId)));
    const answerAt = 2 + Math.floor(chance() * 8);
    for (let step = 0; step < 12; step++) {
      await upTo(250);
      if (step === answerAt)
        await handle.executeUpdate('answer', { args: [{ itemId: item.itemId, answer: true, by: 'ada', note: '', atMs: 1 }] });
      if (chance() < 0.4) await handle.signal('px.assetsFreed');
      if (chance() < 0.6) await pauseAndResume(runId, upTo);
    }
    if (willCancel) await handle.signal('cancel');
    const ended = await rig.result(runId).catch((error: unknown) => error);
    const finished = rig.asked.finished.find((each) => each.runId === runId);
    if (finished?.status === 'cancelled') expect(willCancel).toBe(true);
    else expect([finished?.status, ended]).toEqual(['completed', { answer: true, strokes: STROKES, waits: STROKES / 4 }]);
    const ids = listCommands(runId).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(listCommands(runId).filter(({ method }) => method === 'discard_tips')).toHaveLength(1);
    expect(rig.asked.controls.filter(({ cancel }) => !cancel).at(-1)?.pauseReasons ?? []).toEqual([]);
  },
  TEST_LIMIT_MS,
);

/** A pause that was made true holds until the resume: at most what was on its way already begins. */
async function pauseAndResume(runId: string, upTo: (ms: number) => Promise<void>): Promise<void> {
  const handle = rig.client.workflow.getHandle(runId);
  const before = rig.asked.controls.length;
  const isHeld = () => rig.asked.controls.slice(before).some(({ pauseReasons }) => pauseReasons.length > 0);
  try {
    await handle.signal('pause');
    await waitFor('the pause to be made true', () => Promise.resolve(isHeld() || isOver(runId)));
    const begun = listCommands(runId).length;
    await upTo(400);
    if (!isOver(runId)) expect(listCommands(runId).length).toBeLessThanOrEqual(begun + 1);
    await handle.signal('resume');
  } catch (error) {
    // It may have come to its end before it was told.
    if (!isOver(runId)) throw error;
  }
}
