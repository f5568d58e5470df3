// `praxis continue` on a whole lab: a new run goes on where a failed or cancelled one left off, does not repeat what was
// done, shows it in its own tree, and wants a person to have looked at the deck.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Call } from '../domain/runs/call.js';
import type { Run } from '../domain/runs/run.js';
import { countCommands, countTapeLines } from './rig/count-commands.js';
import { listCommands, listHeld, runToEnd, startRun, waitForCommands, waitForEnd } from './rig/operate-lab.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.05 });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

async function continueFrom(runId: string, callPath: string, ...more: string[]): Promise<Run> {
  const { exitCode, stdout, stderr } = await runCli(lab.env, ['continue', runId, '--from', callPath, '--deck-is-ready', '--json', ...more]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Run;
}

const listPaths = ({ children }: Call): string[] => children.map(({ path, status }) => `${path} ${status}`);

describe('a failed run', () => {
  let failed: Run;

  test(
    'fails where its source plate has no liquid',
    async () => {
      failed = await runToEnd(lab, 'selective_transfer', {
        parameters: { sourceWells: 'A1:A4', destWells: 'A1:A4' },
        assets: { source: 'plate_1' },
      });
      expect(failed).toMatchObject({
        status: 'failed',
        error: { code: 'TOO_LITTLE_LIQUID', callPath: 'selective_transfer/transfer_well.2' },
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'is not continued before a person has looked at the deck, nor from a call that it did not make',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const unseen = await runCli(lab.env, ['continue', failed.id, '--from', 'selective_transfer/transfer_well.2']);
      expect(unseen).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/DECK_NOT_CONFIRMED.*plate_1.*--deck-is-ready/u) as unknown,
      });
      const elsewhere = await runCli(lab.env, ['continue', failed.id, '--from', 'selective_transfer/transfer_well.9', '--deck-is-ready']);
      expect(elsewhere).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/NOT_CONTINUABLE.*transfer_well\.1, selective_transfer\/transfer_well\.2/u) as unknown,
      });
      expect(await countTapeLines(lab.tapeFile)).toBe(before);
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'is continued with another plate from the call that failed; the first call is not repeated',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { id, continuesRunId } = await continueFrom(failed.id, 'selective_transfer/transfer_well.2', '--asset', 'source=source_1');
      expect(continuesRunId).toBe(failed.id);
      const run = await waitForEnd(lab, id);
      expect(run).toMatchObject({ status: 'completed', result: { wells: 4 }, counts: { commands: { completed: 12, failed: 0 } } });
      const callPaths = new Set((await listCommands(lab, id)).map(({ callPath }) => callPath));
      expect([...callPaths]).toEqual([2, 3, 4].map((k) => `selective_transfer/transfer_well.${k}`));
      expect(await countTapeLines(lab.tapeFile)).toBe(before + 12);
      expect(listPaths(await lab.get<Call>(`/runs/${id}/calls`))).toEqual(
        [1, 2, 3, 4].map((k) => `selective_transfer/transfer_well.${k} completed`),
      );
      expect(run.assets['source']?.name).toBe('source_1');
    },
    TEST_LIMIT_MS,
  );

  test(
    'a completed run has nothing to continue',
    async () => {
      const completed = await runToEnd(lab, 'simple_transfer');
      const refused = await runCli(lab.env, ['continue', completed.id, '--from', 'simple_transfer', '--deck-is-ready']);
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('NOT_CONTINUABLE') as unknown });
    },
    TEST_LIMIT_MS,
  );
});

describe('a cancelled run', () => {
  test(
    'of children is continued from the call that was cut off',
    async () => {
      const runId = await startRun(lab, 'selective_transfer', {
        parameters: { sourceWells: 'A1:A6', destWells: 'B1:B6' },
        assets: { source: 'source_1' },
      });
      await waitForCommands(lab, runId, 9);
      expect(await runCli(lab.env, ['cancel', runId, '--reason', 'lunch'])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
      const tree = await lab.get<Call>(`/runs/${runId}/calls`);
      const done = tree.children.filter(({ status }) => status === 'completed').length;
      const cut = `selective_transfer/transfer_well.${done + 1}`;
      const { id } = await continueFrom(runId, cut);
      expect(await waitForEnd(lab, id)).toMatchObject({ status: 'completed', counts: { commands: { completed: 4 * (6 - done) } } });
      expect((await listCommands(lab, id))[0]).toMatchObject({ callPath: cut, method: 'pick_up_tips' });
      expect(listPaths(await lab.get<Call>(`/runs/${id}/calls`))).toEqual(
        [1, 2, 3, 4, 5, 6].map((k) => `selective_transfer/transfer_well.${k} completed`),
      );
      expect(await countCommands(lab, id)).toMatchObject({ journalSent: 4 * (6 - done), journalRepeated: 0 });
    },
    TEST_LIMIT_MS,
  );

  test(
    'of calls within calls is continued from one of them, and continued again',
    async () => {
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 4 } });
      // One for the tip, eight of diluent, two for tips, and into the second dilution.
      await waitForCommands(lab, runId, 21);
      await runCli(lab.env, ['cancel', runId]);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
      const second = await continueFrom(runId, 'serial_dilution/mix_down.1');
      await waitForCommands(lab, second.id, 12);
      await runCli(lab.env, ['cancel', second.id]);
      expect(await waitForEnd(lab, second.id)).toMatchObject({ status: 'cancelled' });
      const third = await continueFrom(second.id, 'serial_dilution/mix_down.1');
      expect(await waitForEnd(lab, third.id)).toMatchObject({ status: 'completed', counts: { commands: { completed: 2 + 4 * 8 } } });
      const tree = await lab.get<Call>(`/runs/${third.id}/calls`);
      expect(listPaths(tree)).toEqual(['serial_dilution/fill_diluent.1 completed', 'serial_dilution/mix_down.1 completed']);
      expect(tree.children[1]?.children).toHaveLength(4);
      expect((await listCommands(lab, third.id)).every(({ callPath }) => callPath.startsWith('serial_dilution/mix_down.1'))).toBe(true);
    },
    TEST_LIMIT_MS,
  );
});
