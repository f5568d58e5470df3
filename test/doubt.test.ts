// A driver that hangs, or answers long after its deadline, on a whole lab whose liquid handler lives in the device simulator:
// the deadline puts the command before a person with what is known of it, and what they state of each channel becomes true.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InboxItem } from '../domain/inbox/inbox.js';
import {
  answerByCli,
  findOpenItem,
  listEvents,
  readBridgeState,
  readMachineStatus,
  startRun,
  waitForEnd,
  waitForStatus,
} from './rig/operate-lab.js';
import { runCli } from './rig/run-cli.js';
import { startDeviceSimulator, toDeviceSimulator, type DeviceSimulator } from './rig/start-device-simulator.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
/** An aspirate may take 180 s; this makes 3.6 s of it. */
const DEADLINE_SCALE = '0.02';
const LATE_MS = 8_000;
const CARRYING = { plate: 'plate_1', tips: 'tips_1' };
const VOLUME_UL = 200;

let folder: string;
let simulator: DeviceSimulator;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-doubt-'));
  simulator = await startDeviceSimulator({ folder });
  process.env['PRAXIS_DEADLINE_SCALE'] = DEADLINE_SCALE;
  try {
    lab = await startLab({
      changeWorkcell: (spec) => toDeviceSimulator(spec, simulator.socket),
      protocols: ['test/fixtures/doubt'],
      keptAsUsed: ['plate_1', 'plate_3', 'tips_1', 'diluent_1'],
    });
  } finally {
    delete process.env['PRAXIS_DEADLINE_SCALE'];
  }
}, TEST_LIMIT_MS);

afterAll(async () => {
  await lab?.end();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
}, TEST_LIMIT_MS);

test(
  'a command whose driver hangs is put before a person with all that is known; stated as not done it is sent again, once',
  async () => {
    const { runId, item } = await startFailing('A', { mode: 'hang', op: 'aspirate' });
    expect(item).toMatchObject({
      subject: {
        kind: 'uncertain-command',
        known: expect.stringContaining('the driver of star still runs') as unknown,
        facts: {
          asked: { method: 'aspirate' },
          sent: { steps: 1, stepsEnded: 0, lastStepMethod: 'aspirate', driver: 'running' },
          likely: {
            wells: { 'plate_1:A1': { beforeUl: VOLUME_UL, ifDoneUl: 100, min: 100, max: VOLUME_UL } },
            channels: { 0: { ifDone: { volumeUl: 100 } } },
          },
        },
      },
    });
    expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
    expect((await readBridgeState(lab))['plate_1_well_A1']).toMatchObject({
      volumeUl: VOLUME_UL,
      volumeRangeUl: { min: 100, max: VOLUME_UL },
    });
    const shown = await runCli(lab.env, ['inbox']);
    expect(shown.stdout).toContain('plate_1:A1: 100..200 µL');
    expect(shown.stdout).toContain('its driver still ran');
    await answer(item, ['--happened', 'partly', '--channel', '0=not-done', '--then', 'retry', '--note', 'the tip is empty']);
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { uncertain: 0 } } });
    await expectCarried('A');
    expect(await countActs(runId, 'aspirate')).toBe(1);
  },
  TEST_LIMIT_MS,
);

test(
  'a driver that answers after its deadline is shown with the question, and decides nothing',
  async () => {
    const { runId, item } = await startFailing('B', { mode: 'late-reply', op: 'aspirate', delayMs: LATE_MS });
    const late = await waitFor('the late return', async () => readLate(await readItem(item.id)), { timeoutMs: TEST_LIMIT_MS / 2 });
    expect(late).toMatchObject({ outcome: { status: 'completed' }, sensors: { tipPresence: expect.arrayContaining([true]) as unknown } });
    expect((await waitForStatus(lab, runId, 'needs-operator')).pauseReasons).toEqual(['uncertain']);
    expect((await readBridgeState(lab))['plate_1_well_B1']).toMatchObject({
      volumeUl: VOLUME_UL,
      volumeRangeUl: { min: 100, max: VOLUME_UL },
    });
    expect((await listEvents(lab, runId)).map(({ type }) => type)).toContain('command.late');
    await answer(item, ['--happened', 'partly', '--channel', '0=done', '--then', 'skip', '--note', 'the tip is full']);
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed' });
    await expectCarried('B');
    expect(await countActs(runId, 'aspirate')).toBe(1);
  },
  TEST_LIMIT_MS,
);

test(
  'a command of a block has its own deadline and facts; the block goes on after the answer',
  async () => {
    const fault = await simulator.addFault({ mode: 'hang', device: 'star', op: 'dispense', nth: 2 });
    const runId = await startRun(lab, 'plate_preparation', {
      parameters: { pattern: 'columns', columns: [1], volumeUl: 40 },
      assets: { plate: 'plate_3', tips: 'tips_1', trough: 'diluent_1' },
    });
    await waitForStatus(lab, runId, 'needs-operator');
    expect(await simulator.countFired(fault)).toBe(1);
    const item = await findOpenItem(lab, runId);
    expect(item).toMatchObject({
      subject: { facts: { sent: { driver: 'running' }, likely: { wells: { 'plate_3:B1': { min: 0, max: 40 } } } } },
    });
    await answer(item, ['--happened', 'not-done', '--then', 'retry', '--note', 'dry']);
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { uncertain: 0 } } });
    const { wells } = await simulator.readPhysics();
    expect(['A', 'B', 'H'].map((row) => wells[`plate_3:${row}1`])).toEqual([40, 40, 40]);
  },
  TEST_LIMIT_MS,
);

async function startFailing(
  row: string,
  fault: { mode: string; op: string; delayMs?: number },
): Promise<{ runId: string; item: InboxItem }> {
  const planned = await simulator.addFault({ device: 'star', ...fault });
  const runId = await startRun(lab, 'carry_liquid', { parameters: { row }, assets: CARRYING });
  await waitForStatus(lab, runId, 'needs-operator');
  expect(await simulator.countFired(planned)).toBe(1);
  return { runId, item: await findOpenItem(lab, runId) };
}

async function answer(item: InboxItem, args: readonly string[]): Promise<void> {
  expect(await answerByCli(lab, item.id, args)).toMatchObject({ exitCode: 0, stderr: '' });
}

function readItem(itemId: string): Promise<InboxItem> {
  return lab.get<InboxItem>(`/inbox/${encodeURIComponent(itemId)}`);
}

function readLate({ subject }: InboxItem): unknown {
  return subject.kind === 'uncertain-command' ? subject.facts?.['late'] : undefined;
}

/** 100 µL have gone from column 1 to column 2, in the bridge and in truth, and nothing is in doubt. */
async function expectCarried(row: string): Promise<void> {
  const [state, { wells }] = [await readBridgeState(lab), await simulator.readPhysics()];
  for (const column of [1, 2]) {
    expect(state[`plate_1_well_${row}${column}`]).toMatchObject({ volumeUl: 100 });
    expect(state[`plate_1_well_${row}${column}`]).not.toHaveProperty('volumeRangeUl');
    expect(wells[`plate_1:${row}${column}`]).toBe(100);
  }
}

async function countActs(runId: string, op: string): Promise<number> {
  return (await simulator.readTape()).filter((line) => line.op === op && line.commandId?.startsWith(`${runId}/`)).length;
}
