// Looks which processes serve the database files of a lab, from outside: by what each was started with and has open.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Note } from './observer.js';

const LOOK_INTERVAL_MS = 200;
/** Before which option the file, or the folder, of a server stands. */
const FILE_OPTIONS = ['--journal', '--db-filename', '-D', '--dir'] as const;

/** Notes the servers of each file below the home whenever they are others, until the signal. */
export async function watchServers(home: string, { note, signal }: { note: Note; signal: AbortSignal }): Promise<void> {
  const told = new Map<string, string>();
  let before = listServers(home);
  while (!signal.aborted) {
    await sleep(LOOK_INTERVAL_MS);
    const now = listServers(home);
    for (const [file, pids] of now) {
      // A copy of a process that is about to become another one is there for a moment: who is seen twice is there.
      const stable = pids.filter((pid) => before.get(file)?.includes(pid) === true);
      if (stable.length === 0 || told.get(file) === stable.join(' ')) continue;
      told.set(file, stable.join(' '));
      note({ what: 'servers', file, pids: stable });
    }
    before = now;
  }
}

function listServers(home: string): ReadonlyMap<string, readonly number[]> {
  const servers = new Map<string, number[]>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/u.test(each))) {
    const command = readCommand(name);
    for (const option of FILE_OPTIONS.filter((each) => command.includes(each))) {
      const file = path.resolve(command[command.indexOf(option) + 1] ?? '');
      // Who finds that the file has a server already ends without having opened it.
      if (!file.startsWith(`${home}${path.sep}`) || !hasOpen(name, file)) continue;
      servers.set(
        file,
        [...(servers.get(file) ?? []), Number(name)].sort((a, b) => a - b),
      );
    }
  }
  return servers;
}

/** The file, or where it is a folder, anything in it. */
function hasOpen(pid: string, file: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = readLink(`/proc/${pid}/fd/${fd}`);
      return target === file || target.startsWith(`${file}${path.sep}`);
    });
  } catch {
    // Of another user, or it has just ended.
    return false;
  }
}

function readLink(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/** Empty where the process has just ended, or is dead and not buried yet. */
function readCommand(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((part) => part !== '');
  } catch {
    return [];
  }
}
