// A bench begins when the machine is quiet: what another bench or program has left running would be measured with it.

import { cpus } from 'node:os';
import { wait } from '../test/rig/start-lab.js';

const LOOK_MS = 500;
/** Share of all processors that is in use; an idle lab takes a few hundredths. */
const QUIET_SHARE = 0.25;
/** After this the bench goes on, and says so: ratios bear some noise. */
const LONGEST_WAIT_MS = 20_000;

export async function waitForQuiet(say: (line: string) => void): Promise<void> {
  const giveUpAtMs = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const before = readTimes();
    await wait(LOOK_MS);
    const after = readTimes();
    const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
    if (share <= QUIET_SHARE) return;
    if (Date.now() > giveUpAtMs) {
      say(`  the machine is not quiet: ${Math.round(share * 100)} % of it is in use`);
      return;
    }
  }
}

function readTimes(): { busy: number; all: number } {
  const times = cpus().map((each) => each.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all };
}
