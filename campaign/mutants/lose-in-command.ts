// A scenario that several mutants share: the device has acted, its reply is late, and a process ends meanwhile.

import { signalProcess } from '../../local/process-identity.js';
import type { Scenario } from './scenario.js';

/** Within what the driver waits; long enough to end a process in. */
const LATE_MS = 2_000;

/** Ends the process when the liquid handler has aspirated and the bridge does not know it yet. */
export function loseInCommand(name: 'bridge' | 'workcell-worker'): Scenario {
  return async ({ rig, start, planFault, waitForAct }) => {
    await planFault({ device: 'star', op: 'aspirate', mode: 'late-reply', delayMs: LATE_MS });
    const runId = await start('liquid_program', [{ do: 'stroke', well: 'B1', volumeUl: 4 }]);
    await waitForAct(runId, 'aspirate');
    const pid = rig.listPids()[name];
    if (pid === undefined) throw new Error(`There is no process ${name} to end.`);
    signalProcess(pid, 'SIGKILL');
  };
}
