// `praxis cancel`: ends a run early, after its cleanups.

import { findRun } from '../find-run.js';
import { EXIT_OK } from '../exit.js';
import type { JsonOption, World } from '../world.js';
import type { Run } from '../../domain/run.js';

export async function cancelRun({ api, terminal, printJson }: World, given: string, options: JsonOption & { readonly reason?: string }): Promise<number> {
  const { id } = await findRun(api, given);
  const run = await api.post<Run>(`/runs/${id}/cancel`, { reason: options.reason ?? '' });
  if (options.json === true) printJson(run);
  else terminal.line(`${run.protocol} ${run.id} is being cancelled: the running command ends, then its cleanups run.`);
  return EXIT_OK;
}
