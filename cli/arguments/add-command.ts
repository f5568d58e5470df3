// What every subcommand is made of: its help with examples, --json, the kinds of its options, and an action that gets the world and
// leaves its exit code.

import { InvalidArgumentError, type Command } from 'commander';
import { createApiClient } from '../client/api-client.js';
import { findPerson } from '../terminal/ask-person.js';
import { findApiUrl } from '../client/find-api.js';
import { printJson } from '../terminal/print-json.js';
import { createTerminal } from '../terminal/terminal.js';
import type { World } from '../client/world.js';

export const EXIT_CODES = 'Exit codes: 0 ok, 1 failed run, 2 bad input, 3 no connection.';
const JSON_HELP = 'print exactly one JSON document, the resource of the API; or { error } where it is refused';

/** Wraps an action, so that it gets the world and leaves its exit code. */
export function act<A extends unknown[]>(action: (world: World, ...given: A) => Promise<number>): (...given: A) => Promise<void> {
  return async (...given) => {
    process.exitCode = await action(createWorld(), ...given);
  };
}

function createWorld(): World {
  return {
    api: createApiClient(findApiUrl(process.env), process.env['PRAXIS_TOKEN']),
    terminal: createTerminal(process.stdout, process.env),
    person: findPerson(process.stdin, process.stdout),
    printJson,
  };
}

export function addCommand(program: Command, usage: string, description: string, examples: readonly string[]): Command {
  return program
    .command(usage)
    .description(description)
    .option('--json', JSON_HELP)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}\n\n${EXIT_CODES}`);
}

export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

export function parseInteger(text: string): number {
  if (!/^-?\d{1,9}$/u.test(text)) throw new InvalidArgumentError('It must be an integer.');
  return Number(text);
}

export function parseNumber(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/u.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}
