// Reads `name=value` options. A value gets the type that the protocol declares; one that does not fit is sent as it
// stands, so that the API refuses it with its own words and there is one place that checks.

import { CliError, EXIT_BAD_INPUT } from './exit.js';
import type { Json } from '../domain/json.js';
import type { ParameterSpec, ParameterType } from '../domain/parameter.js';

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

export function parseParameters(
  specs: Readonly<Record<string, ParameterSpec>>,
  given: readonly string[],
): Record<string, Json> {
  const texts = parseAssignments('-p', given);
  const values = Object.entries(texts).map(([name, text]) => [name, parseValue(Object.hasOwn(specs, name) ? specs[name]?.type : undefined, text)]);
  return Object.fromEntries(values) as Record<string, Json>;
}

function parseValue(type: ParameterType | undefined, text: string): Json {
  switch (type) {
    case 'integer':
    case 'number':
      return readNumber(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

function readNumber(text: string): Json {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

function refuse(field: string, message: string): CliError {
  return new CliError(EXIT_BAD_INPUT, { code: 'BAD_OPTION', field, message, remedy: `Write it as: ${field} name=value.` });
}
