// A person ends what a machine does, where its driver can.

import type { RequestBody } from '../../contract/requests/requests.js';
import { LabError } from '../../domain/errors/error.js';
import type { Asked, RequestWorld } from './request-world.js';
import { showOutcome } from './show-outcome.js';

export async function abortMachine(world: RequestWorld, { machine, note }: RequestBody<'abort-machine'>, asked: Asked): Promise<void> {
  const { commands, isStopping } = await world.bridge.request('machine.abort', { machine, by: asked.by, note });
  if (commands.length === 0) throw new LabError('NOTHING_RUNS', { message: `No command is running on ${machine}.` });
  if (!isStopping)
    throw new LabError('NOT_STOPPABLE', { message: `The driver of ${machine} cannot stop ${commands.join(', ')}; it ends by itself.` });
  const remedy = 'See what runs with: praxis runs --status running.';
  await showOutcome(world, asked, { what: `The driver of ${machine} was told to stop`, remedy });
}
