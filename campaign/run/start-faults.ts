// Faults of a start: whoever starts the lab is killed in the middle of it, or a person presses Ctrl-C twice. What was started
// by then is left behind, and the next start finds it. And the same of a lab that is up.

import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signalProcess } from '../../local/process-identity.js';
import type { Fault } from './fault.js';
import { ask } from './observer.js';
import type { Rig } from './rig.js';

/** Longer than two signals of one press of the keys are apart. */
const SECOND_PRESS_MS = 700;
const LEAVES_WITHIN_MS = 40_000;
const POLL_MS = 50;

/** The lab is up; its processes notice that nobody supervises them. */
export async function killSupervisor(rig: Rig): Promise<boolean> {
  const pid = rig.supervisorPid();
  if (pid === undefined || !isAlive(pid)) return false;
  signalProcess(pid, 'SIGKILL');
  await waitForEnd(pid);
  rig.launchLab();
  return true;
}

export function killInStart(rig: Rig, fault: Fault): Promise<boolean> {
  return breakStart(rig, fault, (pid) => {
    signalProcess(pid, 'SIGKILL');
    return Promise.resolve();
  });
}

export function pressTwiceInStart(rig: Rig, fault: Fault): Promise<boolean> {
  return breakStart(rig, fault, async (pid) => {
    signalProcess(pid, 'SIGINT');
    await sleep(SECOND_PRESS_MS);
    if (isAlive(pid)) signalProcess(pid, 'SIGINT');
  });
}

/** False where the lab was quicker. */
async function breakStart(rig: Rig, { lastsMs }: Fault, end: (pid: number) => Promise<void>): Promise<boolean> {
  await rig.killLab();
  await sleep(lastsMs);
  const pid = rig.supervisorPid();
  const isStarting = (await ask(() => rig.api.getHealth())) === undefined;
  if (pid !== undefined && isAlive(pid)) {
    await end(pid);
    await waitForEnd(pid);
  }
  rig.launchLab();
  return isStarting;
}

async function waitForEnd(pid: number): Promise<void> {
  const giveUpAtMs = Date.now() + LEAVES_WITHIN_MS;
  while (isAlive(pid) && Date.now() < giveUpAtMs) await sleep(POLL_MS);
  if (isAlive(pid)) signalProcess(pid, 'SIGKILL');
}
