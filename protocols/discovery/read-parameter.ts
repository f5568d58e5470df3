// Reads one parameter of a protocol, `param.integer({ min: 1, max: 11, default: 8 })`, into its spec,
// and holds the spec to itself: limits in order, a default that the parameter would accept.

import type ts from 'typescript';
import {
  checkParameters,
  type ParameterSpec,
  type ParameterSpecMap,
  type ParameterType,
  PARAMETER_TYPES,
} from '../../domain/protocols/parameter.js';
import { findSharedTitle } from '../../domain/protocols/read-table-header.js';
import { readFields } from './read-fields.js';
import { type OptionTypes, readBuilderCall, readOptions } from './read-options.js';
import { report, type StaticReader } from './static-reader.js';

const TITLES: OptionTypes = { titles: 'texts' };
const RANGED: OptionTypes = { description: 'text', min: 'number', max: 'number', unit: 'text', default: 'number', ...TITLES };
const COUNTED: OptionTypes = { description: 'text', min: 'number', max: 'number' };

const OPTIONS: Readonly<Record<ParameterType, OptionTypes>> = {
  integer: RANGED,
  number: RANGED,
  text: { ...COUNTED, pattern: 'text', default: 'text', ...TITLES },
  boolean: { description: 'text', default: 'boolean', ...TITLES },
  choice: { description: 'text', choices: 'texts', default: 'text', ...TITLES },
  duration: { description: 'text', min: 'duration', max: 'duration', default: 'duration', ...TITLES },
  wells: { ...COUNTED, wells: 'number', default: 'wells', ...TITLES },
  list: { ...COUNTED, of: 'builder', default: 'list', ...TITLES },
  record: { description: 'text', fields: 'builder', default: 'object', ...TITLES },
  table: { ...COUNTED, columns: 'builder', default: 'list', ...TITLES },
};

/** The spec as `param.<type>(…)` returns it at run time, or undefined after a report. */
export function readParameter(reader: StaticReader, name: string, node: ts.Expression): ParameterSpec | undefined {
  const spec = readColumn(reader, name, node);
  if (spec?.titles === undefined) return spec;
  report(reader, node, `'${name}' is no column of a table, and only these have titles.`);
  return undefined;
}

function readColumn(reader: StaticReader, name: string, node: ts.Expression): ParameterSpec | undefined {
  const found = readBuilderCall(reader, node, { families: ['param'], example: 'param.integer({ … }) or another of param' });
  if (!found) return undefined;
  const type = PARAMETER_TYPES.find((known) => known === found.builder);
  if (type === undefined) {
    report(reader, found.call, `There is no param.${found.builder}(); there are: ${PARAMETER_TYPES.join(', ')}.`);
    return undefined;
  }
  const reportedBefore = reader.problems.length;
  const options = readOptions(reader, found, OPTIONS[type]);
  if (!options) return undefined;
  const { wells: positions, ...plain } = Object.fromEntries(options.values);
  const spec = {
    type,
    ...plain,
    ...(positions === undefined ? {} : { positions }),
    ...readInner(reader, name, options.builders),
  } as ParameterSpec;
  if (reader.problems.length > reportedBefore) return undefined;
  const fault = findSpecFault(name, spec);
  if (fault === undefined) return spec;
  report(reader, found.call, fault);
  return undefined;
}

/** Specs within a spec: the items of a list, the fields of a record, the columns of a table. */
function readInner(
  reader: StaticReader,
  name: string,
  builders: ReadonlyMap<string, ts.Expression>,
): { of?: ParameterSpec; fields?: ParameterSpecMap } {
  const of = builders.get('of');
  const item = of && readParameter(reader, `${name}[]`, of);
  const fields = builders.get('fields');
  const columns = builders.get('columns');
  return {
    ...(item ? { of: item } : {}),
    ...(fields ? { fields: readFields(reader, fields, readParameter) } : {}),
    ...(columns ? { fields: readFields(reader, columns, readColumn) } : {}),
  };
}

/** Says what is wrong with a spec in itself; undefined for a sound one. */
export function findSpecFault(name: string, spec: ParameterSpec): string | undefined {
  const { min, max, pattern, positions } = spec;
  if (min !== undefined && max !== undefined && min > max) return `'${name}' has min ${min} above max ${max}.`;
  const limits = [min, max].filter((limit) => limit !== undefined);
  if (spec.type === 'integer' && !limits.every(Number.isSafeInteger)) {
    return `'${name}' is an integer, so min and max must be integers too.`;
  }
  if (!limits.every((limit) => spec.type === 'number' || spec.type === 'integer' || (Number.isSafeInteger(limit) && limit >= 0))) {
    return `'${name}' is a ${spec.type}, so min and max are ${spec.type === 'text' ? 'lengths' : 'counts'}: integers from 0.`;
  }
  if (spec.type === 'choice' && !areChoices(spec.choices)) return `'${name}' needs choices: a list of one or more different texts.`;
  if (spec.type === 'list' && !spec.of) return `'${name}' needs of: what each item is, as in of: param.number().`;
  if ((spec.type === 'record' || spec.type === 'table') && Object.keys(spec.fields ?? {}).length === 0) {
    return `'${name}' needs ${spec.type === 'record' ? 'fields' : 'columns'}: { name: param.text(), … }.`;
  }
  const shared = spec.type === 'table' ? findSharedTitle(spec.fields ?? {}) : undefined;
  if (shared !== undefined) return `'${name}' has the title '${shared}', which names two columns, or none.`;
  if (positions !== undefined && !(Number.isSafeInteger(positions) && positions > 0))
    return `'${name}' must have a whole number of wells from 1.`;
  if (pattern !== undefined && !isPattern(pattern)) return `'${name}' has a pattern that is no regular expression: ${pattern}.`;
  if (spec.default === undefined) return undefined;
  const problem = checkParameters({ [name]: spec }, {}).problems[0];
  return problem && `The default of ${problem.detail}`;
}

function areChoices(choices: readonly string[] | undefined): boolean {
  return choices !== undefined && choices.length > 0 && new Set(choices).size === choices.length;
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(`^(?:${pattern})$`, 'u');
    return true;
  } catch {
    // The constructor is the only test there is; its refusal is the answer.
    return false;
  }
}
