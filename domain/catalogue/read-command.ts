// Reads a command as a person writes it, `aspirate` with `resources: 'plate_1:A1'`, into what the wire takes, held against
// the catalogue: method and arguments must be PyLabRobot's, in its own words or in those of the SDK.

import { LabError } from '../errors/error.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { findNearMatches } from '../text/near-match.js';
import { toArgumentName, toCamelCase } from './argument-names.js';
import type { Catalogue, CatalogueMethod, CatalogueParameter, CatalogueType } from './catalogue.js';
import { findPolicy, getMethodPolicy, requireArgumentsInBounds } from './method-policy.js';
import type { MethodPolicy } from './policy.js';

export interface WrittenCommand {
  readonly frontEnd: string;
  readonly backend: string;
  readonly method: string;
  readonly arguments: JsonObject;
}

export interface ReadCommand {
  /** PyLabRobot's name. */
  readonly method: string;
  /** As the wire takes them. */
  readonly arguments: JsonObject;
  /** The SDK's name of each argument, which tells its unit. */
  readonly named: JsonObject;
  readonly doc: string;
  readonly policy: MethodPolicy;
}

/** Throws UNKNOWN_METHOD and BAD_ARGUMENTS, with what may have been meant. */
export function readCommand(catalogue: Catalogue, written: WrittenCommand): ReadCommand {
  const { frontEnd } = written;
  const methods = catalogue.frontends[frontEnd]?.methods ?? {};
  const method = Object.keys(methods).find((each) => each === written.method || toCamelCase(each) === written.method);
  const found = method === undefined ? undefined : methods[method];
  if (method === undefined || found === undefined) {
    const message = `A ${frontEnd} has no command '${written.method}'.${suggest(written.method, Object.keys(methods))}`;
    throw new LabError('UNKNOWN_METHOD', { message, field: 'method', remedy: `It has: ${Object.keys(methods).join(', ')}.` });
  }
  const policy = findPolicy(frontEnd, method);
  if (policy && 'notACommand' in policy)
    throw new LabError('UNKNOWN_METHOD', { message: `${method} is no command: ${policy.notACommand}`, field: 'method' });
  const given = readArguments(
    { frontEnd, method, parameters: listParameters(catalogue, found, { ...written, method }), catalogue },
    written.arguments,
  );
  requireArgumentsInBounds(frontEnd, method, given);
  const named = Object.fromEntries(Object.entries(given).map(([name, value]) => [toArgumentName(frontEnd, method, name), value]));
  return { method, arguments: given, named, doc: found.doc, policy: getMethodPolicy(frontEnd, method, given) };
}

/** Items of the lab that arguments name. */
export function listNamedItems(value: Json): readonly string[] {
  if (isJsonArray(value)) return [...new Set(value.flatMap(listNamedItems))];
  if (!isJsonObject(value)) return [];
  const { $ref: ref, $item: item } = value;
  if (typeof ref === 'string') return [ref];
  if (item !== undefined && isJsonArray(item)) return typeof item[0] === 'string' ? [item[0]] : [];
  return [...new Set(Object.values(value).flatMap(listNamedItems))];
}

interface Reading {
  readonly frontEnd: string;
  readonly method: string;
  readonly parameters: readonly CatalogueParameter[];
  readonly catalogue: Catalogue;
}

function listParameters(
  catalogue: Catalogue,
  method: CatalogueMethod,
  { backend, method: name }: WrittenCommand,
): readonly CatalogueParameter[] {
  const own = method.takesBackendArguments ? (catalogue.backends[backend]?.methods[name]?.parameters ?? []) : [];
  return [...method.parameters, ...own];
}

function readArguments({ frontEnd, method, parameters, catalogue }: Reading, written: JsonObject): JsonObject {
  const read: Record<string, Json> = {};
  for (const [name, value] of Object.entries(written)) {
    const parameter = parameters.find((each) => each.name === name || toArgumentName(frontEnd, method, each.name) === name);
    if (!parameter) {
      const names = parameters.map((each) => each.name);
      throw new LabError('BAD_ARGUMENTS', {
        message: `${method} has no argument '${name}'.${suggest(name, names)}`,
        field: `arguments.${name}`,
        remedy: `It has: ${names.join(', ') || 'none'}.`,
      });
    }
    if (Object.hasOwn(read, parameter.name))
      throw new LabError('BAD_ARGUMENTS', { message: `${parameter.name} of ${method} is given twice.`, field: `arguments.${name}` });
    read[parameter.name] = toWire(value, parameter.type, catalogue);
  }
  const missing = parameters.find(({ name, required }) => required && !Object.hasOwn(read, name));
  if (missing) throw new LabError('BAD_ARGUMENTS', { message: `${method} needs ${missing.name}.`, field: `arguments.${missing.name}` });
  return read;
}

/** A text that names labware becomes a reference, a number in a text a number, one value a list where only lists are taken. The bridge checks the rest. */
function toWire(value: Json, type: CatalogueType, catalogue: Catalogue): Json {
  const leaves = listLeaves(type);
  const isPlace = leaves.some((leaf) => catalogue.resources.includes(leaf));
  const isNumber = leaves.some((leaf) => leaf === 'float' || leaf === 'int');
  const toOne = (one: Json): Json => {
    if (typeof one !== 'string') return one;
    if (isPlace && !leaves.includes('str')) return toReference(one);
    return isNumber && /^-?\d+(?:\.\d+)?$/u.test(one) ? Number(one) : one;
  };
  if (isJsonArray(value)) return value.map(toOne);
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const parts = typeof value === 'string' && (isPlace || isNumber) ? value.split(',').map((part) => toOne(part.trim())) : [toOne(value)];
  return parts.length > 1 || takesOnlyLists(type) ? parts : (parts[0] ?? null);
}

/** `plate_1` the item, `plate_1:A1` a position of it, `plate_carrier:0` a site. */
function toReference(text: string): Json {
  const [name = '', place] = text.split(':');
  if (place === undefined) return { $ref: name };
  return /^\d+$/u.test(place) ? { $site: [name, Number(place)] } : { $item: [name, place] };
}

function takesOnlyLists(type: CatalogueType): boolean {
  if (typeof type === 'string') return false;
  if ('list' in type) return true;
  return 'union' in type && type.union.every((member) => member === 'none' || takesOnlyLists(member));
}

function listLeaves(type: CatalogueType): readonly string[] {
  if (typeof type === 'string') return [type];
  if ('list' in type) return listLeaves(type.list);
  if ('union' in type) return type.union.flatMap(listLeaves);
  if ('tuple' in type) return type.tuple.flatMap(listLeaves);
  return 'dict' in type ? type.dict.flatMap(listLeaves) : [];
}

function suggest(given: string, known: readonly string[]): string {
  const near = findNearMatches(given, known);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}
