// One value against one spec: what it must be, and the form it is kept in.

import { readDuration } from '../json/duration.js';
import { LabError, type ErrorCode } from '../errors/error.js';
import { isJsonArray, isJsonObject, type Json } from '../json/json.js';
import { describeSpec, type ParameterSpec, withArticle } from './parameter-spec.js';
import { findNearMatches } from '../text/near-match.js';
import { expandPositions } from '../values/positions.js';

export interface ValueFault {
  readonly code: ErrorCode;
  /** The parameter and the place within it: `samples[2].volumeUl`. */
  readonly path: string;
  readonly detail: string;
  /** Of text: where it stands. */
  readonly at?: { readonly line: number };
}

export type NormalValue = { readonly value: Json } | { readonly faults: readonly ValueFault[] };

/** A long list that is wrong throughout is told of this often. */
const FAULTS_MAX = 20;

/** The value in the form that protocols receive, or everything that is wrong with it. */
export function normaliseValue(spec: ParameterSpec, value: Json, path: string): NormalValue {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? { value } : wrongType(spec, value, path);
    case 'choice':
      if (typeof value !== 'string') return wrongType(spec, value, path);
      return (spec.choices ?? []).includes(value) ? { value } : refuseChoice(spec, value, path);
    case 'text':
      return normaliseText(spec, value, path);
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(spec, value, path);
      if (spec.type === 'integer' && !Number.isSafeInteger(value)) return wrongType(spec, value, path);
      return isWithin(spec, value) ? { value } : outOfRange(spec, value, path);
    case 'duration':
      return normaliseDuration(spec, value, path);
    case 'wells':
      return normaliseWells(spec, value, path);
    case 'list':
      return normaliseItems(spec, value, { path, item: spec.of });
    case 'record':
      return normaliseRecord(spec, value, path);
    case 'table':
      return normaliseItems(spec, value, { path, item: { type: 'record', fields: spec.fields ?? {} } });
  }
}

function refuseChoice(spec: ParameterSpec, value: string, path: string): NormalValue {
  const [nearest] = findNearMatches(value, spec.choices ?? []);
  const meant = nearest === undefined ? '' : ` Perhaps '${nearest}' is meant.`;
  return { faults: [{ code: 'PARAMETER_RANGE', path, detail: `must be ${describeSpec(spec)}, not ${show(value)}.${meant}` }] };
}

function normaliseText(spec: ParameterSpec, value: Json, path: string): NormalValue {
  if (typeof value !== 'string') return wrongType(spec, value, path);
  if (!isWithin(spec, value.length)) return outOfRange(spec, value, path);
  if (spec.pattern === undefined || new RegExp(`^(?:${spec.pattern})$`, 'u').test(value)) return { value };
  return { faults: [{ code: 'PARAMETER_RANGE', path, detail: `must be text that matches ${spec.pattern}, not ${show(value)}.` }] };
}

function normaliseDuration(spec: ParameterSpec, value: Json, path: string): NormalValue {
  const ms = readDuration(value);
  if (ms === undefined) return wrongType(spec, value, path);
  return isWithin(spec, ms) ? { value: ms } : outOfRange(spec, value, path);
}

function normaliseWells(spec: ParameterSpec, value: Json, path: string): NormalValue {
  const texts = typeof value === 'string' ? [value] : value !== null && isJsonArray(value) ? value : undefined;
  if (!texts?.every((text) => typeof text === 'string')) return wrongType(spec, value, path);
  try {
    const wells = texts.flatMap((text) => expandPositions(text, spec.positions));
    return isWithin(spec, wells.length) ? { value: wells } : outOfRange(spec, value, path);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { faults: [{ code: 'PARAMETER_RANGE', path, detail: `must be ${describeSpec(spec)}: ${error.message}` }] };
  }
}

function normaliseItems(spec: ParameterSpec, value: Json, { path, item }: { path: string; item: ParameterSpec | undefined }): NormalValue {
  if (value === null || !isJsonArray(value)) return wrongType(spec, value, path);
  if (!isWithin(spec, value.length)) return outOfRange(spec, value, path);
  if (!item) return { value };
  const items: Json[] = [];
  const faults: ValueFault[] = [];
  for (const [index, member] of value.entries()) {
    const normal = normaliseValue(item, member, `${path}[${index}]`);
    if ('faults' in normal) faults.push(...normal.faults);
    else items.push(normal.value);
    if (faults.length >= FAULTS_MAX) break;
  }
  return faults.length === 0 ? { value: items } : { faults };
}

function normaliseRecord(spec: ParameterSpec, value: Json, path: string): NormalValue {
  if (!isJsonObject(value)) return wrongType(spec, value, path);
  const fields = spec.fields ?? {};
  const members: Record<string, Json> = {};
  const faults: ValueFault[] = [];
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name))
      faults.push({
        code: 'UNKNOWN_PARAMETER',
        path: `${path}.${name}`,
        detail: `is not known; there are: ${Object.keys(fields).join(', ') || 'none'}.`,
      });
  }
  for (const [name, field] of Object.entries(fields)) {
    const member = Object.hasOwn(value, name) ? value[name] : field.default;
    if (member === undefined) {
      if (field.isOptional) continue;
      faults.push({ code: 'MISSING_PARAMETER', path: `${path}.${name}`, detail: `(${describeSpec(field)}) is required.` });
      continue;
    }
    const normal = normaliseValue(field, member, `${path}.${name}`);
    if ('faults' in normal) faults.push(...normal.faults);
    else members[name] = normal.value;
  }
  return faults.length === 0 ? { value: members } : { faults };
}

function isWithin({ min = -Infinity, max = Infinity }: ParameterSpec, size: number): boolean {
  return size >= min && size <= max;
}

function wrongType(spec: ParameterSpec, value: Json, path: string): NormalValue {
  return { faults: [{ code: 'PARAMETER_TYPE', path, detail: `must be ${withArticle(describeSpec(spec))}, not ${show(value)}.` }] };
}

function outOfRange(spec: ParameterSpec, value: Json, path: string): NormalValue {
  return { faults: [{ code: 'PARAMETER_RANGE', path, detail: `must be ${withArticle(describeSpec(spec))}, not ${show(value)}.` }] };
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
