// Processes with all that they started, as the kernel's own accounts in /proc show them.

import { readdir, readFile } from 'node:fs/promises';

/** Of the kernel's accounts of processor time. */
const TICK_MS = 10;
/** Fields of /proc/<pid>/stat after the name. */
const PARENT_FIELD = 1;
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;

/** Every process of the system with its children. */
export async function listChildren(): Promise<ReadonlyMap<number, readonly number[]>> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    const parent = Number((await readStat(Number(name)))[PARENT_FIELD]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

/** What these processes and all below them have used since they began, of all processors. */
export async function measureProcessorMs(pids: readonly number[]): Promise<number> {
  const children = await listChildren();
  // A process may be named and stand below another one; a Set goes on to what is added while it is walked.
  const all = new Set(pids);
  for (const pid of all) for (const child of children.get(pid) ?? []) all.add(child);
  let sumMs = 0;
  for (const pid of all) {
    const stat = await readStat(pid);
    sumMs += TICK_MS * (Number(stat[USER_TICKS_FIELD] ?? 0) + Number(stat[SYSTEM_TICKS_FIELD] ?? 0));
  }
  return sumMs;
}

/** Nothing where the process has ended meanwhile. */
async function readStat(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program stands in brackets and may hold anything.
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
