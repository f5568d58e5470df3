// Author code without end is ended by its steps: the run fails and says where, cleanups run, and the runs beside it go on.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findProjectRoot } from '../../platform/paths.js';
import { toFixtureEntry } from '../rig/fixture-entry.js';
import type { EngineRig } from '../rig/engine-rig.js';
import { startEngine } from '../rig/start-engine.js';

const FIXTURE = path.join('test', 'fixtures', 'hostile', 'endless.protocol.ts');
/** Each way to go on without end, and text of the line at which it is found. */
const ENDLESS: readonly (readonly [protocol: string, line: string])[] = [
  ['sync_loop', 'while (true) n += 1'],
  ['await_loop', 'while (true) await 0'],
  ['caught', 'for (;;);'],
  ['swallowed', 'for (;;);'],
  ['recursion', '.then(again)'],
  ['detached', 'for (;;) await 0'],
  ['generators', 'for ('],
  ['spread', 'Symbol.iterator'],
  ['thenable', 'PromiseLike'],
  ['zero_step', 'volume <= 10'],
  ['branches', 'for (;;) await 0'],
  ['calls', 'nothing('],
];
const lines = readFileSync(path.join(findProjectRoot(), FIXTURE), 'utf8').split('\n');

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry(FIXTURE),
  });
}, 240_000);
afterAll(() => rig?.end());

const listMethods = (runId: string): string[] =>
  rig.asked.commands.filter((command) => command.runId === runId).map(({ method }) => method);

test.each(ENDLESS)(
  '%s ends, says where, cleans up, and replays',
  async (protocol, line) => {
    const beside = await rig.start('healthy', {});
    const runId = await rig.start(protocol, {});
    const failure = (await rig.result(runId).then(
      () => undefined,
      (error: unknown) => (error as Error).cause,
    )) as { type: string; message: string };
    expect(failure).toMatchObject({
      type: 'PROTOCOL_ERROR',
      message: expect.stringMatching(/went on for 20 million steps without an operation, at .*endless\.protocol\.ts:\d+/u) as unknown,
    });
    const at = Number(/endless\.protocol\.ts:(\d+)/u.exec(failure.message)?.[1]);
    expect(lines.slice(at - 2, at + 1).join('\n')).toContain(line);
    expect(listMethods(runId).at(-1)).toBe('discard_tips');
    expect(await rig.result(beside)).toBe('healthy');
    await rig.replay(runId);
  },
  120_000,
);

test('a cleanup without end is left, and those before it run', async () => {
  const runId = await rig.start('cleanup_loops', {});
  await expect(rig.result(runId)).rejects.toMatchObject({
    cause: {
      type: 'PROTOCOL_ERROR',
      message: expect.stringMatching(/'endless' failed: PROTOCOL_ERROR: The protocol went on for 20 million steps/u),
    },
  });
  expect(listMethods(runId)).toEqual(['pick_up_tips', 'discard_tips']);
  await rig.replay(runId);
}, 120_000);

test('long computations between two commands are none of these', async () => {
  const runId = await rig.start('below', {});
  expect(await rig.result(runId)).toBe('all well');
  await rig.replay(runId);
}, 120_000);
