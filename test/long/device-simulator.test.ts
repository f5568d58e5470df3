// A whole lab whose liquid handler lives in the device simulator: what the tape says has moved is what the bridge's journal
// and Postgres say, act by act; and an act whose reply was lost is put before a person and never done twice.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json, JsonObject } from '../../domain/json/json.js';
import { askBridge } from '../rig/kill-processes.js';
import {
  answerByCli,
  findOpenItem,
  listCommands,
  readBridgeState,
  runToEnd,
  startRun,
  waitForEnd,
  waitForStatus,
} from '../rig/operate-lab.js';
import { startDeviceSimulator, toDeviceSimulator, type DeviceSimulator, type TapeLine } from '../rig/start-device-simulator.js';
import { startLab, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
const JOURNAL_PAGE_ROWS = 1_000;
const LOST_ASPIRATE = 10;

let folder: string;
let simulator: DeviceSimulator;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-device-'));
  simulator = await startDeviceSimulator({ folder });
  lab = await startLab({ changeWorkcell: (spec) => toDeviceSimulator(spec, simulator.socket), keptAsUsed: ['plate_1'] });
}, TEST_LIMIT_MS);

afterAll(async () => {
  await lab?.end();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
}, TEST_LIMIT_MS);

test(
  'a serial dilution completes; tape, journal and Postgres agree',
  async () => {
    const run = await runToEnd(lab, 'serial_dilution');
    expect(run).toMatchObject({ status: 'completed' });
    const acts = await readActs(run.id);
    expect(acts.length).toBeGreaterThan(50);
    expect(new Set(acts.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    expect(new Set(acts.map(({ fence }) => fence)).size).toBe(1);
    await expectAgreement(run.id, acts);
    await expectTruth();
  },
  TEST_LIMIT_MS,
);

test(
  'a lost reply makes the act uncertain; stated as done it is skipped, and every act is there once',
  async () => {
    expect((await lab.post('/labware/plate_1/replace', {})).status).toBeLessThan(300);
    const fault = await simulator.addFault({ mode: 'lose-reply', device: 'star', op: 'aspirate', nth: LOST_ASPIRATE });
    const runId = await startRun(lab, 'serial_dilution');
    await waitForStatus(lab, runId, 'needs-operator');
    expect(await simulator.countFired(fault)).toBe(1);
    const item = await findOpenItem(lab, runId);
    const aspirates = (await readActs(runId)).filter(({ op }) => op === 'aspirate');
    expect([aspirates.length, aspirates.at(-1)?.commandId]).toEqual([LOST_ASPIRATE, item.id]);
    expect(await answerByCli(lab, item.id, ['--happened', 'done', '--then', 'skip', '--note', 'the tip is full'])).toMatchObject({
      exitCode: 0,
    });
    expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { uncertain: 0 } } });
    await expectAgreement(runId, await readActs(runId));
    await expectTruth();
  },
  TEST_LIMIT_MS,
);

/** Acts of the run: what moved, in the order in which it did. */
async function readActs(runId: string): Promise<readonly TapeLine[]> {
  return (await simulator.readTape()).filter(({ commandId, isRead }) => !isRead && commandId?.startsWith(`${runId}/`));
}

/** Each command of the liquid handler acted once, in all three records, in the same order. */
async function expectAgreement(runId: string, acts: readonly TapeLine[]): Promise<void> {
  const acted = acts.map(({ commandId }) => commandId);
  expect(new Set(acted).size).toBe(acted.length);
  expect(await readSent(runId)).toEqual(acted);
  const commands = await listCommands(lab, runId);
  expect(commands.filter(({ machine }) => machine === 'star').map(({ id }) => id)).toEqual(acted);
  const settled = commands.filter(({ status }) => status === 'completed' || status === 'resolved');
  expect(settled).toHaveLength(commands.length);
}

async function readSent(runId: string): Promise<readonly string[]> {
  const sent: string[] = [];
  let after = 0;
  for (;;) {
    const { rows } = await askBridge(lab, (bridge) => bridge.request('journal.read', { after, limit: JOURNAL_PAGE_ROWS, waitMs: 0 }));
    if (rows.length === 0) return sent;
    sent.push(
      ...rows
        .filter(({ kind, commandId }) => kind === 'SENT' && commandId?.startsWith(`${runId}/`))
        .map(({ commandId }) => commandId ?? ''),
    );
    after = rows.at(-1)?.row ?? after;
  }
}

/** What the bridge believes of every well and tip that the simulator has met is true. */
async function expectTruth(): Promise<void> {
  const { wells, tips, channels } = await simulator.readPhysics();
  const entries = Object.values(await readBridgeState(lab));
  const believed = new Map(entries.filter((entry) => 'labware' in entry).map((entry) => [nameItem(entry), entry]));
  for (const [key, volumeUl] of Object.entries(wells))
    if (believed.has(key)) expect([key, believed.get(key)?.['volumeUl'] as Json]).toEqual([key, volumeUl]);
  for (const [key, hasTip] of Object.entries(tips)) expect([key, believed.get(key)?.['tip'] !== null]).toEqual([key, hasTip]);
  expect(Object.keys(wells).filter((key) => believed.has(key)).length).toBeGreaterThan(5);
  expect(Object.values(channels['star'] ?? {}).filter((held) => held !== null)).toEqual([]);
}

function nameItem(entry: JsonObject): string {
  const { labware, item } = entry as { labware: string; item?: string };
  return item === undefined ? labware : `${labware}:${item}`;
}
