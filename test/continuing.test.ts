// Continuing as new changes nothing that anybody could see: what lasts is not waited for by what goes on beside it, what
// arrives in the middle is heard, and what an execution knows the next one knows.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import { LabError } from '../domain/errors/error.js';
import type { Json } from '../domain/json/json.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire/wire.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';
import { describeLong } from './rig/test-long.js';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry('test/fixtures/engine/continuing.protocol.ts'),
  });
}, 240_000);
afterAll(() => rig?.end());
beforeEach(() => {
  rig.bridge = undefined;
  rig.onCommand = () => Promise.resolve(null);
  rig.onRecord = () => Promise.resolve();
  rig.onControl = () => Promise.resolve();
  rig.asked.inUse.clear();
});

const listIds = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id);
const listAttached = (runId: string) => rig.asked.attached.filter((id) => id.startsWith(runId));
const getHandle = (runId: string) => rig.client.workflow.getHandle(runId);

/** A promise and what opens it. */
function createLatch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A bridge that only hears of commands, each of which completes when it is let. */
function toBridge(run: (request: CommandRequest) => Promise<void>): NonNullable<EngineRig['bridge']> {
  return {
    request: async (method, params) => {
      if (method !== 'command.run') throw new Error(`${method} is not expected here.`);
      await run(params as CommandRequest);
      const outcome: CommandOutcome = { status: 'completed', result: null, error: null, beganAtMs: 1, endedAtMs: 2, sends: 1 };
      return outcome;
    },
  };
}

/** Drop lasts until the latch is opened; everything else is over at once. */
function holdDrops(): () => void {
  const latch = createLatch();
  rig.onCommand = async ({ method }): Promise<Json> => {
    if (method === 'drop_tips') await latch.opened;
    return null;
  };
  return latch.open;
}

describe('a long command', () => {
  test('holds nothing up: others go on over many executions, and each attaches to it by its id', async () => {
    const open = holdDrops();
    const runId = await rig.start('beside_command', { count: 120, delayMs: 1 }, { historyBudgetEvents: 120 });
    const lasting = `${runId}/beside_command(1.2)/1/0`;
    await waitFor('every other command', () => Promise.resolve(listIds(runId).length === 121));
    // Who asked for it before is told with a heartbeat that its workflow has closed: it lets go, and stops nothing.
    await waitFor('one that lets go', () => Promise.resolve(rig.asked.left.includes(`${lasting} NOT_FOUND`)));
    open();
    await rig.result(runId);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(3);
    expect(new Set(listIds(runId)).size).toBe(121);
    expect(listAttached(runId)).toContain(lasting);
    expect(rig.asked.stopped.filter((id) => id.startsWith(runId))).toEqual([]);
  });

  test('is asked for as of the first time by every execution: what was sent under a journal that was lost since is told by that', async () => {
    const [latch, asked] = [createLatch(), [] as CommandRequest[]];
    rig.bridge = toBridge(async (request) => {
      asked.push(request);
      if (request.method === 'drop_tips') await latch.opened;
    });
    const runId = await rig.start('beside_command', { count: 120, delayMs: 1 }, { historyBudgetEvents: 120 });
    const listLasting = () => asked.filter(({ id }) => id === `${runId}/beside_command(1.2)/1/0`);
    await waitFor('executions that attach', () => Promise.resolve(listLasting().length > 2));
    latch.open();
    await rig.result(runId);
    expect(new Set(listLasting().map(({ askedAtMs }) => askedAtMs)).size).toBe(1);
    // Whatever follows was asked for later.
    const [first] = listLasting();
    const later = asked.filter(({ callPath, method, n }) => callPath === first?.callPath && method !== 'drop_tips' && n > 100);
    expect(later.length).toBeGreaterThan(0);
    expect(listLasting().map(({ isAgain }) => isAgain ?? false)).toEqual(listLasting().map((_, index) => index > 0));
    for (const { askedAtMs } of later) expect(askedAtMs).toBeGreaterThan(first?.askedAtMs ?? Infinity);
  });

  test('says that it is asked for again where the bridge was away, and where its worker was: by the first asking it may have been sent', async () => {
    const [latch, asked] = [createLatch(), [] as CommandRequest[]];
    rig.bridge = toBridge(async (request) => {
      asked.push(request);
      if (asked.length === 1) throw new LabError('BRIDGE_UNREACHABLE');
      if (asked.length === 2) await latch.opened;
    });
    const runId = await rig.start('beside_command', { count: 0, delayMs: 1 });
    await waitFor('a second asking', () => Promise.resolve(asked.length === 2));
    await rig.replaceWorkers('activities');
    await rig.result(runId);
    latch.open();
    expect(asked.map(({ isAgain }) => isAgain ?? false)).toEqual([false, true, true]);
  });

  test('that was left is stopped and waited for when the run is cancelled', async () => {
    const open = holdDrops();
    const runId = await rig.start('beside_command', { count: 100_000, delayMs: 1 }, { historyBudgetEvents: 120 });
    await waitFor('an execution that attaches', () => Promise.resolve(listAttached(runId).length > 1));
    await getHandle(runId).signal('cancel');
    await waitFor('the stop', () => Promise.resolve(rig.asked.stopped.includes(`${runId}/beside_command(1.2)/1/0`)));
    const ended = rig.result(runId).catch((error: unknown) => error);
    expect(
      await Promise.race([
        ended,
        new Promise((resolve) =>
          setTimeout(() => {
            resolve('waits for what moves');
          }, 1_500),
        ),
      ]),
    ).toBe('waits for what moves');
    open();
    await ended;
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({ status: 'cancelled' });
  });
});

describe('what goes by the clock', () => {
  test('a delay beside a long command takes the time it was given, however often the workflow continues as new', async () => {
    const open = holdDrops();
    const runId = await rig.start('beside_command', { count: 150, delayMs: 1_500 }, { historyBudgetEvents: 120 });
    await waitFor('every other command', () => Promise.resolve(listIds(runId).length === 151));
    setTimeout(open, 4_000);
    expect(await rig.result(runId)).toBeLessThan(3_500);
  });

  const proveTurns = async (kind: string): Promise<void> => {
    const open = holdDrops();
    const turns = 30;
    const runId = await rig.start('clock_beside', { count: turns, everyMs: 400, longMs: 40_000, kind }, { historyBudgetEvents: 120 });
    await waitFor('the end of the clock', () =>
      Promise.resolve(rig.asked.commands.some((command) => command.runId === runId && command.method === 'discard_tips')),
    );
    expect(rig.asked.finished.some((each) => each.runId === runId)).toBe(false);
    open();
    const missed = (await rig.result(runId)) as number[];
    const atEnd = [...rig.asked.entries.values()].filter(
      ({ path: callPath, note }) => callPath === 'clock_beside' && note?.title.startsWith('Turns'),
    );
    const told = missed.reduce((sum, each) => sum + 1 + each, 0);
    expect(told).toBeGreaterThan(turns / 3);
    if (told < turns)
      expect(atEnd.map(({ note }) => note?.text)).toEqual([expect.stringContaining(`the last ${turns - told} of its ${turns} turns`)]);
    else expect(atEnd).toEqual([]);
  };

  const TURNS_TOLD = 'every turn takes place or is told of as missed beside a long %s, before that is over';
  test.each(['command'])(TURNS_TOLD, proveTurns);
  describeLong(() => {
    test.each(['child'])(TURNS_TOLD, proveTurns);
  });

  test('a window that breaks is told, also where something long goes on', async () => {
    rig.onCommand = () =>
      new Promise((resolve) =>
        setTimeout(() => {
          resolve(null);
        }, 50),
      );
    const runId = await rig.start('window_beside', { count: 2_000, longMs: 60_000, maxMs: 4_000 }, { historyBudgetEvents: 120 });
    await waitFor('the broken window', () => Promise.resolve(rig.asked.items.some((item) => item.runId === runId)));
    const said = [...rig.asked.entries.values()].find(({ window }) => window?.isBroken === true);
    expect(said?.atMs).toBeLessThan((said?.window?.deadlineMs ?? 0) + 1_500);
    await getHandle(runId).terminate();
  });
});

describe('what an execution knows', () => {
  test.each(['child', 'inline'])('a failed cleanup of a call of kind %s quarantines the machines at the end all the same', async (kind) => {
    rig.onCommand = ({ method }) => {
      if (method === 'discard_tips') throw ApplicationFailure.nonRetryable('cannot drop', 'MACHINE_ERROR');
      return Promise.resolve(null);
    };
    const runId = await rig.start('tolerant', { count: 60, kind }, { historyBudgetEvents: 120 });
    await rig.result(runId);
    expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({ quarantineMachines: ['star', 'reader', 'other'] });
  });
});

test('a cleanup that failed without a command is told of once, however often the workflow continued as new since', async () => {
  const runId = await rig.start('untidy_then_fails', { count: 60 }, { historyBudgetEvents: 120 });
  await rig.result(runId).catch(() => undefined);
  expect(await rig.countExecutions(runId)).toBeGreaterThan(2);
  const finished = rig.asked.finished.find((each) => each.runId === runId);
  expect(finished?.error?.message.split("Cleanup 'sweep' failed")).toHaveLength(2);
  expect(finished?.quarantineMachines.length).toBeGreaterThan(0);
});

test('a run that fails by its cleanup alone says so once', async () => {
  const runId = await rig.start('untidy_at_once', {});
  await rig.result(runId).catch(() => undefined);
  expect(rig.asked.finished.find((each) => each.runId === runId)?.error?.message.split("Cleanup 'sweep' failed")).toHaveLength(2);
});

describe('what arrives while the workflow is about to continue as new', () => {
  /** Stays at the point at which the workflow waits for the outside before it continues as new: every control takes its time. */
  const start = async (count: number): Promise<string> => {
    rig.onControl = () => new Promise((resolve) => setTimeout(resolve, 300));
    return rig.start('talkative', { count }, { historyBudgetEvents: 120 });
  };

  test('pause and resume, again and again, are all made true, and the run goes on to its end', async () => {
    const runId = await start(120);
    for (let k = 0; k < 12; k++) {
      const before = listIds(runId).length;
      await waitFor('some commands', () => Promise.resolve(listIds(runId).length > before + 3));
      await getHandle(runId).signal('pause');
      await new Promise((resolve) => setTimeout(resolve, 60 * k));
      await getHandle(runId).signal('resume');
    }
    expect(await rig.result(runId)).toBe(120);
    expect(rig.asked.controls.at(-1)).toMatchObject({ pauseReasons: [] });
    expect(new Set(listIds(runId)).size).toBe(120);
  });
});

describe('a shared machine that is not free', () => {
  test('is waited for over as many executions as it takes', async () => {
    rig.asked.inUse.add('somebody else');
    const runId = await rig.start('waits_for_reader', { giveUpAfterMs: 0 }, { historyBudgetEvents: 60 });
    for (let k = 0; k < 60; k++) {
      await getHandle(runId).signal('px.assetsFreed');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await waitFor('some continuations', async () => (await rig.countExecutions(runId)) > 2);
    rig.asked.inUse.clear();
    await getHandle(runId).signal('px.assetsFreed');
    expect(await rig.result(runId)).toBe('used');
  });

  test('gives its place in the queue back when the wait is given up', async () => {
    rig.asked.inUse.add('somebody else');
    const runId = await rig.start('waits_for_reader', { giveUpAfterMs: 500 });
    expect(await rig.result(runId)).toBe('gave up');
    expect(rig.asked.released).toContain('waits_for_reader(1.1){1}');
  });
});
