// Commands by hand on a whole lab: on an idle machine, on one that a waiting run holds, refused; and who may send them.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { countTapeLines } from './rig/count-commands.js';
import { listCommands, listHeld, readMachineStatus, startRun, waitForEnd, waitForStatus } from './rig/operate-lab.js';
import { readTokens } from './rig/read-tokens.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
const CARRYING = { plate: 'plate_1', tips: 'tips_1' };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.05, protocols: ['test/fixtures/recovery'], keptAsUsed: ['plate_1', 'tips_1', 'diluent_1'] });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('commands by hand', () => {
  test(
    'on an idle machine: a run of manual with who and why, the machine free afterwards',
    async () => {
      const sent = await command(['heater_shaker', 'get_temperature', '--reason', 'is it warm?', '--json']);
      expect(sent).toMatchObject({ exitCode: 0, stderr: '' });
      const run = JSON.parse(sent.stdout) as Run;
      expect(run).toMatchObject({
        protocol: 'manual',
        status: 'completed',
        createdBy: 'local',
        parameters: { method: 'get_temperature', reason: 'is it warm?' },
        result: expect.any(Number) as unknown,
      });
      expect((await listCommands(lab, run.id)).map(({ id, method, status }) => [id, method, status])).toEqual([
        [`${run.id}/manual/1/0`, 'get_temperature', 'completed'],
      ]);
      expect(await readMachineStatus(lab, 'heater_shaker')).toBe('available');
    },
    TEST_LIMIT_MS,
  );

  test(
    'what may move wants a yes, and nothing is sent without',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { exitCode, stderr, stdout } = await command(['star', 'pick_up_tips', '-p', 'tip_spots=tips_1:H1']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('NOT_CONFIRMED') as unknown });
      expect(stdout).toMatch(/spots {2}\[\{"\$item":\["tips_1","H1"\]\}\]\n {2}may move; usually .* at most /u);
      expect(await countTapeLines(lab.tapeFile)).toBe(before);
    },
    TEST_LIMIT_MS,
  );

  test('what the machine does not know is refused with what was meant', async () => {
    expect(await lab.post('/machines/star/commands', { method: 'pick_up_tip' })).toMatchObject({
      status: 422,
      body: { code: 'UNKNOWN_METHOD', detail: expect.stringContaining('Did you mean pick_up_tips') as unknown },
    });
    expect(await lab.post('/machines/star/commands', { method: 'discard_tips', arguments: { channels: [0] } })).toMatchObject({
      status: 422,
      body: { code: 'BAD_ARGUMENTS', field: 'arguments.channels' },
    });
    expect(await lab.post('/machines/sta/commands', { method: 'discard_tips' })).toMatchObject({
      status: 404,
      body: { code: 'MACHINE_NOT_FOUND' },
    });
  });

  test(
    'a machine that a run holds: refused, and under that run only while it waits',
    async () => {
      const runId = await startRun(lab, 'hold_handler', { assets: CARRYING });
      await waitForStatus(lab, runId, 'running');
      const wish = { method: 'discard_tips', runId };
      expect(await lab.post('/machines/star/commands', { method: 'discard_tips' })).toMatchObject({
        status: 409,
        body: { code: 'ASSET_IN_USE', detail: expect.stringContaining(runId) as unknown },
      });
      expect(await lab.post('/machines/star/commands', wish)).toMatchObject({
        status: 409,
        body: { code: 'RUN_NOT_HELD', remedy: expect.stringContaining('praxis pause') as unknown },
      });
      await lab.post(`/runs/${runId}/pause`, {});
      await waitForStatus(lab, runId, 'paused');
      expect(await lab.post('/machines/reader/commands', { method: 'open', runId })).toMatchObject({
        status: 409,
        body: { code: 'ASSET_IN_USE' },
      });
      const key = { 'idempotency-key': `by-hand-${runId}` };
      const pick = { method: 'pick_up_tips', arguments: { tip_spots: 'tips_1:H1' }, runId };
      const [first, again] = [await lab.post('/machines/star/commands', pick, key), await lab.post('/machines/star/commands', pick, key)];
      expect([first.status, again.status, again.body['id']]).toEqual([201, 200, first.body['id']]);
      expect((await waitForEnd(lab, first.body['id'] as string)).status).toBe('completed');
      const dropped = await lab.post('/machines/star/commands', wish);
      expect((await waitForEnd(lab, dropped.body['id'] as string)).status).toBe('completed');
      expect(await listHeld(lab)).toEqual(expect.arrayContaining(['star', 'tips_1', 'plate_1']));
      await lab.post(`/runs/${runId}/cancel`, {});
      await waitForEnd(lab, runId);
      expect(await lab.post('/machines/star/commands', wish)).toMatchObject({ status: 409, body: { code: 'RUN_ENDED' } });
    },
    TEST_LIMIT_MS,
  );
});

describe('roles', () => {
  test(
    'a viewer reads, rehearses and changes nothing, a stranger gets nothing, and the tokens are for the owner alone',
    async () => {
      const { viewer, operator } = await readTokens(lab);
      expect((await stat(path.join(lab.home, 'tokens.json'))).mode & 0o777).toBe(0o600);
      const runs = (await lab.get<Page<Run>>('/runs')).items.length;
      for (const route of [
        '/runs',
        '/machines/star/commands',
        '/machines/star/release',
        '/labware/tips_1/replace',
        '/inbox/x/answer',
        '/runs/x/pause',
        '/runs/x/cancel',
      ]) {
        expect([route, await lab.post(route, {}, { authorization: `Bearer ${viewer}` })]).toMatchObject([
          route,
          { status: 403, body: { code: 'FORBIDDEN', remedy: expect.any(String) as unknown } },
        ]);
        expect([route, await lab.post(route, {}, { authorization: 'Bearer nobody' })]).toMatchObject([
          route,
          { status: 401, body: { code: 'UNKNOWN_TOKEN' } },
        ]);
      }
      expect((await lab.get<Page<Run>>('/runs')).items.length).toBe(runs);
      const asViewer = { ...lab.env, PRAXIS_TOKEN: viewer };
      expect((await runCli(asViewer, ['runs'])).exitCode).toBe(0);
      // What it says of the deck, which other tests have used, does not matter here.
      expect(
        await lab.post('/protocols/serial_dilution/rehearsals', { parameters: { numDilutions: 2 } }, { authorization: `Bearer ${viewer}` }),
      ).toMatchObject({ status: 200 });
      expect(await runCli(asViewer, ['machines', 'command', 'heater_shaker', 'get_temperature'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('FORBIDDEN') as unknown,
      });
      expect((await runCli({ ...lab.env, PRAXIS_TOKEN: 'x' }, ['runs'])).stderr).toContain('UNKNOWN_TOKEN');
      const sent = await runCli({ ...lab.env, PRAXIS_TOKEN: operator }, [
        'machines',
        'command',
        'heater_shaker',
        'get_temperature',
        '--json',
      ]);
      expect(JSON.parse(sent.stdout)).toMatchObject({ createdBy: 'operator', status: 'completed' });
    },
    TEST_LIMIT_MS,
  );
});

function command(args: readonly string[]) {
  return runCli(lab.env, ['machines', 'command', ...args]);
}
