// Reads the options of an SDK builder call, `param.number({ min: 1 })`, against the table of what it takes.

import ts from 'typescript';
import { isJsonArray, type Json } from '../../domain/json.js';
import { findSdkPath, readMembers, readValue, report, resolve, type StaticReader } from './static-reader.js';

export type OptionType = 'text' | 'number' | 'boolean' | 'texts';
export type OptionTypes = Readonly<Record<string, OptionType>>;

export interface BuilderCall {
  readonly call: ts.CallExpression;
  /** `param` and `integer` of `param.integer(…)`. */
  readonly family: string;
  readonly builder: string;
}

interface Wanted {
  readonly families: readonly string[];
  /** How to write it, for the message. */
  readonly example: string;
}

interface OptionSource {
  readonly name: string;
  readonly node: ts.Expression;
  readonly builder: string;
  readonly types: OptionTypes;
}

const IN_WORDS: Readonly<Record<OptionType, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  texts: 'a list of texts',
};

/** Finds `<family>.<builder>(…)` behind an expression; reports anything else with an example. */
export function readBuilderCall(reader: StaticReader, node: ts.Expression, { families, example }: Wanted): BuilderCall | undefined {
  const target = resolve(reader, node);
  if (!target) return undefined;
  if (ts.isCallExpression(target)) {
    const [family, builder, ...rest] = findSdkPath(reader.source, target.expression) ?? [];
    const isWanted = family !== undefined && families.includes(family) && rest.length === 0;
    if (isWanted && builder !== undefined) return { call: target, builder, family };
  }
  report(reader, target, `Write ${example} here, with the builders imported from 'praxis/sdk'.`);
  return undefined;
}

/** The options by name, or undefined after a report. A call without argument has none. */
export function readOptions(
  reader: StaticReader,
  { call, builder }: BuilderCall,
  types: OptionTypes,
): ReadonlyMap<string, Json> | undefined {
  const [argument] = call.arguments;
  const members = argument ? readMembers(reader, argument) : new Map<string, ts.Expression>();
  if (!members) return undefined;
  const options = new Map<string, Json>();
  for (const [name, node] of members) {
    const value = readOption(reader, { name, node, builder, types });
    if (value !== undefined) options.set(name, value);
  }
  return options.size === members.size ? options : undefined;
}

function readOption(reader: StaticReader, { name, node, builder, types }: OptionSource): Json | undefined {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) {
    report(reader, node, `'${name}' is no option of ${builder}(); it takes: ${Object.keys(types).join(', ')}.`);
    return undefined;
  }
  const value = readValue(reader, node);
  if (value === undefined || hasType(value, type)) return value;
  report(reader, node, `'${name}' of ${builder}() must be ${IN_WORDS[type]}.`);
  return undefined;
}

function hasType(value: Json, type: OptionType): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'texts':
      return value !== null && isJsonArray(value) && value.every((item) => typeof item === 'string');
  }
}
