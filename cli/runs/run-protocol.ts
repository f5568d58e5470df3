// `praxis run`: starts a run, and with --wait shows it to its end.

import { randomUUID } from 'node:crypto';
import { isConnectionError } from '../client/api-client.js';
import { EXIT_OK } from '../terminal/exit.js';
import { parseAssignments } from '../terminal/parse-assignments.js';
import { readParameters, type ParameterOptions } from '../terminal/read-parameters.js';
import { showStarted, waitForRun } from './wait-for-run.js';
import type { JsonOption, World } from '../client/world.js';
import type { Run } from '../../domain/runs/run.js';

/** A table of a hundred thousand rows takes seconds to be read and checked. */
const START_TIMEOUT_MS = 60_000;

export interface RunOptions extends JsonOption, ParameterOptions {
  readonly asset: readonly string[];
  readonly versionOfProtocol?: string;
  readonly priority?: number;
  readonly timeScale?: number;
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
  return waitForRun(world, run, options);
}

async function startRun({ api }: World, protocol: string, options: RunOptions): Promise<Run> {
  const version = options.versionOfProtocol;
  const body = {
    protocol,
    ...(version !== undefined && { version }),
    ...readParameters(options),
    assets: parseAssignments('--asset', options.asset),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.timeScale !== undefined && { timeScale: options.timeScale }),
  };
  // With a key the request can be repeated safely, so a connection lost in the middle starts no second run.
  const headers = { 'idempotency-key': options.idempotencyKey ?? randomUUID() };
  try {
    return await api.startRun({ body, headers }, { timeoutMs: START_TIMEOUT_MS });
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    return api.startRun({ body, headers }, { timeoutMs: START_TIMEOUT_MS });
  }
}
