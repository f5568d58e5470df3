// The one JSON document of `--json` on stdout: the resource, or else why there is none. Never two of them.

import { toErrorDocument, type CliError } from './exit.js';

let isPrinted = false;

export function printJson(value: unknown): void {
  isPrinted = true;
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Nothing where a document is there already: how it ended says the exit code then, and stderr why. */
export function printJsonError(error: CliError, given: readonly string[]): void {
  if (!isPrinted && given.includes('--json')) printJson(toErrorDocument(error));
}
