// `praxis rerun`: starts what a run was started with once more: its protocol with its parameters, on its items.

import { randomUUID } from 'node:crypto';
import { EXIT_OK } from '../terminal/exit.js';
import { findRun } from '../client/find-run.js';
import { parseAssignments } from '../terminal/parse-assignments.js';
import { readParameters, type ParameterOptions } from '../terminal/read-parameters.js';
import { showStarted, waitForRun } from './wait-for-run.js';
import type { JsonOption, World } from '../client/world.js';

export interface RerunOptions extends JsonOption, ParameterOptions {
  readonly asset: readonly string[];
  readonly wait?: boolean;
}

/** The newest version of the protocol, as it is published now; what is given on the line takes the place of what the run had. */
export async function rerunRun(world: World, named: string, options: RerunOptions): Promise<number> {
  const { api, printJson } = world;
  const old = await findRun(api, named);
  const given = readParameters(options);
  const items = Object.entries(old.assets).map(([name, asset]) => [name, asset.name]);
  const body = {
    protocol: old.protocol,
    parameters: { ...old.parameters, ...given.parameters },
    files: given.files,
    assets: { ...(Object.fromEntries(items) as Record<string, string>), ...parseAssignments('--asset', options.asset) },
    priority: old.priority,
    timeScale: old.timeScale,
  };
  const run = await api.startRun({ body, headers: { 'idempotency-key': randomUUID() } });
  if (options.wait === true) return waitForRun(world, run, options);
  if (options.json === true) printJson(run);
  else showStarted(world, run);
  return EXIT_OK;
}
