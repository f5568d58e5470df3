// The bridge dies with SENT open: nobody knows whether the command moved. A person says so, and only then the run goes on,
// with machine and deck as they said, in Postgres and in the bridge; a statement that cannot be true changes nothing.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import type { InboxItem } from '../domain/inbox/inbox.js';
import type { Json, JsonObject } from '../domain/json/json.js';
import { countTapeLines } from './rig/count-commands.js';
import { askBridge, killBridgeInside, waitForPhase } from './rig/kill-processes.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  listEvents,
  listItems,
  readMachineStatus,
  startRun,
  waitForEnd,
  waitForStatus,
  type StartWish,
} from './rig/operate-lab.js';
import { startLab, wait, type Lab } from './rig/start-lab.js';
import { describeLong } from './rig/test-long.js';

/** Longer than it takes to see SENT and to kill. */
const MOTION_S = 0.4;
const TEST_LIMIT_MS = 240_000;
/** How long a run that must not go on is watched. */
const STILL_MS = 1_500;
const CARRYING = { plate: 'plate_1', tips: 'tips_1' };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    motionS: MOTION_S,
    protocols: ['test/fixtures/doubt'],
    keptAsUsed: ['plate_1', 'plate_3', 'tips_1', 'diluent_1'],
    changeWorkcell: slowDown,
  });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('the answer decides what is true', () => {
  test(
    'an aspirate that was done and is skipped: the tip holds the liquid, the rest of the run relies on it',
    async () => {
      const { runId, item } = await startUncertain('carry_liquid', 'carry_liquid/2/0', { parameters: { row: 'A' }, assets: CARRYING });
      await expectHeld(runId, item);
      expect(await readVolume('plate_1_well_A1')).toBe(200);
      await answer(item, ['--happened', 'done', '--then', 'skip', '--note', 'the tip is full']);
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        result: { caught: 'none' },
        counts: { commands: { completed: 3, uncertain: 0 } },
      });
      expect(await readVolume('plate_1_well_A1')).toBe(100);
      expect(await readVolume('plate_1_well_A2')).toBe(100);
      expect(await hasTip('tips_1_tipspot_A1')).toBe(true);
      expect((await listCommands(lab, runId)).map(({ status }) => status)).toEqual(['completed', 'resolved', 'completed', 'completed']);
      await expectOnRecord(runId, item, { happened: 'done', then: 'skip', note: 'the tip is full' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a command in a child that was not done is sent again, once, under an id of its own',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { runId, item } = await startUncertain('carry_in_child', 'carry_in_child/carry_liquid.1/2/0', {
        parameters: { row: 'B' },
        assets: CARRYING,
      });
      await expectHeld(runId, item);
      await answer(item, ['--happened', 'not-done', '--then', 'retry', '--note', 'the tip is empty']);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 4, uncertain: 0 } } });
      expect((await listCommands(lab, runId)).map(({ id, status }) => [id.slice(runId.length + 1), status])).toEqual([
        ['carry_in_child/carry_liquid.1/1/0', 'completed'],
        ['carry_in_child/carry_liquid.1/2/0', 'resolved'],
        ['carry_in_child/carry_liquid.1/2/1', 'completed'],
        ['carry_in_child/carry_liquid.1/3/0', 'completed'],
        ['carry_in_child/carry_liquid.1/4/0', 'completed'],
      ]);
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(4);
      expect([await readVolume('plate_1_well_B1'), await readVolume('plate_1_well_B2')]).toEqual([100, 100]);
      await expectOnRecord(runId, item, { happened: 'not-done', then: 'retry', note: 'the tip is empty' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'an aspirate in the middle of a block that was not done is sent again, and the rest of the block after it',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { runId, item } = await startUncertain('plate_preparation', 'plate_preparation/4/0', {
        parameters: { pattern: 'columns', columns: [2], volumeUl: 10 },
        assets: { plate: 'plate_3', tips: 'tips_1', trough: 'diluent_1' },
      });
      await expectHeld(runId, item);
      await answer(item, ['--happened', 'not-done', '--then', 'retry', '--note', 'dry']);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 18, uncertain: 0 } } });
      const numbers = (await listCommands(lab, runId)).map(({ id }) => id.slice(`${runId}/plate_preparation/`.length));
      expect(numbers).toEqual(['1/0', '2/0', '3/0', '4/0', '4/1', ...Array.from({ length: 14 }, (_, k) => `${k + 5}/0`)]);
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(18);
      expect(await readVolume('plate_3_well_B2')).toBe(10);
    },
    TEST_LIMIT_MS,
  );

  test(
    'abort: the run fails with UNCERTAIN after its cleanups, and the machine serves',
    async () => {
      const { runId, item } = await startUncertain('carry_liquid', 'carry_liquid/2/0', { parameters: { row: 'C' }, assets: CARRYING });
      await answer(item, ['--happened', 'not-done', '--then', 'abort', '--note', 'enough']);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'failed', error: { code: 'UNCERTAIN' } });
      expect((await listCommands(lab, runId)).map(({ method, status }) => [method, status])).toEqual([
        ['pick_up_tips', 'completed'],
        ['aspirate', 'resolved'],
        ['discard_tips', 'completed'],
      ]);
      await expectOnRecord(runId, item, { happened: 'not-done', then: 'abort', note: 'enough' });
    },
    TEST_LIMIT_MS,
  );

  test(
    "a command that only asks is nobody's question: it simply runs again",
    async () => {
      const runId = await startRun(lab, 'warm_up', { assets: { heaterShaker: 'heater_shaker' } });
      await waitForPhase(lab, `${runId}/warm_up/2/0`, 'accepted');
      await lab.kill('bridge');
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        result: { temperatureC: 40 },
        counts: { commands: { completed: 4, uncertain: 0 } },
      });
      expect(await listItems(lab, runId)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  describeLong(() => {
    test(
      'a dispense in the middle of a block that was partly done: the corrections count, the block goes on after it',
      async () => {
        const { runId, item } = await startUncertain('plate_preparation', 'plate_preparation/5/0', {
          parameters: { pattern: 'columns', columns: [1], volumeUl: 40 },
          assets: { plate: 'plate_3', tips: 'tips_1', trough: 'diluent_1' },
        });
        await expectHeld(runId, item);
        await answer(item, [
          '--happened',
          'partly',
          '--then',
          'skip',
          '--set',
          'plate_3:B1=25',
          '--channel',
          '0=tips_1:A1:0',
          '--note',
          '15 µL beside the plate',
        ]);
        expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 17, uncertain: 0 } } });
        const volumes = await Promise.all(['A', 'B', 'C', 'H'].map((row) => readVolume(`plate_3_well_${row}1`)));
        expect(volumes).toEqual([40, 25, 40, 40]);
        expect(await readVolume('diluent_1')).toBe(50_000 - 8 * 40);
        const commands = await listCommands(lab, runId);
        expect(commands).toHaveLength(18);
        expect(new Set(commands.map(({ id }) => id)).size).toBe(18);
        await expectOnRecord(runId, item, { happened: 'partly', then: 'skip', note: '15 µL beside the plate' });
      },
      TEST_LIMIT_MS,
    );

    test(
      'a gripper that had taken a plate, then a read that was not done: two doubts in one run',
      async () => {
        const gripped = await startUncertain('read_plate', 'read_plate/2/0', {
          assets: { plate: 'plate_1', reader: 'reader' },
          parameters: { finalLocation: 'plate_carrier:0' },
        });
        const { runId } = gripped;
        await expectHeld(runId, gripped.item);
        await answer(gripped.item, ['--happened', 'done', '--then', 'skip', '--note', 'it hangs in the gripper']);
        await killBridgeInside(lab, `${runId}/read_plate/5/0`);
        await waitForStatus(lab, runId, 'needs-operator');
        const item = await findOpenItem(lab, runId);
        await expectHeld(runId, item, 'reader');
        await answer(item, ['--happened', 'not-done', '--then', 'retry', '--note', 'no values']);
        expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 7, uncertain: 0 } } });
        expect((await readResource('plate_1'))['parent']).toBe('plate_carrier-0');
        expect((await listItems(lab, runId)).map(({ status }) => status)).toEqual(['answered', 'answered']);
        expect([await readMachineStatus(lab, 'star'), await readMachineStatus(lab, 'reader')]).toEqual(['available', 'available']);
      },
      TEST_LIMIT_MS,
    );

    test(
      'abort that the protocol catches: it goes on as it chooses',
      async () => {
        const { runId, item } = await startUncertain('carry_liquid', 'carry_liquid/2/0', {
          parameters: { row: 'D', isCaught: true },
          assets: CARRYING,
        });
        await answer(item, ['--happened', 'not-done', '--then', 'abort']);
        expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', result: { caught: 'UNCERTAIN' } });
        expect(await readMachineStatus(lab, 'star')).toBe('available');
      },
      TEST_LIMIT_MS,
    );
  });
});

describe('statements that cannot be taken', () => {
  test(
    'change nothing, move nothing and leave the item open; the first good one counts',
    async () => {
      const { runId, item } = await startUncertain('carry_liquid', 'carry_liquid/2/0', { parameters: { row: 'E' }, assets: CARRYING });
      const before = await countTapeLines(lab.tapeFile);
      const volume = await readVolume('plate_1_well_E1');
      const refused: readonly (readonly [Json, number, string])[] = [
        [true, 422, 'ANSWER_TYPE'],
        [{ happened: 'perhaps', then: 'retry' }, 422, 'ANSWER_TYPE'],
        [{ happened: 'done', then: 'retry' }, 422, 'ANSWER_TYPE'],
        [{ happened: 'partly', then: 'skip' }, 422, 'ANSWER_TYPE'],
        [{ happened: 'partly', then: 'skip', corrections: [{ labware: 'plate_1', item: 'E1', volumeUl: 900 }] }, 422, 'BAD_STATEMENT'],
        [{ happened: 'partly', then: 'skip', corrections: [{ labware: 'plate_99', item: 'E1', volumeUl: 9 }] }, 422, 'BAD_STATEMENT'],
        [
          {
            happened: 'partly',
            then: 'skip',
            corrections: [
              { labware: 'plate_1', item: 'E1', volumeUl: 50 },
              { labware: 'plate_1', item: 'Z1', volumeUl: 9 },
            ],
          },
          422,
          'BAD_STATEMENT',
        ],
      ];
      for (const [given, status, code] of refused)
        expect(await give(item.id, given)).toMatchObject({ status, body: { code, remedy: expect.any(String) as unknown } });
      expect(await give(`${runId}/carry_liquid/1/0`, { happened: 'not-done', then: 'retry' })).toMatchObject({
        status: 404,
        body: { code: 'ITEM_NOT_FOUND' },
      });
      await expect(
        askBridge(lab, (bridge) =>
          bridge.request('command.resolve', {
            requestId: 'x',
            id: `${runId}/carry_liquid/1/0`,
            happened: 'not-done',
            corrections: [],
            by: 'ada',
            note: '',
          }),
        ),
      ).rejects.toMatchObject({
        code: 'NOT_UNCERTAIN',
      });
      expect((await lab.post(`/runs/${runId}/resume`, {})).status).toBe(202);
      await wait(STILL_MS);
      await expectHeld(runId, item);
      expect([await countTapeLines(lab.tapeFile), await readVolume('plate_1_well_E1')]).toEqual([before, volume]);

      const good = [
        { happened: 'not-done', then: 'retry' },
        { happened: 'not-done', then: 'abort' },
      ] as const;
      const [first, second] = await Promise.all(good.map((each) => give(item.id, each)));
      expect([first?.status, second?.status].sort()).toEqual([200, 409]);
      const lost = first?.status === 409 ? first : second;
      expect(lost?.body).toMatchObject({ code: 'ITEM_ANSWERED', detail: expect.stringMatching(/answered this at .* with /u) as unknown });
      const run = await waitForEnd(lab, runId);
      expect(run.status).toBe(first?.status === 200 ? 'completed' : 'failed');
      const won = first?.status === 200 ? good[0] : good[1];
      expect(await give(item.id, won)).toMatchObject({ status: 200, body: { status: 'answered' } });
      expect(await give(item.id, { happened: 'done', then: 'skip' })).toMatchObject({ status: 409, body: { code: 'ITEM_ANSWERED' } });
      expect(await answerByCli(lab, item.id, ['--happened', 'done', '--then', 'skip'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ITEM_ANSWERED') as unknown,
      });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(run.status === 'completed' ? 3 : 1);
      expect(await lab.post(`/runs/${runId}/pause`, {})).toMatchObject({ status: 409, body: { code: 'RUN_ENDED' } });
    },
    TEST_LIMIT_MS,
  );
});

async function startUncertain(protocol: string, command: string, wish: StartWish): Promise<{ runId: string; item: InboxItem }> {
  const runId = await startRun(lab, protocol, wish);
  await killBridgeInside(lab, `${runId}/${command}`);
  await waitForStatus(lab, runId, 'needs-operator');
  return { runId, item: await findOpenItem(lab, runId) };
}

/** Nothing goes on; whoever looks sees why. */
async function expectHeld(runId: string, item: InboxItem, machine = 'star'): Promise<void> {
  const run = await waitForStatus(lab, runId, 'needs-operator');
  expect(run).toMatchObject({ pauseReasons: ['uncertain'], openItems: 1, counts: { commands: { uncertain: 1 } } });
  expect(item).toMatchObject({
    status: 'open',
    subject: {
      kind: 'uncertain-command',
      machine,
      commandId: item.id,
      known: expect.stringContaining('0 of 1 are known to have ended') as unknown,
    },
  });
  expect(await readMachineStatus(lab, machine)).toBe('quarantined');
}

async function answer(item: InboxItem, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await answerByCli(lab, item.id, args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
}

function give(itemId: string, given: Json): Promise<{ status: number; body: JsonObject }> {
  return lab.post(`/inbox/${encodeURIComponent(itemId)}/answer`, { answer: given });
}

/** Who said what and when: in the item, at the command and in the events. */
async function expectOnRecord(runId: string, item: InboxItem, said: { happened: string; then: string; note: string }): Promise<void> {
  const by = expect.stringMatching(/./u) as unknown;
  const { happened, then, note } = said;
  expect(await lab.get(`/inbox/${encodeURIComponent(item.id)}`)).toMatchObject({
    status: 'answered',
    answer: { happened, then },
    answeredBy: by,
    answeredAt: expect.stringMatching(/^\d{4}-/u) as unknown,
    note,
  });
  const command = (await listCommands(lab, runId)).find(({ id }) => id === item.id);
  expect(command).toMatchObject({ status: 'resolved', resolution: { happened, by, note, at: expect.any(String) as unknown } });
  const told = (await listEvents(lab, runId)).filter(({ type }) =>
    ['command.uncertain', 'inbox.opened', 'command.resolved', 'inbox.answered'].includes(type),
  );
  expect(told.map(({ type }) => type)).toEqual(['command.uncertain', 'inbox.opened', 'command.resolved', 'inbox.answered']);
  expect(told.at(-1)?.data).toMatchObject({ itemId: item.id, by, note, answer: { happened, then } });
  expect(await readMachineStatus(lab, 'star')).toBe('available');
}

async function readResource(name: string): Promise<JsonObject> {
  const { resources } = await askBridge(lab, (bridge) => bridge.request('state.read', {}));
  return (resources[name] ?? {}) as JsonObject;
}

async function readVolume(name: string): Promise<Json | undefined> {
  return (await readResource(name))['volumeUl'];
}

async function hasTip(spot: string): Promise<boolean> {
  return (await readResource(spot))['tip'] !== null;
}

/** A reader that takes its time, and a block that takes a while to be warm. */
function slowDown(spec: WorkcellSpec): WorkcellSpec {
  const slow: Readonly<Record<string, JsonObject>> = { reader: { motion_s: MOTION_S }, heater_shaker: { degrees_per_second: 8 } };
  return {
    ...spec,
    machines: spec.machines.map((machine) => ({ ...machine, backendArguments: { ...machine.backendArguments, ...slow[machine.name] } })),
  };
}
