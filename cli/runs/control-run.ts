// `praxis pause`, `praxis resume`, `praxis cancel`: control of a run.

import { findRun } from '../client/find-run.js';
import { EXIT_OK } from '../terminal/exit.js';
import type { JsonOption, World } from '../client/world.js';

const DOINGS = {
  pause: 'is being paused: its running command ends, no new one begins. Go on with: praxis resume',
  resume: 'goes on, unless something else holds it. See what does with: praxis show',
  cancel: 'is being cancelled: the running command ends, then its cleanups run. See its end with: praxis show',
} as const;
export type Control = keyof typeof DOINGS;
const OPERATIONS = { pause: 'pauseRun', resume: 'resumeRun', cancel: 'cancelRun' } as const satisfies Record<Control, string>;

export interface ControlOptions extends JsonOption {
  readonly reason?: string;
}

export async function controlRun(
  { api, terminal, printJson }: World,
  wish: { control: Control; run: string },
  options: ControlOptions,
): Promise<number> {
  const { id } = await findRun(api, wish.run);
  const run = await api[OPERATIONS[wish.control]]({ params: { id }, body: { reason: options.reason ?? '' } });
  if (options.json === true) printJson(run);
  else terminal.line(`${run.protocol} ${run.id} ${DOINGS[wish.control]} ${run.id}`);
  return EXIT_OK;
}
