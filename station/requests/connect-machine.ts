// A person has a machine connected: an operator's step, because it may move axes. It takes as long as the machine takes.

import type { RequestBody } from '../../contract/requests/requests.js';
import { LabError } from '../../domain/errors/error.js';
import type { Asked, RequestWorld } from './request-world.js';

export async function connectMachine(
  { bridge }: RequestWorld,
  { machine, note }: RequestBody<'connect-machine'>,
  { by }: Asked,
): Promise<void> {
  const { isReady, because } = await bridge.request('machine.connect', { machine, by, note });
  if (!isReady) throw new LabError('MACHINE_NOT_READY', { message: `${machine} is not connected: ${because ?? 'it does not say why'}.` });
}
