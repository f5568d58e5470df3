// A person has everything in the workcell stopped, over the API. Where API or Postgres are away the stop record is the way.

import type { RequestBody } from '../../contract/requests/requests.js';
import { LabError } from '../../domain/errors/error.js';
import { STATUS_REMEDY, toUnheardStop } from '../unheard-stop.js';
import { persist } from './persist.js';
import type { Asked, RequestWorld } from './request-world.js';
import { showOutcome } from './show-outcome.js';

export async function stopAll(world: RequestWorld, { reason }: RequestBody<'stop-all'>, asked: Asked): Promise<void> {
  const { stopBridge, workcell } = world;
  // Asked again where its answer was lost: a stop of a stopped workcell stops it once more.
  const stop = (): Promise<{ isJournaled: boolean }> => stopBridge.request('stop.all', { by: asked.by, reason });
  const { isJournaled } = await persist(stop, asked.end).catch((error: unknown) => {
    throw toUnheardStop(workcell, error);
  });
  if (!isJournaled)
    throw new LabError('DISK_FULL', {
      message:
        'Everything is stopped, but that cannot be written down for want of disk space: the lab shows it, and lets it be released, when there is room.',
    });
  world.onStopChange();
  const what = `Everything in ${workcell} is stopped, and stays so when its bridge is started again`;
  await showOutcome(world, asked, { what, remedy: STATUS_REMEDY });
}
