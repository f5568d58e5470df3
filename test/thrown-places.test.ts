// The error of a run says where in the author's file it was thrown, and nothing of where that file lies on this machine.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findProjectRoot } from '../platform/paths.js';
import type { EngineRig } from './rig/engine-rig.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import { startEngine } from './rig/start-engine.js';

const FILE = 'test/fixtures/engine/thrown-places.protocol.ts';
const LINES = readFileSync(path.join(findProjectRoot(), FILE), 'utf8').split('\n');
const toPlace = (text: string): RegExp => new RegExp(`^${FILE}:${LINES.findIndex((line) => line.includes(text)) + 1}:\\d+$`, 'u');

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({ entry: toFixtureEntry(FILE) });
}, 240_000);
afterAll(() => rig?.end());

async function endOf(protocol: string, parameters: Record<string, string>) {
  const runId = await rig.start(protocol, parameters);
  await rig.result(runId).catch(() => undefined);
  return rig.asked.finished.find((each) => each.runId === runId)?.error;
}

test.each([
  ['bug', 'PROTOCOL_ERROR', "JSON.parse('null')"],
  ['own', 'TIP_MISSING', "new LabError('TIP_MISSING'"],
  ['refused', 'BAD_ARGUMENTS', 'milliseconds: -1'],
])('thrown as %s', async (how, code, text) => {
  expect(await endOf('throw_one', { how })).toMatchObject({ code, at: expect.stringMatching(toPlace(text)) as unknown });
});

test('thrown by a child, it is the place in the child', async () => {
  const error = await endOf('throw_below', {});
  expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', at: expect.stringMatching(toPlace("JSON.parse('null')")) as unknown });
  expect(error?.remedy).toBe(`Mend the protocol at ${error?.at ?? ''}.`);
});

test('an error whose stack cannot be read has no place, and is told all the same', async () => {
  const error = await endOf('throw_one', { how: 'odd' });
  expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', message: expect.stringContaining('odd') as unknown });
  expect(error).not.toHaveProperty('at');
});
