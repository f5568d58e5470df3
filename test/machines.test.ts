// Machines on a whole lab: one serves where what it is built on is wanted, and a person connects one by hand. Its
// protocols call a plain function, of which the lab warns and starts all the same.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listCommands, runToEnd } from './rig/operate-lab.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ protocols: ['test/fixtures/machines'] });
}, 240_000);
afterAll(() => lab?.end());

test.each([
  ['shake_anything', 'shaker', ['shake', 'stop_shaking']],
  ['warm_anything', 'warmer', ['set_temperature', 'deactivate']],
])('%s takes the heater shaker', async (protocol, asset, methods) => {
  const run = await runToEnd(lab, protocol);
  expect(run).toMatchObject({ status: 'completed', assets: { [asset]: { name: 'heater_shaker', type: 'HeaterShaker' } } });
  expect((await listCommands(lab, run.id)).map(({ machine, method }) => [machine, method])).toEqual(
    methods.map((method) => ['heater_shaker', method]),
  );
});

test('a plain function that a protocol calls is told of at the start, with its place', async () => {
  const log = await readFile(path.join(lab.home, 'logs', 'prepare-lab.log'), 'utf8');
  const place =
    /^warning: .*machines\.protocol\.ts:\d+:\d+: warning: shakeOnce\(\) is a plain function, so this call of it is not tracked; /mu;
  expect(log).toMatch(place);
});

test('a machine is connected only by somebody who says that nothing is in its way', async () => {
  const refused = await runCli(lab.env, ['machines', 'connect', 'star']);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('NOT_CONFIRMED') as unknown });
  expect(refused.stderr).toContain('may move its axes');
  const done = await runCli(lab.env, ['machines', 'connect', 'star', '--yes', '--note', 'deck is clear']);
  expect(done).toMatchObject({ exitCode: 0, stdout: 'star is connected; it is available.\n' });
  const unknown = await runCli(lab.env, ['machines', 'connect', 'moon', '--yes']);
  expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('MACHINE_NOT_FOUND') as unknown });
});
