// Parameters of a protocol: what a definition may demand of a value, and the check that holds it to that.
// The API checks a start with it, the SDK checks nested calls with it, so both refuse the same.

import { LabError, type ErrorCode } from './error.js';
import type { Json, JsonObject } from './json.js';

export const PARAMETER_TYPES = ['integer', 'number', 'text', 'boolean', 'choice'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

export interface ParameterSpec {
  readonly type: ParameterType;
  readonly description?: string;
  readonly unit?: string;
  /** Without a default the parameter is required. */
  readonly default?: Json;
  /** Lowest and highest value; for text the lengths. */
  readonly min?: number;
  readonly max?: number;
  /** Regular expression that the whole text must match. */
  readonly pattern?: string;
  readonly choices?: readonly string[];
}

export interface ParameterProblem {
  readonly code: ErrorCode;
  readonly field: string;
  readonly detail: string;
}

export interface CheckedParameters {
  /** Every declared parameter, defaults filled in. Only meaningful without problems. */
  readonly values: JsonObject;
  readonly problems: readonly ParameterProblem[];
}

/** Holds given values against their specs; reports every problem, throws nothing. */
export function checkParameters(specs: Readonly<Record<string, ParameterSpec>>, given: JsonObject): CheckedParameters {
  const problems: ParameterProblem[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const known = Object.keys(specs).join(', ') || 'none';
    problems.push({ code: 'UNKNOWN_PARAMETER', field: `parameters.${name}`, detail: `'${name}' is not a parameter of this protocol; it has: ${known}.` });
  }
  const values: Record<string, Json> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default;
    const field = `parameters.${name}`;
    if (value === undefined) {
      problems.push({ code: 'MISSING_PARAMETER', field, detail: `'${name}' (${describeSpec(spec)}) is required.` });
      continue;
    }
    const problem = findProblem(spec, value);
    if (problem) problems.push({ code: problem.code, field, detail: `'${name}' ${problem.detail}` });
    else values[name] = value;
  }
  return { values, problems };
}

/** Throws the first problem as a LabError; returns the values otherwise. */
export function requireParameters(specs: Readonly<Record<string, ParameterSpec>>, given: JsonObject): JsonObject {
  const { values, problems } = checkParameters(specs, given);
  const first = problems[0];
  if (first) throw new LabError(first.code, { message: first.detail, field: first.field });
  return values;
}

/** `integer from 1 to 11`, `number from 1 to 300 µL`, `one of A, B`. */
export function describeSpec(spec: ParameterSpec): string {
  if (spec.type === 'choice') return `one of ${(spec.choices ?? []).join(', ')}`;
  const limits =
    spec.min !== undefined && spec.max !== undefined
      ? ` from ${spec.min} to ${spec.max}`
      : spec.min !== undefined
        ? ` of at least ${spec.min}`
        : spec.max !== undefined
          ? ` of at most ${spec.max}`
          : '';
  const unit = spec.type === 'text' ? (limits ? ' characters' : '') : spec.unit ? ` ${spec.unit}` : '';
  return `${spec.type}${limits}${unit}`;
}

function findProblem(spec: ParameterSpec, value: Json): { code: ErrorCode; detail: string } | undefined {
  const wanted = describeSpec(spec);
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(wanted, value);
    case 'choice':
      if (typeof value !== 'string') return wrongType(wanted, value);
      return (spec.choices ?? []).includes(value) ? undefined : outOfRange(wanted, value);
    case 'text':
      if (typeof value !== 'string') return wrongType(wanted, value);
      if (value.length < (spec.min ?? 0) || value.length > (spec.max ?? Infinity)) return outOfRange(wanted, value);
      if (spec.pattern !== undefined && !new RegExp(`^(?:${spec.pattern})$`, 'u').test(value)) {
        return outOfRange(`text that matches ${spec.pattern}`, value);
      }
      return undefined;
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(wanted, value);
      if (spec.type === 'integer' && !Number.isSafeInteger(value)) return wrongType(wanted, value);
      if (value < (spec.min ?? -Infinity) || value > (spec.max ?? Infinity)) return outOfRange(wanted, value);
      return undefined;
  }
}

function wrongType(wanted: string, value: Json): { code: ErrorCode; detail: string } {
  return { code: 'PARAMETER_TYPE', detail: `must be ${withArticle(wanted)}, not ${show(value)}.` };
}

function outOfRange(wanted: string, value: Json): { code: ErrorCode; detail: string } {
  return { code: 'PARAMETER_RANGE', detail: `must be ${withArticle(wanted)}, not ${show(value)}.` };
}

function withArticle(wanted: string): string {
  if (/^(one of|text)/u.test(wanted)) return wanted;
  return /^[aeiou]/u.test(wanted) ? `an ${wanted}` : `a ${wanted}`;
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
