// The protocols in the README are found and run as they stand there.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Run } from '../domain/runs/run.js';
import { readCodeBlocks, type CodeBlock } from './rig/document-code.js';
import { answerByCli, findOpenItem, startRun, waitForEnd, waitForStatus } from './rig/operate-lab.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

/** The first protocol that somebody reads is short; the line with its name does not count. */
const LINES_MAX = 20;

let folder: string;
let blocks: readonly CodeBlock[];
let lab: Lab;

beforeAll(async () => {
  blocks = await readCodeBlocks('README.md');
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-readme-'));
  for (const { fileName, source } of blocks) await writeFile(path.join(folder, fileName ?? 'none'), source);
  lab = await startLab({ protocols: [folder] });
}, 240_000);
afterAll(async () => {
  await lab?.end();
  await rm(folder, { recursive: true, force: true });
});

test('the first is short', () => {
  expect(blocks[0]?.source.trim().split('\n').length).toBeLessThanOrEqual(LINES_MAX + 1);
});

test('the first runs', async () => {
  const { exitCode, stdout, stderr } = await runCli(lab.env, ['run', 'fill_row', '-p', 'row=B', '--wait', '--json']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout) as Run).toMatchObject({
    status: 'completed',
    parameters: { row: 'B', volumeUl: 50 },
    counts: { commands: { completed: 8 } },
  });
}, 120_000);

test('the second calls it, asks, reads by the clock and computes', async () => {
  const runId = await startRun(lab, 'watch_growth', { assets: { reader: 'incubating_reader', culture: 'growth_plate' }, timeScale: 1000 });
  await waitForStatus(lab, runId, 'needs-operator');
  const item = await findOpenItem(lab, runId);
  expect(await answerByCli(lab, item.id, ['yes', '--note', 'lid is in the drawer'])).toMatchObject({ exitCode: 0 });
  const run = await waitForEnd(lab, runId);
  expect(run).toMatchObject({ status: 'completed', counts: { calls: 3, commands: { failed: 0 } } });
  expect(run.result).toMatchObject({ reads: expect.any(Number) as unknown, mean: expect.any(Number) as unknown });
}, 240_000);
