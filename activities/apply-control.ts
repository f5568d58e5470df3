// Makes the control state of a run true outside the run: first the hold in the bridge, so that nothing begins any
// more, and the stop of what a cancel ends, then what people see. A run counts as paused once no command of it is running.

import { setTimeout as sleep } from 'node:timers/promises';
import { applyControl as showControl } from '../db/runs/run-status.js';
import type { ApplyControlRequest } from './activity-types.js';
import type { ControlWorld } from './control-world.js';
import { stopCommands } from './stop-commands.js';

/** How often the bridge is asked whether the last command has ended. */
const LOOK_INTERVAL_MS = 50;

export async function applyControl(
  { db, bridge }: Pick<ControlWorld, 'db' | 'bridge'>,
  { runId, control, asked, stop = [] }: ApplyControlRequest,
  signal: AbortSignal,
): Promise<void> {
  const { rev } = control;
  const data = { ...asked };
  // Also a cancelled run: what was on its way to the bridge when it was cancelled must not begin. Cleanups are excepted there.
  const isHeld = control.cancel || control.pauseReasons.length > 0;
  const hold = () => bridge.request('run.hold', { runId, rev, isHeld });
  // What the hold came too late for is stopped; a command that comes after it is refused.
  const holdAndStop = async () => {
    const reply = await hold();
    await stopCommands(bridge, stop);
    return reply;
  };
  if (!isHeld) {
    await hold();
    await showControl(db, { runId, control, isAcknowledged: true, atMs: Date.now(), data });
    return;
  }
  // Side by side: with Postgres away the run must stop all the same, with the bridge away people must see that it was asked to.
  const shown = showControl(db, { runId, control, isAcknowledged: false, atMs: Date.now(), data });
  const [held] = await settleBoth(holdAndStop(), shown);
  // Nobody waits for what still runs of a run that is being cancelled, and its cleanups are commands too.
  if (control.cancel) return;
  for (let reply = held; reply.rev <= rev && reply.running.length > 0; reply = await hold()) {
    signal.throwIfAborted();
    await sleep(LOOK_INTERVAL_MS);
  }
  await showControl(db, { runId, control, isAcknowledged: true, atMs: Date.now(), data });
}

/** Waits for both even where one fails, so that neither goes on unattended. */
async function settleBoth<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
