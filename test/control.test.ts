// Pause, resume and cancel reach nested and parallel calls, delays and questions, over continuations and dead workers.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { wait, waitFor } from './rig/start-lab.js';

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine();
}, 240_000);
afterAll(() => rig?.end());

const listIds = (runId: string): string[] => rig.asked.commands.filter((command) => command.runId === runId).map(({ id }) => id);
const waitForCommands = (runId: string, count: number): Promise<unknown> =>
  waitFor(`${count} commands`, () => Promise.resolve(listIds(runId).length >= count));
const signal = (runId: string, name: string): Promise<void> => rig.client.workflow.getHandle(runId).signal(name);

/** The signal has its way to go, in children a longer one; then nothing begins any more. */
async function expectStill(runId: string): Promise<number> {
  const isStill = async (): Promise<boolean> => {
    const before = listIds(runId).length;
    await wait(600);
    return listIds(runId).length === before;
  };
  await waitFor(`run ${runId} to stand still`, isStill, { timeoutMs: 10_000 });
  expect(await isStill()).toBe(true);
  return listIds(runId).length;
}

describe('a child that has continued as new twice', () => {
  const startAged = async (): Promise<{ runId: string; childId: string }> => {
    const runId = await rig.start('parent_of_child', { count: 200, delayMs: 1 }, { historyBudgetEvents: 100 });
    const childId = `${runId}/parent_of_child/child_strokes.1`;
    await waitForCommands(runId, 30);
    expect(await rig.countExecutions(childId)).toBeGreaterThan(2);
    return { runId, childId };
  };

  test('is paused and resumed with its run', async () => {
    const { runId } = await startAged();
    await signal(runId, 'pause');
    const still = await expectStill(runId);
    await signal(runId, 'resume');
    await waitForCommands(runId, still + 5);
    await signal(runId, 'cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });

  test('is cancelled with its run; both clean up, the child first, and both end as cancelled', async () => {
    const { runId, childId } = await startAged();
    await signal(runId, 'cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(
      rig.asked.commands
        .filter((command) => command.runId === runId)
        .slice(-2)
        .map(({ method }) => method),
    ).toEqual(['discard_tips', 'return_tips']);
    expect(rig.asked.finished.at(-1)).toMatchObject({ runId, status: 'cancelled' });
    for (const id of [runId, childId]) expect(await rig.endOf(id)).toBe('CANCELLED');
  });

  test('asked alone, it passes pause and resume on to the whole run', async () => {
    const { runId, childId } = await startAged();
    await signal(childId, 'pause');
    await waitFor('the run to be paused', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('operator')));
    const still = await expectStill(runId);
    await signal(childId, 'resume');
    await waitForCommands(runId, still + 5);
    await rig.client.workflow.getHandle(runId).cancel();
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});

test('what a person asks of a child that is telling its end reaches the run, if it was taken', async () => {
  const listSignals = async (runId: string): Promise<readonly unknown[]> => {
    const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
    return (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
  };
  let taken = 0;
  for (let round = 0; taken < 4 && round < 20; round++) {
    let end = (): void => undefined;
    // The run stays open with its next command: only the last one of the child ends, and when it is told to.
    rig.onCommand = ({ callPath, n }) =>
      callPath === 'plain_calls/strokes.2'
        ? new Promise(() => undefined)
        : callPath === 'plain_calls/child_strokes.1' && n === 4
          ? new Promise((resolve) => {
              end = () => {
                resolve(null);
              };
            })
          : Promise.resolve(null);
    const runId = await rig.start('plain_calls', { failing: false });
    await waitForCommands(runId, 7);
    end();
    const child = rig.client.workflow.getHandle(`${runId}/plain_calls/child_strokes.1`);
    while (!(await listSignals(runId)).includes('px.childEnded'));
    if (
      await child.signal('pause').then(
        () => true,
        () => false,
      )
    ) {
      taken += 1;
      await child.result();
      expect(await listSignals(runId)).toContain('pause');
      await rig.replay(`${runId}/plain_calls/child_strokes.1`);
    }
    await rig.client.workflow.getHandle(runId).terminate();
  }
  rig.onCommand = () => Promise.resolve(null);
  expect(taken).toBeGreaterThan(0);
}, 60_000);

describe('the driver of a command that moves hears of a cancel without any heartbeat', () => {
  /** Strokes end only by a stop, and their activities hear of no cancellation: without another way these runs would never end. */
  const startDeaf = async (protocol: string, parameters: JsonObject): Promise<{ runId: string; moving: string }> => {
    const stops = new Map<string, () => void>();
    rig.isDeaf = true;
    rig.onStop = (id) => stops.get(id)?.();
    rig.onCommand = ({ id, method }) =>
      method === 'pick_up_tips'
        ? new Promise((_, reject) =>
            stops.set(id, () => {
              reject(ApplicationFailure.nonRetryable('It was stopped.', 'COMMAND_STOPPED'));
            }),
          )
        : Promise.resolve(null);
    const runId = await rig.start(protocol, parameters);
    await waitForCommands(runId, 1);
    return { runId, moving: listIds(runId)[0] as string };
  };
  afterEach(() => {
    rig.isDeaf = false;
    rig.onStop = () => undefined;
    rig.onCommand = () => Promise.resolve(null);
  });
  const expectStopped = async ({ runId, moving }: { runId: string; moving: string }, cleanups: readonly string[]): Promise<void> => {
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    // Cleanups move too, and nobody stops them.
    expect(new Set(rig.asked.stopped.filter((id) => id.startsWith(runId)))).toEqual(new Set([moving]));
    expect(
      rig.asked.commands
        .filter((command) => command.runId === runId)
        .slice(1)
        .map(({ method }) => method),
    ).toEqual(cleanups);
    expect(rig.asked.finished.at(-1)).toMatchObject({ runId, status: 'cancelled' });
    await rig.replay(runId);
  };

  test('in the run itself', async () => {
    const started = await startDeaf('plain_loop', { count: 5 });
    await signal(started.runId, 'cancel');
    await expectStopped(started, ['discard_tips']);
  });

  test('in the run itself while a pause waits for the end of the command', async () => {
    const started = await startDeaf('plain_loop', { count: 5 });
    rig.onControl = () => new Promise(() => undefined);
    await signal(started.runId, 'pause');
    await waitFor('the pause to be applied', async () =>
      (await rig.client.workflow.getHandle(started.runId).describe()).raw.pendingActivities?.some(
        ({ activityType, lastStartedTime }) => activityType?.name === 'applyControl' && lastStartedTime,
      ),
    );
    rig.onControl = () => Promise.resolve();
    await signal(started.runId, 'cancel');
    await expectStopped(started, ['discard_tips']);
  });

  test('in a child of it', async () => {
    const started = await startDeaf('parent_of_child', { count: 5, delayMs: 0 });
    await signal(started.runId, 'cancel');
    await expectStopped(started, ['discard_tips', 'return_tips']);
  });

  test('in a child that is cancelled alone', async () => {
    const started = await startDeaf('parent_of_child', { count: 5, delayMs: 0 });
    await rig.client.workflow.getHandle(`${started.runId}/parent_of_child/child_strokes.1`).cancel();
    await rig.result(started.runId).catch(() => undefined);
    expect(new Set(rig.asked.stopped.filter((id) => id.startsWith(started.runId)))).toEqual(new Set([started.moving]));
    await rig.replay(`${started.runId}/parent_of_child/child_strokes.1`);
  });
});

describe('pause', () => {
  test('and resume that overtake each other on the way to a child end in the last state', async () => {
    const runId = await rig.start('parent_of_child', { count: 60, delayMs: 1 });
    await waitForCommands(runId, 3);
    const child = rig.client.workflow.getHandle(`${runId}/parent_of_child/child_strokes.1`);
    const control = { cancel: false, freed: 0 };
    await child.signal('px.control', { ...control, rev: 12, pauseReasons: ['operator'] });
    await child.signal('px.control', { ...control, rev: 14, pauseReasons: [] });
    await child.signal('px.control', { ...control, rev: 13, pauseReasons: ['operator'] });
    expect(await rig.result(runId)).toMatchObject({ state: { childStrokes: 60 } });
  });

  test('and resume many times over end in the last state', async () => {
    const runId = await rig.start('everything', { rounds: 8 }, { historyBudgetEvents: 300 });
    await waitForCommands(runId, 5);
    for (let k = 0; k < 10; k++) {
      await signal(runId, 'pause');
      await signal(runId, 'resume');
    }
    await signal(runId, 'pause');
    await expectStill(runId);
    await signal(runId, 'resume');
    expect(await rig.result(runId)).toMatchObject({ results: expect.any(Array) as unknown });
    const ids = listIds(runId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('that another hold interrupts before it is shown is shown with who asked for it', async () => {
    let doubt = (): void => undefined;
    rig.onCommand = () =>
      new Promise((_, reject) => {
        doubt = () => {
          reject(ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN'));
        };
      });
    rig.onControl = () => new Promise(() => undefined);
    const runId = await rig.start('plain_loop', { count: 2 });
    await waitForCommands(runId, 1);
    await rig.client.workflow.getHandle(runId).signal('pause', { by: 'ada', reason: 'to look' });
    await waitFor('the pause to be applied', async () =>
      (await rig.client.workflow.getHandle(runId).describe()).raw.pendingActivities?.some(
        ({ activityType, lastStartedTime }) => activityType?.name === 'applyControl' && lastStartedTime,
      ),
    );
    rig.onControl = () => Promise.resolve();
    const before = rig.asked.controls.length;
    doubt();
    await waitFor('both holds', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('uncertain')));
    expect(rig.asked.controls.at(-1)).toMatchObject({
      pauseReasons: expect.arrayContaining(['operator', 'uncertain']) as unknown,
      asked: { by: 'ada', reason: 'to look' },
    });
    rig.onCommand = () => Promise.resolve(null);
    await signal(runId, 'cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(rig.asked.controls.slice(before).find(({ cancel }) => cancel)?.asked).toEqual({});
  });

  test('that is refused for good is asked for again: the run stands still meanwhile, and goes on when it is let go', async () => {
    const before = rig.asked.controls.length;
    let refusals = 0;
    rig.onControl = () =>
      refusals++ < 2 ? Promise.reject(ApplicationFailure.nonRetryable('nobody knows the run', 'INTERNAL')) : Promise.resolve();
    const runId = await rig.start('parent_of_child', { count: 200, delayMs: 1 }, { historyBudgetEvents: 100 });
    await waitForCommands(runId, 5);
    await signal(runId, 'pause');
    await waitFor('the pause to be applied', () =>
      Promise.resolve(rig.asked.controls.slice(before).at(-1)?.pauseReasons.includes('operator')),
    );
    expect(refusals).toBeGreaterThan(2);
    const still = await expectStill(runId);
    refusals = 0;
    await signal(runId, 'resume');
    await waitForCommands(runId, still + 5);
    expect(rig.asked.controls.at(-1)).toMatchObject({ pauseReasons: [] });
    await signal(runId, 'cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await rig.replay(runId);
  });

  test('stops a delay: what is left of it is waited after the pause', async () => {
    const runId = await rig.start('parent_of_child', { count: 1, delayMs: 700 });
    await waitForCommands(runId, 1);
    await signal(runId, 'pause');
    await wait(1_500);
    expect((await rig.client.workflow.getHandle(runId).describe()).status.name).toBe('RUNNING');
    await signal(runId, 'resume');
    expect(await rig.result(runId)).toMatchObject({ path: 'parent_of_child/child_strokes.1' });
  });

  test('holds for a command that the bridge refuses as held, which is sent again after it', async () => {
    let refusals = 3;
    rig.onCommand = () => {
      if (refusals-- > 0) throw ApplicationFailure.nonRetryable('held', 'RUN_HELD');
      return Promise.resolve(null);
    };
    const runId = await rig.start('plain_loop', { count: 2 });
    expect(await rig.result(runId)).toMatchObject({ last: 1 });
    expect(listIds(runId).filter((id) => id.endsWith('/plain_loop/1/0'))).toHaveLength(4);
    rig.onCommand = () => Promise.resolve(null);
  });
});

describe('an uncertain command', () => {
  const startUncertain = async (): Promise<string> => {
    rig.onCommand = (request) => {
      if (request.n === 3 && request.retry === 0) throw ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN');
      return Promise.resolve(null);
    };
    const runId = await rig.start('plain_loop', { count: 5 });
    await waitFor('the item', () => Promise.resolve(rig.asked.items.some((item) => item.runId === runId)));
    return runId;
  };
  const state = (runId: string, answer: object, note = '') =>
    rig.client.workflow
      .getHandle(runId)
      .executeUpdate('answer', { args: [{ itemId: `${runId}/plain_loop/3/0`, answer, by: 'ada', note, atMs: 1 }] });

  test('holds the run until it is stated; a retry has an id of its own', async () => {
    const runId = await startUncertain();
    expect(rig.asked.items.at(-1)).toMatchObject({
      itemId: `${runId}/plain_loop/3/0`,
      subject: { kind: 'uncertain-command', machine: 'star' },
    });
    await waitFor('the hold', () => Promise.resolve(rig.asked.controls.at(-1)?.pauseReasons.includes('uncertain')));
    await signal(runId, 'resume');
    await expectStill(runId);
    await expect(state(runId, { happened: 'done', then: 'retry' })).rejects.toMatchObject({ cause: { type: 'ANSWER_TYPE' } });
    await expect(state(runId, { happened: 'not-done', then: 'retry' }, 'contradiction')).rejects.toMatchObject({
      cause: { type: 'BAD_STATEMENT' },
    });
    await state(runId, { happened: 'not-done', then: 'retry' });
    expect(await rig.result(runId)).toMatchObject({ last: 4 });
    expect(listIds(runId).slice(2, 4)).toEqual([`${runId}/plain_loop/3/0`, `${runId}/plain_loop/3/1`]);
    expect(rig.asked.resolved.at(-1)).toMatchObject({ commandId: `${runId}/plain_loop/3/0`, resolution: { happened: 'not-done' } });
    rig.onCommand = () => Promise.resolve(null);
  });

  test.each([
    ['skip', { happened: 'done', then: 'skip' }, 'completed'],
    ['abort', { happened: 'not-done', then: 'abort' }, 'failed'],
  ])('%s', async (_name, answer, status) => {
    const runId = await startUncertain();
    await state(runId, answer);
    await rig.result(runId).catch(() => undefined);
    expect(rig.asked.finished.at(-1)).toMatchObject({ runId, status });
    rig.onCommand = () => Promise.resolve(null);
  });

  test('is withdrawn when the run is cancelled', async () => {
    const runId = await startUncertain();
    await signal(runId, 'cancel');
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(rig.asked.closed.at(-1)).toMatchObject({ itemId: `${runId}/plain_loop/3/0`, status: 'withdrawn' });
    rig.onCommand = () => Promise.resolve(null);
  });

  test('of a run that was cancelled meanwhile asks nobody, and what would have travelled with the question is told all the same', async () => {
    let doubt = (): void => undefined;
    rig.onCommand = () =>
      new Promise((_, reject) => {
        doubt = () => {
          reject(ApplicationFailure.nonRetryable('nobody knows', 'UNCERTAIN'));
        };
      });
    const runId = await rig.start('saves_beside', {});
    const countTimers = async (): Promise<number> =>
      ((await rig.client.workflow.getHandle(runId).fetchHistory()).events ?? []).filter(
        ({ timerStartedEventAttributes }) => timerStartedEventAttributes,
      ).length;
    await waitForCommands(runId, 1);
    await waitFor('the data to be saved', async () => (await countTimers()) === 2);
    await signal(runId, 'cancel');
    await waitFor('the command to be stopped', () => Promise.resolve(rig.asked.stopped.some((id) => id.startsWith(runId))));
    doubt();
    await expect(rig.result(runId)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect([...rig.asked.entries].flatMap(([key, { phase }]) => (key.startsWith(`${runId} `) ? [phase] : []))).toContain('data');
    await rig.replay(runId);
    rig.onCommand = () => Promise.resolve(null);
  });
});

describe('a run that continues another', () => {
  test('does not repeat what was done before the chosen call, and has it in its log', async () => {
    const first = await rig.start('plain_calls', { failing: true });
    await expect(rig.result(first)).rejects.toMatchObject({ cause: { type: 'TIP_MISSING' } });
    const ask = (callPath: string) =>
      rig.client.workflow.getHandle(first).query<{ ledger: Json; choices: string[] }, [string]>('px.ledger', callPath);
    expect(await ask('plain_calls/nothing.1')).toEqual({
      ledger: null,
      choices: ['plain_calls/strokes.1', 'plain_calls/child_strokes.1', 'plain_calls/strokes.2'],
    });
    const { ledger } = await ask('plain_calls/strokes.2');
    const second = await rig.start('plain_calls', { failing: false }, { continues: { runId: first, ledger } });
    expect(await rig.result(second)).toEqual({ strokes: 5, childStrokes: 4 });
    expect(listIds(second)).toEqual([1, 2].map((n) => `${second}/plain_calls/strokes.2/${n}/0`));
    const told = [...rig.asked.entries]
      .filter(([key, { phase }]) => key.startsWith(`${second} `) && phase === 'completed')
      .map(([, { path }]) => path);
    expect(told).toEqual(['plain_calls/strokes.1', 'plain_calls/child_strokes.1', 'plain_calls/strokes.2', 'plain_calls']);
  });
});
