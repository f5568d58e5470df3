// Machine errors on a whole lab: real errors of PyLabRobot are put before a person by the policy of the protocol, mended
// with commands by hand or with statements, and the run goes on; who did what and why is on record.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InboxItem } from '../domain/inbox/inbox.js';
import type { JsonObject } from '../domain/json/json.js';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { countTapeLines } from './rig/count-commands.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  listEvents,
  listHeld,
  listItems,
  readBridgeState,
  readMachineStatus,
  runToEnd,
  startRun,
  waitForEnd,
  waitForRun,
} from './rig/operate-lab.js';
import { readTokens } from './rig/read-tokens.js';
import { runCli } from './rig/run-cli.js';
import { startLab, wait, type Lab } from './rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
/** How long a run that must not go on is watched. */
const STILL_MS = 1_000;
const CARRYING = { plate: 'plate_1', tips: 'tips_1' };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.05, protocols: ['test/fixtures/recovery'], keptAsUsed: ['plate_1', 'tips_1', 'diluent_1'] });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('a person is asked', () => {
  test(
    'too little liquid: filled up by hand under the run, then sent again',
    async () => {
      const { runId, item } = await startAsked('asked_carry', { row: 'A', volumeUl: 250 });
      expect(item).toMatchObject({
        id: `${runId}/asked_carry/2/0/error`,
        subject: {
          kind: 'machine-error',
          machine: 'star',
          method: 'aspirate',
          code: 'TOO_LITTLE_LIQUID',
          mayRetry: true,
          known: expect.stringContaining('TooLittleLiquid') as unknown,
        },
      });
      expect(await listHeld(lab)).toContain('star');
      expect(await readMachineStatus(lab, 'star')).toBe('in-use');
      const shown = await runCli(lab.env, ['inbox', '--run', runId]);
      expect(shown.stdout).toContain(`praxis machines command star <method> --run ${runId}`);

      for (const [method, place] of [
        ['aspirate', 'diluent_1'],
        ['dispense', 'plate_1:A1'],
      ] as const) {
        const argument = method === 'aspirate' ? 'from' : 'to';
        const sent = await command([
          'star',
          method,
          '-p',
          `${argument}=${place}`,
          '-p',
          'volumeUl=100',
          '--run',
          'last',
          '--reason',
          'the well ran dry',
          '--yes',
        ]);
        // The command by hand is a run too, and not the last one that a person means.
        expect(sent).toMatchObject({ exitCode: 0, stderr: '' });
      }
      expect((await readBridgeState(lab))['plate_1_well_A1']).toMatchObject({ volumeUl: 300 });
      expect(await lab.get<Run>(`/runs/${runId}`)).toMatchObject({ status: 'needs-operator', pauseReasons: ['policy'] });

      expect(await answerByCli(lab, item.id, ['retry', '--yes', '--note', 'filled up'])).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        result: { carriedUl: 250 },
        counts: { commands: { completed: 4, failed: 1 } },
      });
      expect((await listCommands(lab, runId)).map(({ id, status }) => [id.slice(runId.length + 1), status])).toEqual([
        ['asked_carry/1/0', 'completed'],
        ['asked_carry/2/0', 'failed'],
        ['asked_carry/2/1', 'completed'],
        ['asked_carry/3/0', 'completed'],
        ['asked_carry/4/0', 'completed'],
      ]);
      const byHand = await lab.get<Page<Run>>(`/runs?underRunId=${runId}`);
      expect(byHand.items.map((run) => [run.protocol, run.status, run.createdBy, run.underRunId, run.parameters['reason']])).toEqual([
        ['manual', 'completed', 'local', runId, 'the well ran dry'],
        ['manual', 'completed', 'local', runId, 'the well ran dry'],
      ]);
      const told = (await listEvents(lab, runId)).filter(({ type }) => type === 'run.commanded' || type.startsWith('inbox.'));
      expect(told.map(({ type }) => type)).toEqual(['inbox.opened', 'run.commanded', 'run.commanded', 'inbox.answered']);
      expect(told[1]?.data).toMatchObject({ by: 'local', method: 'aspirate', reason: 'the well ran dry' });
      expect(told.at(-1)?.data).toMatchObject({ by: 'local', note: 'filled up', answer: { then: 'retry' } });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a missing tip: a person put one there and says so; what cannot be true is refused',
    async () => {
      const { runId, item } = await startAsked('asked_carry', { row: 'A', volumeUl: 20 });
      expect(item.subject).toMatchObject({ kind: 'machine-error', method: 'pick_up_tips', code: 'TIP_MISSING' });
      const before = await countTapeLines(lab.tapeFile);
      const answer = `/inbox/${encodeURIComponent(item.id)}/answer`;
      expect(
        await lab.post(answer, { answer: { then: 'retry', corrections: [{ labware: 'plate_1', item: 'A1', volumeUl: 9_000 }] } }),
      ).toMatchObject({ status: 422, body: { code: 'BAD_STATEMENT' } });
      expect(await lab.post(answer, { answer: { then: 'perhaps' } })).toMatchObject({ status: 422, body: { code: 'ANSWER_TYPE' } });
      expect((await lab.post(`/runs/${runId}/resume`, {})).status).toBe(202);
      await wait(STILL_MS);
      expect(await lab.get<Run>(`/runs/${runId}`)).toMatchObject({ status: 'needs-operator', pauseReasons: ['policy'] });
      expect(await countTapeLines(lab.tapeFile)).toBe(before);
      expect(await answerByCli(lab, item.id, ['--then', 'retry', '--tip', 'tips_1:A1=on', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'abort gives the error to the protocol, whose cleanups run; skip goes on with the result',
    async () => {
      const aborted = await startAsked('asked_carry', { row: 'B', volumeUl: 300 });
      await answerByCli(lab, aborted.item.id, ['abort', '--yes', '--note', 'enough']);
      expect(await waitForEnd(lab, aborted.runId)).toMatchObject({
        status: 'failed',
        error: { code: 'TOO_LITTLE_LIQUID', message: expect.stringContaining('local aborted it') as unknown },
      });
      expect((await listCommands(lab, aborted.runId)).map(({ method, status }) => [method, status])).toEqual([
        ['pick_up_tips', 'completed'],
        ['aspirate', 'failed'],
        ['discard_tips', 'completed'],
      ]);

      const skipped = await startAsked('inheriting_calls', { row: 'B', volumeUl: 10 });
      expect(skipped.item.id).toBe(`${skipped.runId}/inheriting_calls/silent_pick.1/1/0/error`);
      await lab.post(`/inbox/${encodeURIComponent(skipped.item.id)}/answer`, {
        answer: { then: 'skip', corrections: [{ machine: 'star', channel: 0, tipFrom: { labware: 'tips_1', item: 'B1' } }] },
      });
      expect(await waitForEnd(lab, skipped.runId)).toMatchObject({
        status: 'completed',
        result: { caught: 'TIP_MISSING', picked: 'picked' },
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a call inline inherits too',
    async () => {
      const { runId, item } = await startAsked('inheriting_calls', { row: 'B', volumeUl: 10, kind: 'inline' });
      await answerByCli(lab, item.id, ['retry', '--tip', 'tips_1:B1=on', '--yes']);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', result: { caught: 'TIP_MISSING', picked: 'picked' } });
    },
    TEST_LIMIT_MS,
  );

  test(
    'in the middle of a block: mended, sent again, then the rest of the block',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { runId, item } = await startAsked('asked_block', { row: 'C', volumeUl: 290 });
      expect(item).toMatchObject({ id: `${runId}/asked_block/2/0/error`, subject: { code: 'TOO_LITTLE_LIQUID' } });
      await answerByCli(lab, item.id, ['retry', '--set', 'plate_1:C1=300', '--yes']);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', result: { commands: 4 } });
      expect((await listCommands(lab, runId)).map(({ id, status }) => [id.slice(`${runId}/asked_block/`.length), status])).toEqual([
        ['1/0', 'completed'],
        ['2/0', 'failed'],
        ['2/1', 'completed'],
        ['3/0', 'completed'],
        ['4/0', 'completed'],
      ]);
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(4);
      expect((await readBridgeState(lab))['plate_1_well_C2']).toMatchObject({ volumeUl: 290 });
    },
    TEST_LIMIT_MS,
  );

  test(
    'cancelled while it waits: the item is withdrawn, the cleanup runs, nothing is held',
    async () => {
      const { runId } = await startAsked('asked_carry', { row: 'D', volumeUl: 300 });
      await lab.post(`/runs/${runId}/cancel`, {});
      expect((await waitForEnd(lab, runId)).status).toBe('cancelled');
      expect((await listItems(lab, runId)).map(({ status }) => status)).toEqual(['withdrawn']);
      expect((await listCommands(lab, runId)).at(-1)).toMatchObject({ method: 'discard_tips', status: 'completed' });
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'every worker and the bridge killed while it waits: the same item, and the run goes on after the answer',
    async () => {
      const { runId, item } = await startAsked('asked_carry', { row: 'E', volumeUl: 300 });
      for (const name of ['workflow-worker', 'workcell-worker', 'bridge']) await lab.kill(name);
      await wait(STILL_MS);
      expect((await findOpenItem(lab, runId)).id).toBe(item.id);
      await waitForRun(lab, runId, 'to take the answer', (run) => run.status === 'needs-operator');
      const giveAgain = async (): Promise<void> => {
        for (let i = 0; i < 20; i += 1)
          if ((await answerByCli(lab, item.id, ['retry', '--set', 'plate_1:E1=320', '--yes'])).exitCode === 0) return;
      };
      await giveAgain();
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 4, failed: 1, uncertain: 0 } },
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'two operators at once: one wins, the other is told who and when',
    async () => {
      const { runId, item } = await startAsked('asked_carry', { row: 'F', volumeUl: 300 });
      const { operator } = await readTokens(lab);
      const give = (then: string, headers: Record<string, string>) =>
        lab.post(`/inbox/${encodeURIComponent(item.id)}/answer`, { answer: { then } }, headers);
      const answers = await Promise.all([give('skip', {}), give('abort', { authorization: `Bearer ${operator}` })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const [won, lost] = answers[0].status === 200 ? (['local', answers[1]] as const) : (['operator', answers[0]] as const);
      expect(lost.body).toMatchObject({
        code: 'ITEM_ANSWERED',
        detail: expect.stringMatching(new RegExp(`^${won} answered this at \\d{4}-`, 'u')) as unknown,
      });
      // A skipped aspirate leaves the tip empty, so that the dispense is asked about next.
      await lab.post(`/runs/${runId}/cancel`, {});
      await waitForEnd(lab, runId);
      expect((await listItems(lab, runId))[0]).toMatchObject({ status: 'answered', answeredBy: won });
    },
    TEST_LIMIT_MS,
  );
});

describe('without a person', () => {
  test(
    'what never left is sent again as often as the policy says',
    async () => {
      await takeTip('G1');
      const run = await runToEnd(lab, 'retried_pick', { parameters: { row: 'G' }, assets: CARRYING });
      expect(run).toMatchObject({ status: 'failed', error: { code: 'TIP_MISSING' }, openItems: 0 });
      expect((await listCommands(lab, run.id)).map(({ retry, status }) => [retry, status])).toEqual([
        [0, 'failed'],
        [1, 'failed'],
        [2, 'failed'],
      ]);
      expect(await runToEnd(lab, 'done_anyway', { parameters: { row: 'G' }, assets: CARRYING })).toMatchObject({
        status: 'completed',
        result: 'went on',
      });
    },
    TEST_LIMIT_MS,
  );

  test('REST and CLI show the policy', async () => {
    expect(await lab.get(`/protocols/asked_carry`)).toMatchObject({ recovery: { TIP_MISSING: 'ask', TOO_LITTLE_LIQUID: { then: 'ask' } } });
    expect((await runCli(lab.env, ['protocols', 'retried_pick'])).stdout).toMatch(
      /TIP_MISSING +retry 2 times where nothing moves twice, otherwise fail/u,
    );
  });
});

async function startAsked(protocol: string, parameters: JsonObject): Promise<{ runId: string; item: InboxItem }> {
  const runId = await startRun(lab, protocol, { parameters, assets: CARRYING });
  // The item is there a moment before the hold is shown.
  const run = await waitForRun(
    lab,
    runId,
    'to ask',
    (seen) => (seen.status === 'needs-operator' && seen.pauseReasons.length > 0) || seen.endedAt !== null,
  );
  expect(run).toMatchObject({ status: 'needs-operator', pauseReasons: ['policy'] });
  return { runId, item: await findOpenItem(lab, runId) };
}

function command(args: readonly string[]) {
  return runCli(lab.env, ['machines', 'command', ...args]);
}

/** By hand, so that a run finds no tip there. */
async function takeTip(spot: string): Promise<void> {
  for (const [method, args] of [
    ['pick_up_tips', { tip_spots: `tips_1:${spot}` }],
    ['discard_tips', {}],
  ] as const) {
    const { body } = await lab.post('/machines/star/commands', { method, arguments: args });
    expect((await waitForEnd(lab, body['id'] as string)).status).toBe('completed');
  }
}
