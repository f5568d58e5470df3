// Reads `name=value` options. A value gets the type that the protocol declares; one that does not fit is sent as it
// stands, so that the API refuses it with its own words and there is one place that checks.

import { CliError, EXIT_BAD_INPUT } from './exit.js';
import type { Json } from '../../domain/json/json.js';
import type { ParameterSpec } from '../../domain/protocols/parameter.js';
import { parseParameterText } from '../../domain/protocols/parse-parameter-text.js';

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

export function parseParameters(specs: Readonly<Record<string, ParameterSpec>>, given: readonly string[]): Record<string, Json> {
  const texts = parseAssignments('-p', given);
  const values = Object.entries(texts).map(([name, text]) => [name, parseText(Object.hasOwn(specs, name) ? specs[name] : undefined, text)]);
  return Object.fromEntries(values) as Record<string, Json>;
}

/** An unknown parameter stays text; the API says which ones there are. */
function parseText(spec: ParameterSpec | undefined, text: string): Json {
  return spec === undefined ? text : parseParameterText(spec, text);
}

function refuse(field: string, message: string): CliError {
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', field, message, remedy: `Write it as: ${field} name=value.` });
}
