// Shows a run to its end, as --wait and --follow do. Ctrl-C ends the watch, never the run.

import { EXIT_INTERRUPTED, EXIT_OK, EXIT_RUN_FAILED } from '../terminal/exit.js';
import { describeBinding, describeWaiting, renderRunEnd } from '../render/render-run.js';
import { watchRun } from './watch-run.js';
import type { JsonOption, World } from '../client/world.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Run } from '../../domain/runs/run.js';

export async function waitForRun(world: World, run: Run, options: JsonOption): Promise<number> {
  const ended = await watchUntilInterrupted(world, run, options);
  if (ended === null) return EXIT_INTERRUPTED;
  if (options.json === true) world.printJson(ended);
  else for (const line of renderRunEnd(ended, world.terminal)) world.terminal.line(line);
  return ended.status === 'completed' ? EXIT_OK : EXIT_RUN_FAILED;
}

export function showStarted({ terminal }: World, run: Run): void {
  terminal.line(`${run.status} ${run.protocol} ${run.version}`);
  terminal.line(`run ${run.id}`);
  showBinding(terminal, run);
  for (const waiting of run.waitingFor ?? []) terminal.line(`waits for ${describeWaiting(waiting)}`);
  terminal.line(`follow it with: praxis show ${run.id} --follow`);
}

/** Before anything of it moves: what was left out may have been bound to something else than was meant. */
function showBinding(terminal: Terminal, run: Run): void {
  const binding = describeBinding(run);
  if (binding !== '') terminal.line(`uses ${binding}`);
}

async function watchUntilInterrupted(world: World, run: Run, options: JsonOption): Promise<Run | null> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  try {
    if (options.json !== true) {
      world.terminal.line(`run ${run.id}`);
      showBinding(world.terminal, run);
    }
    const [terminal, person] = options.json === true ? [null, null] : [world.terminal, world.person];
    const ended = await watchRun(world.api, run, { terminal, person, signal: interruption.signal });
    if (ended === null) {
      world.terminal.status('');
      process.stderr.write(`Stopped watching; the run goes on. See it with: praxis show ${run.id}\n`);
    }
    return ended;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
