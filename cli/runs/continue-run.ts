// `praxis continue`: a new run that goes on where a failed or cancelled one left off.

import { randomUUID } from 'node:crypto';
import { CliError, EXIT_OK } from '../terminal/exit.js';
import { findRun } from '../client/find-run.js';
import { parseAssignments } from '../terminal/parse-assignments.js';
import { showStarted, waitForRun } from './wait-for-run.js';
import type { JsonOption, World } from '../client/world.js';
import type { Run } from '../../domain/runs/run.js';

export interface ContinueOptions extends JsonOption {
  readonly from: string;
  readonly deckIsReady?: boolean;
  readonly asset: readonly string[];
  readonly reason?: string;
  readonly wait?: boolean;
}

export async function continueRun(world: World, given: string, options: ContinueOptions): Promise<number> {
  const old = await findRun(world.api, given);
  const run = await requestRun(world, old, options);
  if (options.wait === true) return waitForRun(world, run, options);
  if (options.json === true) world.printJson(run);
  else showStarted(world, run);
  return EXIT_OK;
}

/** The API says what to check on the deck; a person at the terminal may confirm it there. */
async function requestRun({ api, terminal, person }: World, old: Run, options: ContinueOptions): Promise<Run> {
  const body = { from: options.from, assets: parseAssignments('--asset', options.asset), reason: options.reason ?? '' };
  const post = (isDeckConfirmed: boolean): Promise<Run> =>
    api.continueRun({ params: { id: old.id }, body: { ...body, isDeckConfirmed }, headers: { 'idempotency-key': randomUUID() } });
  try {
    return await post(options.deckIsReady === true);
  } catch (error) {
    const isQuestion = error instanceof CliError && error.code === 'DECK_NOT_CONFIRMED';
    if (!isQuestion || person === null || options.json === true) throw isQuestion ? withOption(error) : error;
    terminal.line(error.message);
    if (!(await person.confirm('Is the deck so?'))) throw withOption(error);
    return post(true);
  }
}

function withOption({ exitCode, code, field, message }: CliError): CliError {
  return new CliError(exitCode, { code, field, message, remedy: 'When it is so, add --deck-is-ready.' });
}
