// Finds the run that a person means on the command line.

import type { ApiClient } from './api-client.js';
import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import { MANUAL_DEFINITION } from '../../domain/protocols/manual.js';
import type { Run } from '../../domain/runs/run.js';

/** Runs among which a prefix is looked for. */
const RECENT_RUNS = 200;
const PREFIX_LENGTH_MIN = 6;
const UUID_LENGTH = 36;

/** A run by id, by the beginning of a recent id, or the newest one that is no command by hand. */
export async function findRun(api: ApiClient, given: string): Promise<Run> {
  if (given !== 'last' && given.length >= UUID_LENGTH) return api.getRun({ params: { id: given } });
  const { items } = await api.listRuns({ query: { limit: RECENT_RUNS } });
  const found =
    given === 'last'
      ? findNewest(items)
      : given.length < PREFIX_LENGTH_MIN
        ? []
        : items.filter(({ id }) => id.startsWith(given.toLowerCase()));
  const [run, ...others] = found;
  // A list tells in short what is large.
  if (run && others.length === 0) return run.isShortened === true ? api.getRun({ params: { id: run.id } }) : run;
  const message =
    given === 'last'
      ? 'There is no run yet.'
      : run
        ? `${found.length} recent runs begin with '${given}'.`
        : given.length < PREFIX_LENGTH_MIN
          ? `'${given}' is too short; give at least ${PREFIX_LENGTH_MIN} characters of the id.`
          : `There is no recent run whose id begins with '${given}'.`;
  throw new CliError(EXIT_BAD_INPUT, { code: 'RUN_NOT_FOUND', field: 'id', message, remedy: 'See the ids with: praxis runs.' });
}

/** Whoever helps a run by hand still means the run: commands by hand are found by id, or where there is nothing else. */
function findNewest(runs: readonly Run[]): readonly Run[] {
  const newest = runs.find(({ protocol }) => protocol !== MANUAL_DEFINITION.name) ?? runs[0];
  return newest === undefined ? [] : [newest];
}
