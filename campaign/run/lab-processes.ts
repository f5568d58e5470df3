// The processes of a lab as the system knows them: by the home in their environment, whatever the lab has written down of them.

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from '../../local/process-identity.js';

const POLL_MS = 100;

/** Also of a lab that is only just starting, and of what an earlier start has left behind. */
export function listHomePids(home: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid && belongsTo(home, name))
    .map(Number);
}

/** Kills them all, those too that one of them has just started. */
export async function killHome(home: string): Promise<void> {
  for (let pids = listHomePids(home); pids.length > 0; pids = listHomePids(home)) {
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

function belongsTo(home: string, pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PRAXIS_HOME=${home}\0`);
  } catch {
    // Of another user, or it has just ended.
    return false;
  }
}
