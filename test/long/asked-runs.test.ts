// A run that asks waits for its answer as long as it takes: over the loss of every process of the lab, with the plan that
// was shown as the plan that is carried out.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '../../domain/json/json.js';
import { countCommands, countTapeLines } from '../rig/count-commands.js';
import { killEverything } from '../rig/kill-processes.js';
import { answerByCli, findOpenItem, listHeld, listItems, startRun, waitForEnd, waitForStatus } from '../rig/operate-lab.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
const SERIES = { sampleIds: ['S1', 'S2'], volumesUl: [50, 40], factors: [2, 3], mixCycles: 1 };
/** Four for the buffer; for each sample two for the tip and four for each of eight wells. */
const COMMANDS = 4 + 2 * (2 + 8 * 4);

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

describe('antigen_dilution_series', () => {
  test(
    'asked, everything killed and started again, answered: completes with the plan that was shown',
    async () => {
      const runId = await startRun(lab, 'antigen_dilution_series', { parameters: SERIES });
      await waitForStatus(lab, runId, 'needs-operator');
      const item = await findOpenItem(lab, runId);
      const plan = (item.subject as { details?: Json }).details;
      expect(plan).toMatchObject({ bufferUl: 50, mixCycles: 1, samples: [{ id: 'S1' }, { id: 'S2' }] });
      const before = await lab.record();
      await killEverything(lab);
      await lab.restart();
      const after = await lab.record();
      for (const [name, pid] of Object.entries(before.pids)) expect({ name, pid: after.pids[name] }).not.toEqual({ name, pid });
      expect(await findOpenItem(lab, runId)).toEqual(item);
      const shown = await runCli(lab.env, ['inbox', '--json']);
      expect(JSON.parse(shown.stdout)).toMatchObject({ items: [{ id: item.id, status: 'open' }] });
      expect(await countTapeLines(lab.tapeFile)).toBe(0);
      expect(await answerByCli(lab, item.id, ['yes', '--yes', '--note', 'looks right'])).toMatchObject({ exitCode: 0 });
      const run = await waitForEnd(lab, runId);
      expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: COMMANDS, failed: 0, uncertain: 0 } } });
      expect(run.result).toEqual({ plan, done: true });
      expect(await countCommands(lab, runId)).toMatchObject({ journalSent: COMMANDS, journalRepeated: 0, tapeLines: COMMANDS });
      expect(await listItems(lab, runId)).toMatchObject([{ status: 'answered', answer: true, note: 'looks right' }]);
      expect(await answerByCli(lab, item.id, ['no', '--yes'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ITEM_ANSWERED') as unknown,
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a no ends it as completed, with the plan as its result and without a command',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'antigen_dilution_series', { parameters: SERIES });
      await waitForStatus(lab, runId, 'needs-operator');
      const item = await findOpenItem(lab, runId);
      const plan = (item.subject as { details?: Json }).details;
      expect(await answerByCli(lab, item.id, ['no', '--yes'])).toMatchObject({ exitCode: 0 });
      const run = await waitForEnd(lab, runId);
      expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: 0, failed: 0 } } });
      expect(run.result).toEqual({ plan, done: false });
      expect(await countTapeLines(lab.tapeFile)).toBe(before);
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'cancelled while it asks withdraws the question',
    async () => {
      const runId = await startRun(lab, 'antigen_dilution_series', { parameters: SERIES });
      await waitForStatus(lab, runId, 'needs-operator');
      expect(await runCli(lab.env, ['cancel', runId])).toMatchObject({ exitCode: 0 });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
      expect(await listItems(lab, runId)).toMatchObject([{ status: 'withdrawn' }]);
    },
    TEST_LIMIT_MS,
  );
});
