// Two processes on one file are told of; one that only names the file, or comes after another, is not.

import { afterEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seen } from './observer.js';
import { watchServers } from './watch-servers.js';

const POLL_MS = 50;
const children: ChildProcess[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'praxis-servers-'));
const file = path.join(folder, 'star.sqlite');

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

async function serve(script: string): Promise<number> {
  const child = spawn('python3', ['-c', `import sys, time\n${script}\nprint("there", flush=True)\ntime.sleep(600)`, '--journal', file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

test('who serves a file is told, and that there are two', async () => {
  writeFileSync(file, '');
  const seen: Seen[] = [];
  const over = new AbortController();
  const watching = watchServers(folder, {
    note: (each) => {
      seen.push(each);
    },
    signal: over.signal,
  });
  const until = async (count: number): Promise<void> => {
    while (seen.length < count) await sleep(POLL_MS);
  };
  await serve('');
  const first = await serve('held = open(sys.argv[2])');
  await until(1);
  const second = await serve('held = open(sys.argv[2])');
  await until(2);
  over.abort();
  await watching;
  expect(seen).toEqual([
    { what: 'servers', file, pids: [first] },
    { what: 'servers', file, pids: [first, second].sort((a, b) => a - b) },
  ]);
});
