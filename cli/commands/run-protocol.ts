// `praxis run`: starts a run, and with --wait shows it to its end.

import { randomUUID } from 'node:crypto';
import { isConnectionError } from '../api-client.js';
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_RUN_FAILED } from '../exit.js';
import { parseAssignments, parseParameters } from '../parse-assignments.js';
import { describeWaiting, renderRunEnd } from '../render-run.js';
import { watchRun } from '../watch-run.js';
import type { JsonOption, World } from '../world.js';
import type { PublishedProtocol } from '../../domain/protocol.js';
import type { Run } from '../../domain/run.js';

export interface RunOptions extends JsonOption {
  readonly param: readonly string[];
  readonly asset: readonly string[];
  readonly versionOfProtocol?: string;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
}

export async function runProtocol(world: World, protocol: string, options: RunOptions): Promise<number> {
  const run = await startRun(world, protocol, options);
  if (options.wait !== true) {
    if (options.json === true) world.printJson(run);
    else showStarted(world, run);
    return EXIT_OK;
  }
  const ended = await watchUntilInterrupted(world, run, options);
  if (ended === null) return EXIT_INTERRUPTED;
  if (options.json === true) world.printJson(ended);
  else for (const line of renderRunEnd(ended, world.terminal)) world.terminal.line(line);
  return ended.status === 'completed' ? EXIT_OK : EXIT_RUN_FAILED;
}

async function startRun({ api }: World, protocol: string, options: RunOptions): Promise<Run> {
  const version = options.versionOfProtocol;
  const definition = await api.get<PublishedProtocol>(`/protocols/${encodeURIComponent(protocol)}`, { version });
  const body = {
    protocol,
    ...(version !== undefined && { version }),
    parameters: parseParameters(definition.parameters, options.param),
    assets: parseAssignments('--asset', options.asset),
    ...(options.priority !== undefined && { priority: options.priority }),
  };
  // With a key the request can be repeated safely, so a connection lost in the middle starts no second run.
  const headers = { 'idempotency-key': options.idempotencyKey ?? randomUUID() };
  try {
    return await api.post<Run>('/runs', body, headers);
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    return api.post<Run>('/runs', body, headers);
  }
}

function showStarted({ terminal }: World, run: Run): void {
  terminal.line(`${run.status} ${run.protocol} ${run.version}`);
  terminal.line(`run ${run.id}`);
  for (const waiting of run.waitingFor ?? []) terminal.line(`waits for ${describeWaiting(waiting)}`);
  terminal.line(`follow it with: praxis show ${run.id} --tree`);
}

/** Ctrl-C ends the watch, never the run. */
async function watchUntilInterrupted(world: World, run: Run, options: JsonOption): Promise<Run | null> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  try {
    if (options.json !== true) world.terminal.line(`run ${run.id}`);
    const ended = await watchRun(world.api, run, { terminal: options.json === true ? null : world.terminal, signal: interruption.signal });
    if (ended === null) {
      world.terminal.status('');
      process.stderr.write(`Stopped watching; the run goes on. See it with: praxis show ${run.id}\n`);
    }
    return ended;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
