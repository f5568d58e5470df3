// Two machines and a plate that travels, on a whole lab: two runs that want them at once, and a bridge that dies while the
// gripper holds the plate.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Labware, Machine } from '../../contract/http/assets/asset-resource.js';
import type { Run } from '../../domain/runs/run.js';
import { killBridgeInside } from '../rig/kill-processes.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  listHeld,
  listItems,
  readBridgeState,
  runToEnd,
  startRun,
  waitForEnd,
  waitForRun,
  waitForStatus,
} from '../rig/operate-lab.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

const STEPS = ['open', 'pick_up_resource', 'drop_resource', 'close', 'read_absorbance', 'open', 'pick_up_resource', 'drop_resource'];
const TEST_LIMIT_MS = 240_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.2, protocols: ['test/fixtures/protocols'], keptAsUsed: ['plate_1', 'plate_2'] });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('read_plate started twice at once', () => {
  test(
    'the second waits and says for what; both complete, and the plate stands where it belongs',
    async () => {
      const ids = await Promise.all([
        startRun(lab, 'read_plate'),
        startRun(lab, 'read_plate', { assets: { plate: 'plate_2' }, parameters: { finalLocation: 'plate_carrier:1' } }),
      ]);
      const seen = await Promise.all(ids.map((id) => lab.get<Run>(`/runs/${id}`)));
      const [waiting, ...others] = seen.filter(({ waitingFor }) => waitingFor !== undefined);
      const first = seen.find(({ id }) => id !== waiting?.id);
      expect(others).toEqual([]);
      expect(waiting).toMatchObject({ status: 'queued' });
      const wanted = (waiting?.waitingFor ?? []).map(({ asset, heldByRunId, heldByProtocol, reason }) => ({
        asset,
        heldByRunId,
        heldByProtocol,
        reason,
      }));
      const by = { heldByRunId: first?.id, heldByProtocol: 'read_plate', reason: 'held' };
      expect(wanted).toEqual(
        expect.arrayContaining([
          { asset: 'star', ...by },
          { asset: 'reader', ...by },
        ]),
      );
      const ended = await Promise.all(ids.map((id) => waitForEnd(lab, id)));
      for (const run of ended)
        expect(run).toMatchObject({ status: 'completed', result: { wells: 96 }, counts: { commands: { completed: 8, failed: 0 } } });
      const commands = await Promise.all(ids.map((id) => listCommands(lab, id)));
      for (const list of commands) expect(list.map(({ method }) => method)).toEqual(STEPS);
      const [earlier, later] = commands.sort((a, b) => Date.parse(a[0]?.beganAt ?? '') - Date.parse(b[0]?.beganAt ?? ''));
      expect(Date.parse(later?.[0]?.beganAt ?? '')).toBeGreaterThanOrEqual(Date.parse(earlier?.at(-1)?.endedAt ?? ''));
      expect(await readPlace('plate_1')).toBe('plate_carrier-0');
      expect(await readPlace('plate_2')).toBe('plate_carrier-1');
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a plate that another run brought to another site is found there',
    async () => {
      expect(await runToEnd(lab, 'read_plate', { parameters: { finalLocation: 'plate_carrier_3:4' } })).toMatchObject({
        status: 'completed',
      });
      expect(await readPlace('plate_1')).toBe('plate_carrier_3-4');
      expect(await readLabware('plate_1')).toMatchObject({
        location: { carrier: 'plate_carrier_3', site: 4 },
        home: { carrier: 'plate_carrier', site: 0 },
      });
      expect(await runToEnd(lab, 'read_plate')).toMatchObject({ status: 'completed' });
      expect(await readPlace('plate_1')).toBe('plate_carrier-0');
    },
    TEST_LIMIT_MS,
  );

  test(
    'a plate that a person has put elsewhere is found there, and not put where another stands',
    async () => {
      const placeByCli = (place: string) => runCli(lab.env, ['labware', 'place', 'plate_1', place, '--note', 'by hand']);
      expect(await placeByCli('plate_carrier:1')).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('BAD_STATEMENT') as unknown,
      });
      expect(await placeByCli('somewhere')).toMatchObject({ exitCode: 2 });
      expect(await placeByCli('plate_carrier_3:4')).toMatchObject({ exitCode: 0, stdout: 'plate_1 stands at plate_carrier_3 site 4.\n' });
      expect(await readLabware('plate_1')).toMatchObject({ location: { carrier: 'plate_carrier_3', site: 4 } });
      expect(await runToEnd(lab, 'read_plate')).toMatchObject({ status: 'completed' });
      expect(await readLabware('plate_1')).toMatchObject({ location: { carrier: 'plate_carrier', site: 0 } });
      const { stdout } = await runCli(lab.env, ['labware']);
      expect(stdout).toMatch(/plate_1 .*plate_carrier site 0/u);
    },
    TEST_LIMIT_MS,
  );
});

describe('the bridge killed', () => {
  test(
    'between pick-up and drop: the run waits for a person to look, who gives the machine free; then the plate moves on',
    async () => {
      const runId = await startRun(lab, 'held_plate');
      const before = await dieWhileHeld(runId);
      const item = await waitForItem(runId);
      expect(item.subject).toMatchObject({
        kind: 'held-machine',
        machine: 'star',
        commandId: `${runId}/held_plate/2/0`,
        known: expect.stringContaining('gripped plate_1') as unknown,
      });
      expect(await lab.get<Run>(`/runs/${runId}`)).toMatchObject({ status: 'needs-operator', pauseReasons: ['asset'] });
      expect(await readStar()).toMatchObject({
        status: 'quarantined',
        statusReason: expect.stringContaining('gripped plate_1') as unknown,
      });
      expect(await readLabware('plate_1')).toMatchObject({ location: { gripper: 'star' } });
      const { stdout } = await runCli(lab.env, ['machines']);
      expect(stdout).toContain('gripped plate_1');
      expect(await readHands()).toEqual(before);
      expect(await answerByCli(lab, item.id, ['yes', '--note', 'it hangs well', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 2, failed: 0, uncertain: 0 } },
      });
      expect(await readHands()).toEqual({ gripped: null, parent: 'plate_carrier-0' });
      expect(await readStar()).toMatchObject({ status: 'available', statusReason: null });
    },
    TEST_LIMIT_MS,
  );

  test(
    'and the person says no: the command fails, the machine stays away from runs until it is released; a block waits alike',
    async () => {
      const runId = await startRun(lab, 'held_plate');
      const before = await dieWhileHeld(runId);
      expect(await answerByCli(lab, (await waitForItem(runId)).id, ['no', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'failed',
        error: { code: 'MACHINE_HELD' },
        counts: { commands: { completed: 1, failed: 0, uncertain: 0 } },
      });
      expect(await readHands()).toEqual(before);
      expect(await readStar()).toMatchObject({ status: 'quarantined' });
      expect(await runCli(lab.env, ['machines', 'release', 'star', '--note', 'it holds the plate well'])).toMatchObject({ exitCode: 0 });
      const second = await startRun(lab, 'held_plate', { parameters: { isHeld: true, isBlock: true } });
      await dieWhileHeld(second);
      expect(await answerByCli(lab, (await waitForItem(second)).id, ['yes', '--yes'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, second)).toMatchObject({ status: 'completed', counts: { commands: { completed: 1, failed: 0 } } });
      expect(await readHands()).toEqual({ gripped: null, parent: 'plate_carrier-0' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'in the middle of the drop: nobody knows; stated as done, the run goes on with the plate in the reader',
    async () => {
      for (let attempt = 1; ; attempt++) {
        const runId = await startRun(lab, 'read_plate', { assets: { plate: 'plate_2' }, parameters: { finalLocation: 'plate_carrier:1' } });
        await killBridgeInside(lab, `${runId}/read_plate/3/0`);
        const seen = await waitForRun(
          lab,
          runId,
          'to be held or to end',
          ({ status, endedAt }) => status === 'needs-operator' || endedAt !== null,
        );
        // The kill came a moment too late where the command had ended: then nothing was in doubt, and the next run is tried.
        if (seen.status === 'completed' && attempt < 5) continue;
        const item = await findOpenItem(lab, runId);
        expect(item.subject).toMatchObject({ kind: 'uncertain-command', machine: 'star', method: 'drop_resource' });
        expect(
          await answerByCli(lab, item.id, ['--happened', 'done', '--then', 'skip', '--note', 'it stands there', '--yes']),
        ).toMatchObject({ exitCode: 0 });
        expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { failed: 0, uncertain: 0 } } });
        expect(await readPlace('plate_2')).toBe('plate_carrier-1');
        return;
      }
    },
    TEST_LIMIT_MS,
  );
});

/** The site or machine on which the bridge knows the item; null in a gripper. */
async function readPlace(name: string): Promise<unknown> {
  return (await readBridgeState(lab))[name]?.['parent'];
}

async function readHands(): Promise<{ gripped: unknown; parent: unknown }> {
  return { gripped: (await readBridgeState(lab))['star']?.['gripped'], parent: await readPlace('plate_1') };
}

const readLabware = async (name: string) =>
  (await lab.get<{ items: readonly Labware[] }>('/labware')).items.find((item) => item.name === name);
const readStar = async () => (await lab.get<{ items: readonly Machine[] }>('/machines')).items.find(({ name }) => name === 'star');

/** The bridge dies while a question is open and the gripper holds the plate; then the question is answered. */
async function dieWhileHeld(runId: string): Promise<{ gripped: unknown; parent: unknown }> {
  const question = await waitForItem(runId);
  const before = await readHands();
  expect(before).toEqual({ gripped: 'plate_1', parent: null });
  await killBridge();
  expect(await readHands()).toEqual(before);
  expect(await answerByCli(lab, question.id, ['yes', '--yes'])).toMatchObject({ exitCode: 0 });
  await waitFor('the next item', async () => (await listItems(lab, runId)).length === 2);
  return before;
}

async function waitForItem(runId: string) {
  await waitForStatus(lab, runId, 'needs-operator');
  return findOpenItem(lab, runId);
}

async function killBridge(): Promise<void> {
  const { bridge } = (await lab.record()).pids;
  await lab.kill('bridge');
  await waitFor('another bridge', async () => {
    if ((await lab.record()).pids['bridge'] === bridge) return undefined;
    return readBridgeState(lab).catch(() => undefined);
  });
}
