// When a process counts as gone: not before its last thread has closed its ports.

import { expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseStartTime, readStartTime, waitForExit } from './process-identity.js';
import { ASK_PS } from './recorded-process.js';

const toStat = (state: string, threads: number): string =>
  `4711 (node (a) b) ${state} 1 4711 4711 0 -1 4194304 2270 0 0 0 11 2 0 0 20 0 ${threads} 0 123456 678 90 0`;

test.each([
  ['S', 11, '123456'],
  ['Z', 11, '123456'],
  ['Z', 1, null],
  ['X', 1, null],
])('state %s with %i threads started at %s', (state, threads, startTime) => {
  expect(parseStartTime(toStat(state, threads))).toBe(startTime);
});

test('a process that was ended is gone, also before its parent has asked for its exit code', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  expect(readStartTime(pid)).not.toBeNull();
  if (process.platform === 'linux') expect(readStartTime(pid)).toBe(parseStartTime(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  child.kill('SIGKILL');
  expect(await waitForExit(pid, 10_000)).toBe(true);
});

test('without /proc a process is the same for everybody who asks, whatever their language and time zone', () => {
  const script = `
    import { readStartTimeFromPs } from ${JSON.stringify(new URL('../dist/local/process-identity.js', import.meta.url).href)};
    process.stdout.write(String(readStartTimeFromPs(${process.pid})));`;
  const asked = ['UTC0', 'Asia/Kolkata', 'America/New_York'].flatMap((TZ) => {
    const env = { ...process.env, TZ, LC_ALL: TZ === 'UTC0' ? 'C' : 'de_DE.UTF-8' };
    const ask = (program: string, args: readonly string[]): string => execFileSync(program, args, { encoding: 'utf8', env });
    // Once as a process of a lab asks, once as a process that writes itself down does.
    return [ask(process.execPath, ['--input-type=module', '-e', script]), parseStartTime(ask('sh', ['-c', `${ASK_PS} -p ${process.pid}`]))];
  });
  expect(asked[0]).toMatch(/\d{4}$/u);
  expect(new Set(asked).size).toBe(1);
});
