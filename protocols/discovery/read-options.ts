// Reads the options of an SDK builder call, `param.number({ min: 1 })`, against the table of what it takes.

import ts from 'typescript';
import { readDuration } from '../../domain/json/duration.js';
import { isJsonArray, isJsonObject, type Json } from '../../domain/json/json.js';
import { findSdkPath, readMembers, readValue, report, resolve, type StaticReader } from './static-reader.js';

/** `duration` reads `{ minutes: 5 }` into milliseconds; `builder` holds other builders and is left to the caller. */
export type OptionType = 'text' | 'number' | 'boolean' | 'texts' | 'duration' | 'wells' | 'list' | 'object' | 'builder';
export type OptionTypes = Readonly<Record<string, OptionType>>;

export interface BuilderCall {
  readonly call: ts.CallExpression;
  /** `param` and `integer` of `param.integer(…)`. */
  readonly family: string;
  readonly builder: string;
  /** Which argument holds the options, from 0; the first where left out. */
  readonly optionsAt?: number;
}

export interface Options {
  readonly values: ReadonlyMap<string, Json>;
  readonly builders: ReadonlyMap<string, ts.Expression>;
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
  readonly type: Exclude<OptionType, 'builder'>;
}

const IN_WORDS: Readonly<Record<OptionSource['type'], string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  texts: 'a list of texts',
  duration: 'a length of time, as in { minutes: 5 }',
  wells: 'wells, as in A1:A4 or a list of names',
  list: 'a list',
  object: 'an object',
};

/** Finds `<family>.<builder>(…)` behind an expression; reports anything else with an example. */
export function readBuilderCall(reader: StaticReader, node: ts.Expression, { families, example }: Wanted): BuilderCall | undefined {
  const target = resolve(reader, node);
  if (!target) return undefined;
  if (ts.isCallExpression(target)) {
    const [family, builder, ...rest] = findSdkPath(reader.set.getOf(target), target.expression) ?? [];
    const isWanted = family !== undefined && families.includes(family) && rest.length === 0;
    if (isWanted && builder !== undefined) return { call: target, builder, family };
  }
  report(reader, target, `Write ${example} here, with the builders imported from 'praxis/sdk'.`);
  return undefined;
}

/** The options by name, or undefined after a report. A call without argument has none. */
export function readOptions(reader: StaticReader, { call, builder, optionsAt = 0 }: BuilderCall, types: OptionTypes): Options | undefined {
  const argument = call.arguments[optionsAt];
  const members = argument ? readMembers(reader, argument) : new Map<string, ts.Expression>();
  if (!members) return undefined;
  const values = new Map<string, Json>();
  const builders = new Map<string, ts.Expression>();
  for (const [name, node] of members) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === 'builder') {
      builders.set(name, node);
      continue;
    }
    if (type === undefined) {
      report(reader, node, `'${name}' is no option of ${builder}(); it takes: ${Object.keys(types).join(', ')}.`);
      continue;
    }
    const value = readOption(reader, { name, node, builder, type });
    if (value !== undefined) values.set(name, value);
  }
  return values.size + builders.size === members.size ? { values, builders } : undefined;
}

function readOption(reader: StaticReader, { name, node, builder, type }: OptionSource): Json | undefined {
  const value = readValue(reader, node);
  if (value === undefined) return undefined;
  const converted = convert(value, type);
  if (converted === undefined) report(reader, node, `'${name}' of ${builder}() must be ${IN_WORDS[type]}.`);
  return converted;
}

function convert(value: Json, type: OptionSource['type']): Json | undefined {
  if (type === 'duration') return isJsonObject(value) ? readDuration(value) : undefined;
  return hasType(value, type) ? value : undefined;
}

function hasType(value: Json, type: Exclude<OptionSource['type'], 'duration'>): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'texts':
      return value !== null && isJsonArray(value) && value.every((item) => typeof item === 'string');
    case 'wells':
      return hasType(value, 'text') || hasType(value, 'texts');
    case 'list':
      return value !== null && isJsonArray(value);
    case 'object':
      return isJsonObject(value);
  }
}
