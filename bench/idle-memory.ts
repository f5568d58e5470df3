// Memory of an idle lab: the share of each process that is its own, with what it shares divided among those that share it.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { wait } from '../test/rig/start-lab.js';
import type { Findings } from './figures.js';
import { listChildren } from './process-tree.js';
import type { Stage } from './stage.js';

const GOAL_MB = 500;
/** API, workers and bridge; the services below them are not ours. */
const OURS = ['api', 'workflow-worker', 'workcell-worker', 'bridge'] as const;
/** Start-up leaves garbage that an idle process collects. */
const IDLE_MS = 10_000;

export async function benchMemory(stage: Stage): Promise<Findings> {
  if (!existsSync('/proc/self/smaps_rollup'))
    return { figures: [], omissions: [{ name: 'memory at idle', because: 'This system has no /proc/<pid>/smaps_rollup.' }] };
  stage.say(`  memory at idle: the lab rests for ${IDLE_MS / 1_000} s`);
  await wait(IDLE_MS);
  const { pids } = await stage.lab.record();
  const children = await listChildren();
  const perProcess: Record<string, number> = {};
  for (const [name, pid] of Object.entries(pids)) perProcess[name] = await measureTreeMb(pid, children);
  const value = OURS.reduce((sum, name) => sum + (perProcess[name] ?? NaN), 0);
  const detail = Object.entries(perProcess)
    .map(([name, mb]) => `${name} ${mb.toFixed(0)}`)
    .join(', ');
  return {
    figures: [{ name: `memory at idle of ${OURS.join(', ')}`, value, unit: 'MB', goal: { atMost: GOAL_MB }, detail, raw: { perProcess } }],
  };
}

async function measureTreeMb(pid: number, children: ReadonlyMap<number, readonly number[]>): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const ownMb = Number(/^Pss:\s+(\d+) kB$/mu.exec(text)?.[1] ?? 0) / 1_024;
  let sum = ownMb;
  for (const child of children.get(pid) ?? []) sum += await measureTreeMb(child, children);
  return sum;
}
