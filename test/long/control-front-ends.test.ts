// Pause, resume and cancel mean the same from every front end: the CLI, the REST API and the stock Temporal CLI. On runs
// with children and in the middle of an interval: nothing begins while paused, nothing is lost or doubled after it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findOrBuildTemporal } from '../../local/temporal-binary.js';
import { readSettings } from '../../platform/settings.js';
import { countCommands, countTapeLines } from '../rig/count-commands.js';
import { listCommands, listHeld, startRun, waitForCommands, waitForEnd, waitForStatus } from '../rig/operate-lab.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, wait, type Lab } from '../rig/start-lab.js';

const TEST_LIMIT_MS = 240_000;
/** How long a paused run is watched. */
const STILL_MS = 1_000;
const WELLS = 12;
const run = promisify(execFile);

type Control = 'pause' | 'resume' | 'cancel';

let lab: Lab;
let stockCli: string;

beforeAll(async () => {
  stockCli = await findOrBuildTemporal({ cache: readSettings().cache });
  lab = await startLab({ motionS: 0.05 });
}, TEST_LIMIT_MS);
afterAll(() => lab?.end());

async function signalByStockCli(control: Control, runId: string): Promise<void> {
  const { temporalAddress } = await lab.record();
  await run(
    stockCli,
    ['workflow', 'signal', '--name', control, '--workflow-id', runId, '--namespace', 'praxis', '--address', temporalAddress],
    { env: { ...process.env, HOME: lab.home } },
  );
}

const FRONT_ENDS: readonly (readonly [string, (control: Control, runId: string) => Promise<unknown>])[] = [
  [
    'the CLI',
    async (control, runId) => {
      expect(await runCli(lab.env, [control, runId])).toMatchObject({ exitCode: 0 });
    },
  ],
  [
    'the API',
    async (control, runId) => {
      expect(await lab.post(`/runs/${runId}/${control}`, {})).toMatchObject({ status: 202 });
    },
  ],
  ['the stock Temporal CLI', signalByStockCli],
];

describe.each(FRONT_ENDS)('from %s', (_name, control) => {
  test(
    'a run with children pauses between two commands and goes on where it was',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startTransfer();
      await waitForCommands(lab, runId, 6);
      await control('pause', runId);
      expect(await waitForStatus(lab, runId, 'paused')).toMatchObject({ pauseReasons: ['operator'] });
      await expectStill();
      await control('resume', runId);
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 4 * WELLS, failed: 0, uncertain: 0 } },
      });
      expect(await countCommands(lab, runId)).toEqual({
        journalSent: 4 * WELLS,
        journalCompleted: 4 * WELLS,
        journalRepeated: 0,
        postgresCompleted: 4 * WELLS,
        postgresOther: 0,
        tapeLines: before + 4 * WELLS,
      });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a paused run with children is cancelled: its cleanup discards the tip, and nothing else moves',
    async () => {
      const runId = await startTransfer();
      await waitForCommands(lab, runId, 5);
      await control('pause', runId);
      await waitForStatus(lab, runId, 'paused');
      const acts = await countTapeLines(lab.tapeFile);
      await control('cancel', runId);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled', pauseReasons: [] });
      // Between two wells there is no tip to discard.
      const last = (await listCommands(lab, runId)).at(-1)?.method ?? '';
      expect({ last, acts: (await countTapeLines(lab.tapeFile)) - acts }).toEqual(
        last === 'discard_tips' ? { last, acts: 1 } : { last: 'drop_tips', acts: 0 },
      );
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run pauses in the middle of an interval; turns that fall into it are missed, none is doubled',
    async () => {
      const runId = await startRun(lab, 'kinetic_assay', { parameters: { interval: '10 s', duration: '2 min' }, timeScale: 10 });
      // Warmth, shaking and two reads.
      await waitForCommands(lab, runId, 4);
      await control('pause', runId);
      await waitForStatus(lab, runId, 'paused');
      const before = (await listCommands(lab, runId)).length;
      await wait(2 * STILL_MS);
      expect(await listCommands(lab, runId)).toHaveLength(before);
      await control('resume', runId);
      const ended = await waitForEnd(lab, runId);
      const { reads, missed } = ended.result as { reads: number; missed: number };
      expect(ended.status).toBe('completed');
      expect(missed).toBeGreaterThan(0);
      expect(reads + missed).toBe(12);
      const commands = await listCommands(lab, runId);
      const readIds = commands.filter(({ method }) => method === 'read_absorbance').map(({ id }) => id);
      expect(readIds).toHaveLength(reads);
      expect(new Set(readIds).size).toBe(reads);
      const { items } = await lab.get<{ items: { commandId?: string }[] }>(`/runs/${runId}/data?limit=200`);
      expect(items.map(({ commandId }) => commandId)).toEqual(readIds);
      expect(commands.slice(-2).map(({ method }) => method)).toEqual(['stop_shaking', 'deactivate']);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run cancelled in the middle of an interval ends the shaking and the warmth',
    async () => {
      const runId = await startRun(lab, 'kinetic_assay', { parameters: { interval: '1 h', duration: '24 h' } });
      await waitForCommands(lab, runId, 3);
      await control('cancel', runId);
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled', error: { code: 'RUN_CANCELLED' } });
      expect((await listCommands(lab, runId)).map(({ method }) => method)).toEqual([
        'set_temperature',
        'shake',
        'read_absorbance',
        'stop_shaking',
        'deactivate',
      ]);
      expect(await listHeld(lab)).toEqual([]);
    },
    TEST_LIMIT_MS,
  );
});

function startTransfer(): Promise<string> {
  return startRun(lab, 'selective_transfer', {
    parameters: { sourceWells: 'A1:A12', destWells: 'B1:B12' },
    assets: { source: 'source_1' },
  });
}

async function expectStill(): Promise<void> {
  const acts = await countTapeLines(lab.tapeFile);
  await wait(STILL_MS);
  expect(await countTapeLines(lab.tapeFile)).toBe(acts);
}
