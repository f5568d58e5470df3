// Work by hand, reminders, time windows and alarms on a whole lab, as a person meets them: through the command line and HTTP.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InboxItem } from '../../domain/inbox/inbox.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Page } from '../../domain/json/page.js';
import { askBridge, killEverything } from '../rig/kill-processes.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  listEvents,
  readBridgeState,
  startRun,
  waitForEnd,
  waitForStatus,
} from '../rig/operate-lab.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
/** Twice what opening a reader is expected to take, the margin, and time to be seen. */
const DOOR_S = 18;
const SETTINGS = { PRAXIS_SLOW_MARGIN: '1 s', PRAXIS_SILENT_AFTER: '4 s' };

let lab: Lab;

beforeAll(async () => {
  Object.assign(process.env, SETTINGS);
  lab = await startLab({
    protocols: ['test/fixtures/inbox'],
    keptAsUsed: ['tips_1'],
    changeWorkcell: (spec) => ({
      ...spec,
      machines: spec.machines.map((machine) =>
        machine.name === 'reader' ? { ...machine, backendArguments: { ...machine.backendArguments, motion_s: DOOR_S } } : machine,
      ),
    }),
  });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

const typesOf = async (runId: string): Promise<string[]> => (await listEvents(lab, runId)).map(({ type }) => type);
const waitForType = (runId: string, type: string): Promise<true | undefined> =>
  waitFor(`${type} of ${runId}`, async () => (await typesOf(runId)).includes(type) || undefined, { timeoutMs: 120_000 });
/** The alarms that nobody has acknowledged; an API that is away is asked again. */
const listAlarms = async (cause: string): Promise<InboxItem[]> => {
  const page = await lab.get<Page<InboxItem>>('/inbox?status=open&limit=200').catch(() => ({ items: [] }));
  return page.items.filter(({ subject }) => subject.kind === 'alarm' && subject.cause === cause);
};
const waitForAlarm = (cause: string): Promise<InboxItem> =>
  waitFor(`an alarm ${cause}`, async () => (await listAlarms(cause))[0], { timeoutMs: 120_000 });
const answerByApi = (itemId: string, answer: JsonObject): Promise<{ status: number; body: JsonObject }> =>
  lab.post(`/inbox/${encodeURIComponent(itemId)}/answer`, answer);

describe('work by hand', () => {
  test(
    'a place that is taken is refused with the reason; a free one is true in the bridge before the run goes on',
    async () => {
      const runId = await startRun(lab, 'by_hand', { assets: { plate: 'plate_4', tips: 'tips_1' } });
      await waitForStatus(lab, runId, 'needs-operator');
      const move = await findOpenItem(lab, runId);
      expect(move.subject).toMatchObject({
        kind: 'manual-move',
        labware: ['plate_4'],
        to: { carrier: 'plate_carrier_3', site: 3 },
        picture: 'deck.png',
      });
      const refused = await answerByCli(lab, move.id, ['yes', '--yes']);
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('BAD_STATEMENT') as unknown });
      expect(refused.stderr).toContain('site 3 of plate_carrier_3 is taken');
      expect(await findOpenItem(lab, runId)).toEqual(move);
      expect(await runCli(lab.env, ['labware', 'place', 'buffer_1', 'plate_carrier_3:4'])).toMatchObject({ exitCode: 0 });
      expect(await answerByCli(lab, move.id, ['yes', '--yes', '--note', 'carried'])).toMatchObject({ exitCode: 0 });
      expect((await readBridgeState(lab))['plate_4']).toMatchObject({ place: { carrier: 'plate_carrier_3', site: 3 } });

      const refill = await waitFor('the refill', async () =>
        (await findOpenItem(lab, runId).catch(() => undefined))?.subject.kind === 'refill' ? findOpenItem(lab, runId) : undefined,
      );
      expect((await readBridgeState(lab))['tips_1_tipspot_A1']).toMatchObject({ tip: null });
      expect(await answerByApi(refill.id, { answer: true })).toMatchObject({ status: 200, body: { status: 'answered' } });
      expect((await readBridgeState(lab))['tips_1_tipspot_A1']?.['tip']).not.toBeNull();

      const form = await waitFor('the form', async () =>
        (await findOpenItem(lab, runId).catch(() => undefined))?.subject.kind === 'form' ? findOpenItem(lab, runId) : undefined,
      );
      expect((await runCli(lab.env, ['inbox'])).stdout).toContain(`praxis answer ${form.id} --set 'lot=<text>' --set 'count=<integer>'`);
      expect(await answerByCli(lab, form.id, ['--set', 'lot=L1', '--yes'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ANSWER_TYPE') as unknown,
      });
      expect(await answerByCli(lab, form.id, ['--set', 'lot=L77', '--set', 'count=3', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        result: { isMoved: true, isFresh: true, lot: 'L77', count: 3 },
      });
      expect((await listCommands(lab, runId)).every(({ status }) => status === 'completed')).toBe(true);
      const told = (await listEvents(lab, runId)).find(({ type }) => type === 'labware.replaced');
      expect(told?.data).toMatchObject({ requestId: refill.id, labware: ['tips_1'], by: expect.any(String) as unknown });
    },
    TEST_LIMIT_MS,
  );
});

describe('a question that waits', () => {
  test(
    'is reminded of and escalated, over the loss of every process, in the time of the run',
    async () => {
      // An hour is half a second, the timeout six minutes.
      const runId = await startRun(lab, 'patient', { timeScale: 7_200 });
      await waitForType(runId, 'inbox.reminded');
      await killEverything(lab);
      await lab.restart();
      await waitForType(runId, 'inbox.escalated');
      const item = await waitFor(
        'more reminders',
        async () => {
          const open = await findOpenItem(lab, runId);
          return (open.reminders ?? 0) > 3 ? open : undefined;
        },
        { timeoutMs: 60_000 },
      );
      expect(item.escalatedAt).toEqual(expect.any(String));
      expect((await runCli(lab.env, ['inbox', '--run', runId])).stdout).toMatch(/reminded \d+ times[\s\S]*escalated/u);
      expect(await answerByCli(lab, item.id, ['yes', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', result: true });
      const reminders = (await listEvents(lab, runId)).flatMap(({ type, data }) => (type === 'inbox.reminded' ? [data.reminder] : []));
      expect(reminders).toEqual([...new Set(reminders)].sort((a, b) => a - b));
      expect((await typesOf(runId)).filter((type) => type === 'inbox.escalated')).toHaveLength(1);
    },
    TEST_LIMIT_MS,
  );
});

describe('time that runs out', () => {
  test(
    'a window breaks while a command runs; a command that is too slow raises an alarm, which ends and is acknowledged once',
    async () => {
      const runId = await startRun(lab, 'slow_read', { parameters: { maxMs: 2_000 } });
      await waitForStatus(lab, runId, 'needs-operator');
      const item = await findOpenItem(lab, runId);
      expect(item.subject).toMatchObject({ kind: 'time-window', window: 'read', maxMs: 2_000 });
      expect(await typesOf(runId)).toContain('run.window-broken');
      const alarm = await waitForAlarm('slow-command');
      expect(alarm).toMatchObject({
        runId,
        status: 'open',
        subject: { machine: 'reader', commandId: `${runId}/slow_read/1/0`, workcell: 'star' },
      });
      expect(await lab.get(`/runs/${runId}`)).toMatchObject({ openAlarms: 1, openItems: 1 });
      const shown = await runCli(lab.env, ['inbox']);
      expect(shown.stdout.indexOf(alarm.id)).toBeGreaterThan(-1);
      expect(shown.stdout.indexOf(alarm.id)).toBeLessThan(shown.stdout.indexOf(item.id));
      expect(await answerByCli(lab, alarm.id, ['no', '--yes'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ANSWER_TYPE') as unknown,
      });
      await waitForType(runId, 'alarm.ended');
      expect((await listAlarms('slow-command')).map(({ id, endedAt }) => [id, typeof endedAt])).toEqual([[alarm.id, 'string']]);
      const given = await Promise.all(['ada looked', 'ben looked'].map((note) => answerByApi(alarm.id, { answer: true, note })));
      expect(given.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(given.find(({ status }) => status === 409)?.body).toMatchObject({
        code: 'ITEM_ANSWERED',
        detail: expect.stringMatching(/answered this at .* with true/u) as unknown,
      });
      // Only the answer to the window lets the run close the reader.
      expect((await listCommands(lab, runId)).map(({ method }) => method)).toEqual(['open']);
      expect(await answerByCli(lab, item.id, ['go-on', '--yes'])).toMatchObject({ exitCode: 0 });
      await waitForStatus(lab, runId, 'running');
      await lab.post(`/runs/${runId}/cancel`, {});
      await waitForEnd(lab, runId);
      const types = await typesOf(runId);
      for (const [type, count] of [
        ['alarm.raised', 1],
        ['alarm.ended', 1],
        ['alarm.acknowledged', 1],
        ['run.window-broken', 1],
      ] as const) {
        expect([type, types.filter((each) => each === type).length >= count]).toEqual([type, true]);
      }
    },
    TEST_LIMIT_MS,
  );

  test(
    'a workcell that goes quiet while a run is open there raises one alarm, which ends when it is heard of',
    async () => {
      const runId = await startRun(lab, 'patient');
      await waitForStatus(lab, runId, 'needs-operator');
      const { pids } = await lab.record();
      const bridge = pids['bridge'] as number;
      process.kill(bridge, 'SIGSTOP');
      try {
        const silent = await waitForAlarm('silent-bridge');
        expect(silent).toMatchObject({ runId: null, protocol: null, subject: { workcell: 'star' } });
        expect(await lab.get(`/runs/${runId}`)).toMatchObject({ openAlarms: 1, status: 'needs-operator' });
      } finally {
        process.kill(bridge, 'SIGCONT');
      }
      const ended = await waitFor('the end of the silence', async () =>
        (await listAlarms('silent-bridge')).find(({ endedAt }) => endedAt !== undefined),
      );
      expect(await listAlarms('silent-bridge')).toHaveLength(1);
      expect(await answerByCli(lab, ended.id, ['yes', '--yes', '--note', 'cable'])).toMatchObject({ exitCode: 0 });
      expect(await answerByCli(lab, ended.id, ['yes', '--yes', '--note', 'me too'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ITEM_ANSWERED') as unknown,
      });
      expect(await listAlarms('silent-bridge')).toEqual([]);
      expect(await askBridge(lab, (client) => client.request('hello', {}))).toMatchObject({ workcell: 'star' });

      const worker = (await lab.record()).pids['workcell-worker'] as number;
      process.kill(worker, 'SIGSTOP');
      try {
        await waitForAlarm('silent-worker');
      } finally {
        process.kill(worker, 'SIGCONT');
      }
      await waitFor('the end of the silence', async () => (await listAlarms('silent-worker')).find(({ endedAt }) => endedAt !== undefined));
      await lab.post(`/runs/${runId}/cancel`, {});
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled', openAlarms: 0 });
    },
    TEST_LIMIT_MS,
  );
});
