// A person lets everything in the workcell go on, if it is held by the stop that they have seen.

import type { RequestBody } from '../../contract/requests/requests.js';
import { LabError } from '../../domain/errors/error.js';
import { STATUS_REMEDY } from '../unheard-stop.js';
import type { Asked, RequestWorld } from './request-world.js';
import { showOutcome } from './show-outcome.js';

export async function releaseStop(world: RequestWorld, { rev, reason }: RequestBody<'release-stop'>, asked: Asked): Promise<void> {
  const { isReleased, rev: newest } = await world.stopBridge.request('stop.release', { rev, by: asked.by, reason });
  if (!isReleased) throw new LabError('NOT_STOPPED', { message: `Stop ${rev} does not hold any more; the newest is ${newest}.` });
  world.onStopChange();
  await showOutcome(world, asked, { what: `The stop of ${world.workcell} is released`, remedy: STATUS_REMEDY });
}
