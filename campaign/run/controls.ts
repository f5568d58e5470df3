// What an operator does to runs in the middle of a case: pause and resume, cancel, stop all and release. Each notes when it
// was asked, when the lab said that it holds, and when it was asked to go on.

import { setTimeout as sleep } from 'node:timers/promises';
import { sayHello } from '../../local/bridge-wire.js';
import { ask } from './observer.js';
import { post } from './operator.js';
import type { Act } from './plan.js';
import type { Rig } from './rig.js';

const POLL_MS = 100;
const HOLD_LIMIT_MS = 60_000;
const LIFT_LIMIT_MS = 120_000;
/** A stop whose answer did not come may still reach the worker; longer than any fault holds a message up. */
const LATE_STOP_MS = 20_000;
const CONFLICT = 409;
const WORKCELL = 'star';
const ENDED = ['completed', 'failed', 'cancelled'];

/** Whether it was accepted. */
export function carryOut(rig: Rig, act: Act, runId: string): Promise<boolean> {
  if (act.action === 'stop-all') return stopAll(rig, act);
  return act.action === 'pause' ? pause(rig, act, runId) : cancel(rig, runId);
}

async function pause(rig: Rig, { holdMs }: Act, runId: string): Promise<boolean> {
  const { status } = await post(rig, 'pauseRun', { params: { id: runId } });
  rig.note({ what: 'request', action: 'pause', status, runId });
  const seen = status === 202 || status === 200 ? await waitForStatus(rig, runId, 'paused') : undefined;
  if (seen === 'paused') {
    rig.note({ what: 'acknowledged', action: 'pause', runId });
    await sleep(holdMs);
    rig.note({ what: 'lifting', action: 'pause', runId });
  }
  // Whether it was seen or not, and whether the request got through or not: nothing is left paused.
  await insist(async () => {
    const reply = await post(rig, 'resumeRun', { params: { id: runId } });
    rig.note({ what: 'request', action: 'resume', status: reply.status, runId });
    return reply.status >= 200 && reply.status < 500;
  });
  return seen === 'paused';
}

async function cancel(rig: Rig, runId: string): Promise<boolean> {
  const { status } = await post(rig, 'cancelRun', { params: { id: runId } });
  rig.note({ what: 'request', action: 'cancel', status, runId });
  if (status !== 202 && status !== 200) return false;
  const seen = await waitForStatus(rig, runId, 'cancelling');
  // Shown is the wish at once; it is true once the bridge holds the run.
  if (seen === 'cancelling' && (await waitForHold(rig, runId))) rig.note({ what: 'acknowledged', action: 'cancel', runId });
  return seen !== undefined;
}

async function stopAll(rig: Rig, { holdMs }: Act): Promise<boolean> {
  const { status, body } = await post(rig, 'stopAll', { params: { workcell: WORKCELL }, body: { reason: 'campaign' } });
  rig.note({ what: 'request', action: 'stop-all', status });
  if (status !== 200) {
    await releaseUnseen(rig);
    return false;
  }
  const rev = Number(body['rev']);
  rig.note({ what: 'acknowledged', action: 'stop-all', rev });
  await sleep(holdMs);
  // Refused where the other operator has stopped since: theirs to release then.
  await insist(async () => [200, CONFLICT].includes(await release(rig, rev)));
  return true;
}

async function release(rig: Rig, rev: number): Promise<number> {
  rig.note({ what: 'lifting', action: 'stop-all', rev });
  const { status } = await post(rig, 'releaseStop', { params: { workcell: WORKCELL }, body: { rev, reason: 'campaign' } });
  rig.note({ what: 'request', action: 'release', status });
  return status;
}

/** Whether a stop without an answer holds, or will, nobody knows: whatever is found to hold is released for a while. */
async function releaseUnseen(rig: Rig): Promise<void> {
  const untilMs = Date.now() + LATE_STOP_MS;
  await insist(async () => {
    const stop = await ask(() => rig.api.showStop({ params: { workcell: WORKCELL } }));
    if (stop?.isStopped !== true) return stop !== undefined && Date.now() > untilMs;
    return (await release(rig, stop.rev)) === 200;
  });
}

/** The status when it came, or an end; undefined where neither came in time. */
async function waitForStatus(rig: Rig, runId: string, wanted: string): Promise<string | undefined> {
  const giveUpAtMs = Date.now() + HOLD_LIMIT_MS;
  while (Date.now() < giveUpAtMs) {
    const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
    if (run !== undefined && (run.status === wanted || ENDED.includes(run.status))) return run.status;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Whether the bridge was seen to hold it, before it ended. */
async function waitForHold(rig: Rig, runId: string): Promise<boolean> {
  const giveUpAtMs = Date.now() + HOLD_LIMIT_MS;
  while (Date.now() < giveUpAtMs) {
    const hello = await sayHello(rig.bridgeSocket).catch(() => null);
    if (hello?.heldRuns.includes(runId) === true) return true;
    const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
    if (run !== undefined && ENDED.includes(run.status)) return false;
    await sleep(POLL_MS);
  }
  return false;
}

async function insist(attempt: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + LIFT_LIMIT_MS;
  while (!(await attempt()) && Date.now() < giveUpAtMs) await sleep(5 * POLL_MS);
}
