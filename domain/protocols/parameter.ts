// Parameters of a protocol: the check that holds given values to their specs and brings them into the form that
// protocols receive. The API checks a start with it, the SDK checks nested calls with it, so both refuse the same.

import { LabError, type ErrorCode } from '../errors/error.js';
import type { Json, JsonObject } from '../json/json.js';
import { describeSpec, type ParameterSpecMap } from './parameter-spec.js';
import { findNearMatches } from '../text/near-match.js';
import { normaliseValue, type ValueFault } from './parameter-value.js';

export { describeSpec, PARAMETER_TYPES, type ParameterSpec, type ParameterSpecMap, type ParameterType } from './parameter-spec.js';

export interface ParameterProblem {
  readonly code: ErrorCode;
  readonly field: string;
  readonly detail: string;
}

export interface CheckedParameters {
  /** Every declared parameter, defaults filled in, durations in milliseconds, wells as lists. Only meaningful without problems. */
  readonly values: JsonObject;
  readonly problems: readonly ParameterProblem[];
}

/** Holds given values against their specs; reports every problem, throws nothing. Checking the result again changes nothing. */
export function checkParameters(specs: ParameterSpecMap, given: JsonObject): CheckedParameters {
  const { values, faults } = judgeParameters(specs, given);
  return { values, problems: faults.map((fault) => toParameterProblem(fault)) };
}

/** The same, with the path of everything that is wrong. */
export function judgeParameters(specs: ParameterSpecMap, given: JsonObject): { values: JsonObject; faults: readonly ValueFault[] } {
  const faults: ValueFault[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const known = Object.keys(specs);
    const [nearest] = findNearMatches(name, known);
    const meant = nearest === undefined ? '' : ` Perhaps '${nearest}' is meant.`;
    const detail = `is not a parameter of this protocol; it has: ${known.join(', ') || 'none'}.${meant}`;
    faults.push({ code: 'UNKNOWN_PARAMETER', path: name, detail });
  }
  const values: Record<string, Json> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default;
    if (value === undefined) {
      if (!spec.isOptional) faults.push({ code: 'MISSING_PARAMETER', path: name, detail: `(${describeSpec(spec)}) is required.` });
      continue;
    }
    const normal = normaliseValue(spec, value, name);
    if ('faults' in normal) faults.push(...normal.faults);
    else values[name] = normal.value;
  }
  return { values, faults };
}

/** `'volumeUl' must be a number …`; with the file where the value came from one. */
export function toParameterProblem({ code, path, detail }: ValueFault, file?: string): ParameterProblem {
  return { code, field: `parameters.${path}`, detail: `'${path}'${file === undefined ? '' : ` in ${file}`} ${detail}` };
}

/** Throws the first problem as a LabError; returns the values otherwise. */
export function requireParameters(specs: ParameterSpecMap, given: JsonObject): JsonObject {
  const { values, problems } = checkParameters(specs, given);
  const first = problems[0];
  if (first) throw new LabError(first.code, { message: first.detail, field: first.field });
  return values;
}
