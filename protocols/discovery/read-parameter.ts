// Reads one parameter of a protocol, `param.integer({ min: 1, max: 11, default: 8 })`, into its spec,
// and holds the spec to itself: limits in order, a default that the parameter would accept.

import type ts from 'typescript';
import { checkParameters, type ParameterSpec, type ParameterType, PARAMETER_TYPES } from '../../domain/parameter.js';
import { type OptionTypes, readBuilderCall, readOptions } from './read-options.js';
import { report, type StaticReader } from './static-reader.js';

const RANGED: OptionTypes = { description: 'text', min: 'number', max: 'number', unit: 'text', default: 'number' };

const OPTIONS: Readonly<Record<ParameterType, OptionTypes>> = {
  integer: RANGED,
  number: RANGED,
  text: { description: 'text', min: 'number', max: 'number', pattern: 'text', default: 'text' },
  boolean: { description: 'text', default: 'boolean' },
  choice: { description: 'text', choices: 'texts', default: 'text' },
};

/** The spec as `param.<type>(…)` returns it at run time, or undefined after a report. */
export function readParameter(reader: StaticReader, name: string, node: ts.Expression): ParameterSpec | undefined {
  const found = readBuilderCall(reader, node, { families: ['param'], example: 'param.integer({ … }) or another of param' });
  if (!found) return undefined;
  const type = PARAMETER_TYPES.find((known) => known === found.builder);
  if (type === undefined) {
    report(reader, found.call, `There is no param.${found.builder}(); there are: ${PARAMETER_TYPES.join(', ')}.`);
    return undefined;
  }
  const options = readOptions(reader, found, OPTIONS[type]);
  if (!options) return undefined;
  const spec: ParameterSpec = { type, ...Object.fromEntries(options) };
  const fault = findSpecFault(name, spec);
  if (fault === undefined) return spec;
  report(reader, found.call, fault);
  return undefined;
}

/** Says what is wrong with a spec in itself; undefined for a sound one. */
function findSpecFault(name: string, spec: ParameterSpec): string | undefined {
  const { min, max, pattern } = spec;
  if (min !== undefined && max !== undefined && min > max) return `'${name}' has min ${min} above max ${max}.`;
  const limits = [min, max].filter((limit) => limit !== undefined);
  if (spec.type === 'integer' && !limits.every(Number.isSafeInteger)) {
    return `'${name}' is an integer, so min and max must be integers too.`;
  }
  if (spec.type === 'text' && !limits.every((limit) => Number.isSafeInteger(limit) && limit >= 0)) {
    return `'${name}' is a text, so min and max are lengths: integers from 0.`;
  }
  if (spec.type === 'choice' && !areChoices(spec.choices)) return `'${name}' needs choices: a list of one or more different texts.`;
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
