// What a protocol definition may demand of a parameter, as data, and how it is said in words.

import { PARAMETER_TYPES, type ParameterType } from '../../contract/words/protocols.js';
import { describeDuration } from '../json/duration.js';
import type { Json } from '../json/json.js';

export { PARAMETER_TYPES, type ParameterType };

export type ParameterSpecMap = Readonly<Record<string, ParameterSpec>>;

export interface ParameterSpec {
  readonly type: ParameterType;
  readonly description?: string;
  readonly unit?: string;
  /** Without a default the parameter is required, unless it is optional. */
  readonly default?: Json;
  /** May be left out without having a default, as `volumeUl?: number` says in a signature. */
  readonly isOptional?: true;
  /** Lowest and highest value; for text the lengths, for durations milliseconds, for wells, lists and tables how many. */
  readonly min?: number;
  readonly max?: number;
  /** Regular expression that the whole text must match. */
  readonly pattern?: string;
  readonly choices?: readonly string[];
  /** Wells only: number of wells of the plate, so that one outside it is refused. */
  readonly positions?: number;
  /** Lists only: what each item must be. */
  readonly of?: ParameterSpec;
  /** Columns of a table only: the titles that files have for it, beside its name. */
  readonly titles?: readonly string[];
  /** Records only: the members. Tables: the columns. */
  readonly fields?: ParameterSpecMap;
}

/** `integer from 1 to 11`, `number from 1 to 300 µL`, `one of A, B`, `list of 1 to 4 items, each a number`. */
export function describeSpec(spec: ParameterSpec): string {
  switch (spec.type) {
    case 'choice':
      return `one of ${(spec.choices ?? []).join(', ')}`;
    case 'duration':
      return `duration${describeLimits(spec, describeDuration)}, as in ${describeDuration(spec.min ?? 90_000)}`;
    case 'wells':
      return `wells${describeCount(spec, 'well')}, as in A1:A4 or A1,B2`;
    case 'list':
      return `list${describeCount(spec, 'item')}, each ${spec.of ? withArticle(describeSpec(spec.of)) : 'a value'}`;
    case 'record':
      return `record of ${describeFields(spec)}`;
    case 'table':
      return `table${describeCount(spec, 'row')} with the columns ${describeFields(spec)}`;
    case 'text':
      return `text${describeLimits(spec, String)}${spec.min === undefined && spec.max === undefined ? '' : ' characters'}`;
    case 'boolean':
    case 'integer':
    case 'number':
      return `${spec.type}${describeLimits(spec, String)}${spec.unit ? ` ${spec.unit}` : ''}`;
  }
}

export function withArticle(wanted: string): string {
  if (/^(?:one of|text|wells)/u.test(wanted)) return wanted;
  return /^[aeiou]/u.test(wanted) ? `an ${wanted}` : `a ${wanted}`;
}

function describeLimits({ min, max }: ParameterSpec, show: (limit: number) => string): string {
  if (min !== undefined && max !== undefined) return ` from ${show(min)} to ${show(max)}`;
  if (min !== undefined) return ` of at least ${show(min)}`;
  return max === undefined ? '' : ` of at most ${show(max)}`;
}

function describeCount({ min, max }: ParameterSpec, noun: string): string {
  if (min === undefined && max === undefined) return '';
  const limit =
    min === max
      ? `${min ?? ''}`
      : min !== undefined && max !== undefined
        ? `${min} to ${max}`
        : min !== undefined
          ? `at least ${min}`
          : `at most ${max ?? ''}`;
  return ` of ${limit} ${noun}${(max ?? min) === 1 ? '' : 's'}`;
}

function describeFields({ fields = {} }: ParameterSpec): string {
  return Object.entries(fields)
    .map(([name, field]) => `${name} (${describeTitles(field)}${describeSpec(field)})`)
    .join(', ');
}

/** `"Volume (in ul)", `: what a file may call the column. */
function describeTitles({ titles = [] }: ParameterSpec): string {
  return titles.map((title) => `${JSON.stringify(title)}, `).join('');
}
