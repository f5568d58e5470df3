// Reads `name=value` options. Values stay texts: the API gives them the type that is declared, so that there is one place that reads.

import { CliError, EXIT_BAD_INPUT } from './exit.js';

export function parseAssignments(option: string, given: readonly string[]): Record<string, string> {
  const assignments: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) throw refuse(option, `'${text}' is not name=value.`);
    const name = text.slice(0, at);
    if (Object.hasOwn(assignments, name)) throw refuse(option, `'${name}' is given twice.`);
    assignments[name] = text.slice(at + 1);
  }
  return assignments;
}

function refuse(field: string, message: string): CliError {
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', field, message, remedy: `Write it as: ${field} name=value.` });
}
