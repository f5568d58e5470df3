// Records of processes on a real disk: one process for each record, whoever starts at the same moment.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { readStartTime } from './process-identity.js';
import { RECORD_TAKEN_CODE, findRecorded, removeStale, spawnRecorded, toClaimFile } from './recorded-process.js';

/** No process has it: beyond what the kernel gives away. */
const NO_PID = 2 ** 30;
const STALE = `${NO_PID}\n${NO_PID} (sh) S ${'1 '.repeat(30)}\n`;

let folder: string;
let record: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-records-'));
  record = path.join(folder, 'it.pid');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const spawnIt = (): ChildProcess => {
  const child = spawnRecorded({
    record,
    command: process.execPath,
    args: ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000);'],
    options: { stdio: ['ignore', 'pipe', 'ignore'] },
  });
  children.push(child);
  return child;
};
const waitUp = async ({ stdout }: ChildProcess): Promise<void> => {
  await once(stdout!, 'data');
};

test('a record that another start has written since it was found stale is not removed', async () => {
  writeFileSync(record, STALE);
  const found = readFileSync(record, 'utf8');
  // The other one finds it too, removes it and starts.
  const winner = spawnIt();
  await waitUp(winner);
  removeStale(record, found);
  expect(findRecorded(record)?.pid).toBe(winner.pid);
  const late = spawnIt();
  expect((await once(late, 'exit'))[0]).toBe(RECORD_TAKEN_CODE);
  expect(readdirSync(folder)).toEqual(['it.pid']);
});

test('only one removes a stale record at a time; the claim of one who was killed meanwhile counts for nothing', () => {
  writeFileSync(record, STALE);
  removeStale(record, STALE);
  expect(existsSync(record)).toBe(false);
  writeFileSync(record, STALE);
  const claim = toClaimFile(record, STALE);
  writeFileSync(claim, `${process.pid}\n${readStartTime(process.pid) ?? ''}`);
  removeStale(record, STALE);
  expect(existsSync(record)).toBe(true);
  writeFileSync(claim, `${NO_PID}\n1`);
  removeStale(record, STALE);
  expect(readdirSync(folder)).toEqual([]);
});
