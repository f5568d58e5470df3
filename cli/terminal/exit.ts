// How the command ends: four exit codes that scripts may rely on, the one line on stderr that says why, and the same as JSON.

import { toSafeText } from './safe-text.js';

export const EXIT_OK = 0;
export const EXIT_RUN_FAILED = 1;
export const EXIT_BAD_INPUT = 2;
export const EXIT_NO_CONNECTION = 3;
/** Watching was ended by Ctrl-C: how the run ended is not known. */
export const EXIT_INTERRUPTED = 130;

/** Ends the command with one line on stderr. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly remedy: string | undefined;

  constructor(exitCode: number, given: { code: string; message: string; field?: string | undefined; remedy?: string | undefined }) {
    super(given.message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.code = given.code;
    this.field = given.field;
    this.remedy = given.remedy;
  }
}

/** What `--json` prints where there is nothing else to print: one document, too. */
export function toErrorDocument({ code, field, message, remedy }: CliError): object {
  return { error: { code, message, ...(field !== undefined && { field }), ...(remedy !== undefined && { remedy }) } };
}

/** `error PARAMETER_RANGE parameters.numDilutions: … Remedy: …`, always one line. */
export function formatErrorLine({ code, field, message, remedy }: CliError): string {
  const where = field === undefined ? '' : ` ${field}`;
  const what = remedy === undefined ? '' : ` Remedy: ${remedy}`;
  // Titles of the table are no whole sentences.
  const said = remedy === undefined || /[.!?…]["'»)]?\s*$/u.test(message) ? message : `${message}.`;
  return toSafeText(`error ${code}${where}: ${said}${what}`.replaceAll(/\s*\n\s*/gu, ' '));
}
