// Kill anything while a command is under way: the run ends completed, each command done once, nothing uncertain.
// Only the bridge knows what a motion did: where it dies with everything else, a person says so, or nothing was moving.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../domain/json.js';
import type { Page } from '../domain/page.js';
import { countCommands, countTapeLines } from './rig/count-commands.js';
import { killEverything, waitForPhase, waitForRunningCommand } from './rig/kill-processes.js';
import type { Run } from '../domain/run.js';
import { answerByCli, findOpenItem, listCommands, readMachineStatus, startRun, waitForEnd, waitForRun } from './rig/operate-lab.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

/** Long enough that a kill lands inside a motion, short enough for a hundred of them. */
const MOTION_S = 0.08;
const TEST_LIMIT_MS = 240_000;
const DILUTION = { protocol: 'serial_dilution', parameters: { numDilutions: 8 }, commands: 84 };

let lab: Lab;
let tapeBefore = 0;

beforeAll(async () => { lab = await startLab({ motionS: MOTION_S, protocols: ['test/fixtures/doubt'] }); }, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('SIGKILL in mid-command', () => {
  test.each(['workcell-worker', 'workflow-worker', 'temporal', 'api', 'postgres'])('of the %s: completed, 84 of 84, nothing uncertain', async (name) => {
    const runId = await startCounted(DILUTION);
    const pidBefore = (await lab.record()).pids[name];
    await waitForCommand(runId, 20);
    await lab.kill(name);
    await expectCompletedOnce(runId, DILUTION.commands);
    await expectReplaced(name, pidBefore);
  }, TEST_LIMIT_MS);

  test('of the supervisor: a new one takes over, adopts the bridge, and the run goes on', async () => {
    const runId = await startCounted(DILUTION);
    await waitForCommand(runId, 10);
    const bridgeBefore = (await lab.record()).pids['bridge'];
    await lab.killSupervisor();
    await lab.restart();
    expect((await lab.record()).pids['bridge']).toBe(bridgeBefore);
    await expectCompletedOnce(runId, DILUTION.commands);
  }, TEST_LIMIT_MS);

  test('Ctrl-C in mid-run stops all in order, and the next start ends the run', async () => {
    const runId = await startCounted(DILUTION);
    await waitForCommand(runId, 10);
    expect(await lab.interrupt()).toBe(0);
    await lab.restart();
    await expectCompletedOnce(runId, DILUTION.commands);
  }, TEST_LIMIT_MS);
});

describe('SIGKILL of one process after the other in one run', () => {
  const runs: readonly (readonly [string, { protocol: string; parameters: JsonObject; commands: number }])[] = [
    ['children', { protocol: 'selective_transfer', parameters: { sourceWells: 'A1:H1', destWells: 'A1:H1' }, commands: 32 }],
    ['one block', { protocol: 'plate_preparation', parameters: { pattern: 'rows', rows: ['A', 'B', 'C', 'D'], volumeUl: 20 }, commands: 98 }],
    ['plain commands with eight channels', { protocol: 'hello_world', parameters: {}, commands: 102 }],
  ];
  test.each(runs)('of %s: completed, every command once, nothing uncertain', async (_name, wanted) => {
    const before = (await lab.record()).pids;
    const names = ['workcell-worker', 'workflow-worker', 'api', 'temporal', 'postgres', ...(before['redis'] === undefined ? [] : ['redis'])];
    const runId = await startCounted(wanted);
    const step = Math.floor(wanted.commands / (names.length + 2));
    for (const [index, name] of names.entries()) {
      await waitForCommand(runId, step * (index + 1));
      await lab.kill(name);
    }
    await waitForCommand(runId, step * (names.length + 1));
    await lab.killSupervisor();
    await lab.restart();
    await expectCompletedOnce(runId, wanted.commands);
    for (const name of [...names, 'supervisor']) await expectReplaced(name, before[name]);
    expect((await lab.record()).pids['bridge']).toBe(before['bridge']);
  }, TEST_LIMIT_MS);
});

describe('SIGKILL of the whole lab at once', () => {
  test('between two commands: the next start completes the run, every command once', async () => {
    const runId = await startCounted({ protocol: 'rest_between', parameters: { times: 2, rest: '4 s' } });
    await waitForPhase(lab, `${runId}/rest_between/1/0`, 'ended');
    await killEverything(lab);
    await lab.restart();
    await expectCompletedOnce(runId, 6);
  }, TEST_LIMIT_MS);

  test('with SENT open: the run waits for a person, says what is known, and completes with the answer', async () => {
    for (let attempt = 1; ; attempt++) {
      const runId = await startCounted({ protocol: 'rest_between', parameters: { times: 2, rest: '1 s' } });
      await waitForPhase(lab, `${runId}/rest_between/2/0`, 'sent');
      await killEverything(lab);
      await lab.restart();
      const isHeld = ({ status, pauseReasons }: Run): boolean => status === 'needs-operator' && pauseReasons.length > 0;
      const seen = await waitForRun(lab, runId, 'to be held or to end', (run) => isHeld(run) || run.endedAt !== null);
      // The kill came a moment too late where the command had ended: then nothing was in doubt, and the next run is tried.
      if (seen.status === 'completed' && attempt < 5) continue;
      expect(seen).toMatchObject({ status: 'needs-operator', pauseReasons: ['uncertain'], counts: { commands: { uncertain: 1 } } });
      await answerNotDone(runId);
      break;
    }
  }, TEST_LIMIT_MS);
});

async function answerNotDone(runId: string): Promise<void> {
  const item = await findOpenItem(lab, runId);
  expect(item).toMatchObject({
    id: `${runId}/rest_between/2/0`,
    protocol: 'rest_between',
    subject: { kind: 'uncertain-command', machine: 'star', method: 'aspirate', known: expect.stringContaining('after step 1 was sent; 0 of 1 are known to have ended') as unknown },
  });
  expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
  expect(await answerByCli(lab, item.id, ['--happened', 'not-done', '--then', 'retry', '--note', 'power was gone'])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed' });
  expect((await listCommands(lab, runId)).map(({ method, status, retry }) => [method, status, retry])).toEqual([
    ['pick_up_tips', 'completed', 0],
    ['aspirate', 'resolved', 0],
    ['aspirate', 'completed', 1],
    ['dispense', 'completed', 0],
    ['aspirate', 'completed', 0],
    ['dispense', 'completed', 0],
    ['return_tips', 'completed', 0],
  ]);
  // The tape has it once: what was killed had not moved yet.
  expect((await countTapeLines(lab.tapeFile)) - tapeBefore).toBe(6);
  expect(await readMachineStatus(lab, 'star')).toBe('available');
}

async function startCounted({ protocol, parameters }: { protocol: string; parameters: JsonObject }): Promise<string> {
  tapeBefore = await countTapeLines(lab.tapeFile);
  return startRun(lab, protocol, { parameters });
}

/** Resolves in the middle of a command, once the tape has this many acts of the run. */
function waitForCommand(runId: string, afterActs: number): Promise<string> {
  return waitForRunningCommand(lab, runId, async () => (await countTapeLines(lab.tapeFile)) - tapeBefore >= afterActs);
}

/** The fault has fired: another process does the work now. */
async function expectReplaced(name: string, pidBefore: number | undefined): Promise<void> {
  await waitFor(`another ${name}`, async () => {
    const pid = (await lab.record()).pids[name];
    return pid !== undefined && pid !== pidBefore;
  });
}

async function expectCompletedOnce(runId: string, commands: number): Promise<void> {
  const run = await waitForEnd(lab, runId);
  expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: commands, failed: 0, uncertain: 0 } } });
  const counts = await countCommands(lab, runId);
  expect({ ...counts, tapeLines: counts.tapeLines - tapeBefore }).toEqual({
    journalSent: commands,
    journalCompleted: commands,
    journalRepeated: 0,
    postgresCompleted: commands,
    postgresOther: 0,
    tapeLines: commands,
  });
  const { items } = await lab.get<Page<unknown>>('/reservations');
  expect(items).toEqual([]);
}
