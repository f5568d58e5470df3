// What nothing can stop ends the process that executes workflow code, and nothing else: the runs beside it go on, and the
// run that did it is refused after the second time. What one run changes, the next does not meet.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStrikes } from '../slots/strikes.js';
import { SLOT_LIMITS, STRIKES_MAX, type SlotRun } from '../slots/workflow-slots.js';
import { toFixtureEntry } from './rig/fixture-entry.js';
import type { EngineRig } from './rig/engine-rig.js';
import { startEngine } from './rig/start-engine.js';
import { waitFor } from './rig/start-lab.js';
import { describeLong } from './rig/test-long.js';

const FIXTURE = path.join('test', 'fixtures', 'hostile', 'hostile.protocol.ts');
const HEALTHY_RUNS = 3;

let rig: EngineRig;
const strikes = createStrikes();
const struck: (SlotRun & { readonly why: string })[] = [];
const failing = new Map<string, string[]>();

beforeAll(async () => {
  rig = await startEngine({
    entry: toFixtureEntry(FIXTURE),
    slots: {
      strikes,
      // jest reads of a full heap on the stderr of its own process and takes itself for the one.
      limits: { ...SLOT_LIMITS, heapMibMax: 200, memoryMibMax: 600, isMute: true },
      onStrike: (run, { why }) => {
        struck.push({ ...run, why });
      },
      onFailing: ({ workflowId }, { message }) => {
        failing.set(workflowId, [...(failing.get(workflowId) ?? []), message]);
      },
    },
  });
}, 240_000);
afterAll(() => rig?.end());

/** Processes of this one that execute workflow code. */
function countSlots(): number {
  const lines = execFileSync('ps', ['-eo', 'ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.trim().startsWith(`${process.pid} `) && line.includes('workflow-slot.cjs')).length;
}

async function proveRefused(kind: string, why: RegExp): Promise<void> {
  const beside = await Promise.all(Array.from({ length: HEALTHY_RUNS }, () => rig.start('healthy', { count: 100 })));
  const runId = await rig.start('hurt', { kind });
  for (const each of beside) expect(await rig.result(each)).toBe('healthy');
  await waitFor('the refusal', () => Promise.resolve(failing.get(runId)?.some((message) => message.includes('RUN_REFUSED'))));
  expect(struck.filter((each) => each.workflowId === runId)).toEqual(
    Array(STRIKES_MAX).fill({ workflowId: runId, rootId: runId, why: expect.stringMatching(why) as unknown }),
  );
  expect(beside.map((each) => strikes.count(each))).toEqual(Array(HEALTHY_RUNS).fill(0));
  await rig.client.workflow.getHandle(runId).terminate('test');
}

const REFUSED = '%s: the others complete, and the run is refused after the second time';
test.each([
  // On a machine that has no time for it the clock on the wall ends it first.
  ['deaf', /processor time|no answer/u],
  ['heap', /heap was full|processor time|broke off/u],
])(REFUSED, proveRefused, 120_000);
describeLong(() => {
  test.each([
    ['buffers', /too much memory/u],
    ['fatal', /heap was full|too much memory/u],
    ['regex', /processor time|broke off/u],
  ])(REFUSED, proveRefused, 120_000);
});

test('each run with a strike has a process that no other is in, while it is held', async () => {
  await waitFor('no other process than the shared one', () => Promise.resolve(countSlots() === 1));
  const runIds = [randomUUID(), randomUUID()];
  for (const runId of runIds) {
    strikes.add(runId);
    await rig.start('healthy', { count: 200 }, { runId });
  }
  await waitFor('two processes more', () => Promise.resolve(countSlots() === 3));
  for (const runId of runIds) expect(await rig.result(runId)).toBe('healthy');
  await waitFor('the processes to end', () => Promise.resolve(countSlots() === 1));
}, 120_000);

test('what one run changes on the language or on shared classes, the next does not meet', async () => {
  expect(await rig.result(await rig.start('pollute', {}))).toEqual(['map', 'toJSON', 'URL refused', 'TextEncoder refused']);
  expect(await rig.result(await rig.start('victim', {}))).toEqual({ wells: ['a1', 'b1', 'c1'], isMarked: false });
}, 60_000);

test('a run whose code empties whatever its engine sends does not ask for its end for ever', async () => {
  const runId = await rig.start('spoil', {});
  await expect(rig.result(runId)).rejects.toMatchObject({
    cause: { cause: { type: 'PROTOCOL_ERROR', message: expect.stringContaining('asked for finishRun and did not say what') } },
  });
}, 60_000);

test('no way known leads author code to the process', async () => {
  expect(await rig.result(await rig.start('escape', {}))).toEqual([]);
}, 60_000);
