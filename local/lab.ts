// Entry point `lab [--no-demo] [--quiet] [--json]`: the local lab in a terminal, until Ctrl-C.
// Exit codes: 0 stopped, 1 failed, 2 bad setting, 3 already up.

import { parseArgs } from 'node:util';
import { LabError } from '../domain/errors/error.js';
import { runLab, type RunLabOptions } from './run-lab.js';
import { describeFailure } from './start-lab.js';

await main();

async function main(): Promise<void> {
  try {
    await runLab(readArguments());
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(toExitCode(error));
  }
}

function readArguments(): RunLabOptions {
  const known = { 'no-demo': { type: 'boolean' }, quiet: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ options: known });
    const demo = values['no-demo'] !== true && process.env['PRAXIS_DEMO'] !== '0';
    return { demo, quiet: values.quiet === true, json: values.json === true };
  } catch (error) {
    const remedy = 'Known options: --no-demo, --quiet, --json.';
    throw new LabError('BAD_SETTING', { message: (error as Error).message, remedy, cause: error });
  }
}

function toExitCode(error: unknown): number {
  if (!(error instanceof LabError)) return 1;
  if (error.code === 'LAB_ALREADY_UP') return 3;
  return error.code === 'BAD_SETTING' ? 2 : 1;
}
