// Kill one process after the other in one run, and everything at once: completed, each command done once. Only the bridge
// knows what a motion did: where it dies with everything else, a person says so, or nothing was moving.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run } from '../../domain/runs/run.js';
import { countTapeLines } from '../rig/count-commands.js';
import { killEverything, waitForPhase } from '../rig/kill-processes.js';
import { answerByCli, findOpenItem, listCommands, readMachineStatus, waitForEnd, waitForRun } from '../rig/operate-lab.js';
import {
  expectCompletedOnce,
  expectReplaced,
  MOTION_S,
  startCounted,
  TEST_LIMIT_MS,
  waitForCommand,
  type CountedRun,
  type Wanted,
} from '../rig/prove-killed-run.js';
import { startLab, type Lab } from '../rig/start-lab.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S, protocols: ['test/fixtures/doubt'] });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('SIGKILL of one process after the other in one run', () => {
  const runs: readonly (readonly [string, Wanted])[] = [
    ['children', { protocol: 'selective_transfer', parameters: { sourceWells: 'A1:H1', destWells: 'A1:H1' }, commands: 32 }],
    [
      'one block',
      { protocol: 'plate_preparation', parameters: { pattern: 'rows', rows: ['A', 'B', 'C', 'D'], volumeUl: 20 }, commands: 98 },
    ],
    ['plain commands with eight channels', { protocol: 'hello_world', parameters: {}, commands: 102 }],
  ];
  test.each(runs)(
    'of %s: completed, every command once, nothing uncertain',
    async (_name, wanted) => {
      const before = (await lab.record()).pids;
      const names = [
        'workcell-worker',
        'workflow-worker',
        'api',
        'temporal',
        'postgres',
        ...(before['redis'] === undefined ? [] : ['redis']),
      ];
      const counted = await startCounted(lab, wanted);
      const step = Math.floor(wanted.commands / (names.length + 2));
      for (const [index, name] of names.entries()) {
        await waitForCommand(lab, counted, step * (index + 1));
        await lab.kill(name);
      }
      await waitForCommand(lab, counted, step * (names.length + 1));
      await lab.killSupervisor();
      await lab.restart();
      await expectCompletedOnce(lab, counted);
      for (const name of [...names, 'supervisor']) await expectReplaced(lab, name, before[name]);
      expect((await lab.record()).pids['bridge']).toBe(before['bridge']);
    },
    TEST_LIMIT_MS,
  );
});

describe('SIGKILL of the whole lab at once', () => {
  test(
    'between two commands: the next start completes the run, every command once',
    async () => {
      const counted = await startCounted(lab, { protocol: 'rest_between', parameters: { times: 2, rest: '4 s' }, commands: 6 });
      await waitForPhase(lab, `${counted.runId}/rest_between/1/0`, 'ended');
      await killEverything(lab);
      await lab.restart();
      await expectCompletedOnce(lab, counted);
    },
    TEST_LIMIT_MS,
  );

  test(
    'with SENT open: the run waits for a person, says what is known, and completes with the answer',
    async () => {
      for (let attempt = 1; ; attempt++) {
        const counted = await startCounted(lab, { protocol: 'rest_between', parameters: { times: 2, rest: '1 s' }, commands: 6 });
        await waitForPhase(lab, `${counted.runId}/rest_between/2/0`, 'sent');
        await killEverything(lab);
        await lab.restart();
        const isHeld = ({ status, pauseReasons }: Run): boolean => status === 'needs-operator' && pauseReasons.length > 0;
        const seen = await waitForRun(lab, counted.runId, 'to be held or to end', (run) => isHeld(run) || run.endedAt !== null);
        // The kill came a moment too late where the command had ended: then nothing was in doubt, and the next run is tried.
        if (seen.status === 'completed' && attempt < 5) continue;
        expect(seen).toMatchObject({ status: 'needs-operator', pauseReasons: ['uncertain'], counts: { commands: { uncertain: 1 } } });
        await answerNotDone(counted);
        break;
      }
    },
    TEST_LIMIT_MS,
  );
});

async function answerNotDone({ runId, tapeBefore }: CountedRun): Promise<void> {
  const item = await findOpenItem(lab, runId);
  expect(item).toMatchObject({
    id: `${runId}/rest_between/2/0`,
    protocol: 'rest_between',
    subject: {
      kind: 'uncertain-command',
      machine: 'star',
      method: 'aspirate',
      known: expect.stringContaining('after step 1 was sent; 0 of 1 are known to have ended') as unknown,
    },
  });
  expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
  expect(await answerByCli(lab, item.id, ['--happened', 'not-done', '--then', 'retry', '--note', 'power was gone'])).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
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
