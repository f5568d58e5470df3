// Reads the spec of one `protocolFunction(spec, body)` or `@protocolFunction(spec)` into the definition that the SDK makes
// of it at run time. Where the spec has no block of parameters, the body's signature stands in.

import ts from 'typescript';
import type { ProtocolDefinition, ProtocolKind } from '../../domain/protocols/protocol.js';
import { isManualProtocol } from '../../domain/protocols/manual.js';
import { readAsset } from './read-asset.js';
import { readFields } from './read-fields.js';
import { readParameter } from './read-parameter.js';
import { readRecovery } from './read-recovery.js';
import { readSignatureParameters } from './read-signature.js';
import { readMembers, readValue, report, type StaticReader } from './static-reader.js';

const NAME = /^[a-z][a-z0-9_.-]*$/u;
const SEMVER = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9a-z-]+(?:\.[0-9a-z-]+)*)?(?:\+[0-9a-z-]+(?:\.[0-9a-z-]+)*)?$/iu;

const KINDS: readonly ProtocolKind[] = ['child', 'inline', 'activity'];
const FIELDS = ['name', 'version', 'description', 'isTopLevel', 'kind', 'parameters', 'assets', 'recovery', 'check'];

type Members = ReadonlyMap<string, ts.Expression>;

export interface ReadDefinition {
  readonly definition: ProtocolDefinition;
  /** The spec has no block of parameters. */
  readonly isInferred: boolean;
}

/** The definition; undefined when anything in it had to be reported. */
export function readDefinition(reader: StaticReader, call: ts.CallExpression, body: ts.Node | undefined): ReadDefinition | undefined {
  const [specNode] = call.arguments;
  if (!specNode || !body) {
    report(reader, call, 'Write protocolFunction({ name, version, description, … }, async (parameters, assets, run) => { … }).');
    return undefined;
  }
  const members = readMembers(reader, specNode);
  if (!members) return undefined;
  const reportedBefore = reader.problems.length;
  reportUnknownFields(reader, members);
  const block = members.get('parameters');
  const definition: ProtocolDefinition = {
    name: readName(reader, members, call),
    version: readVersion(reader, members, call),
    description: readText(reader, members, { field: 'description', call }) ?? '',
    isTopLevel: readIsTopLevel(reader, members),
    kind: readKind(reader, members),
    parameters: block ? readFields(reader, block, readParameter) : inferParameters(reader, body),
    assets: readFields(reader, members.get('assets'), readAsset),
    ...readRecovery(reader, members.get('recovery')),
  };
  if (definition.kind === 'activity' && Object.keys(definition.assets).length > 0) {
    report(reader, members.get('assets') ?? call, `A calculation (kind 'activity') has no assets; leave them out, or write kind: 'child'.`);
  }
  if (definition.kind === 'activity' && definition.recovery) {
    report(reader, members.get('recovery') ?? call, `A calculation (kind 'activity') sends no commands; leave its recovery out.`);
  }
  return reader.problems.length === reportedBefore ? { definition, isInferred: block === undefined } : undefined;
}

function inferParameters(reader: StaticReader, body: ts.Node): ProtocolDefinition['parameters'] {
  const target = ts.isIdentifier(body) ? (reader.source.functions.get(body.text) ?? reader.source.constants.get(body.text)) : body;
  if (target && ts.isFunctionLike(target)) return readSignatureParameters(reader, target.parameters[0]);
  report(reader, body, 'Write the function here, or a block of parameters into the spec: its signature is in another file.');
  return {};
}

function reportUnknownFields(reader: StaticReader, members: Members): void {
  for (const [field, node] of members) {
    if (!FIELDS.includes(field)) report(reader, node, `'${field}' is no field of a protocol; there are: ${FIELDS.join(', ')}.`);
  }
}

function readName(reader: StaticReader, members: Members, call: ts.CallExpression): string {
  const name = readText(reader, members, { field: 'name', call }) ?? '';
  const node = members.get('name');
  if (node && name && !NAME.test(name)) {
    report(reader, node, `'${name}' is no name for a protocol; write lower-case letters, digits and _ . - as in serial_dilution.`);
  }
  if (node && isManualProtocol(name)) report(reader, node, `'${name}' is the name of commands given by hand; choose another.`);
  return name;
}

function readVersion(reader: StaticReader, members: Members, call: ts.CallExpression): string {
  const version = readText(reader, members, { field: 'version', call }) ?? '';
  const node = members.get('version');
  if (node && version && !SEMVER.test(version)) {
    report(reader, node, `'${version}' is no semantic version; write three numbers, as in 1.0.0.`);
  }
  return version;
}

function readText(reader: StaticReader, members: Members, { field, call }: { field: string; call: ts.CallExpression }): string | undefined {
  const node = members.get(field);
  if (!node) {
    report(reader, call, `The protocol has no ${field}; add ${field}: '…' to its spec.`);
    return undefined;
  }
  const value = readValue(reader, node);
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  report(reader, node, `The ${field} must be a text that is not empty.`);
  return undefined;
}

function readIsTopLevel(reader: StaticReader, members: Members): boolean {
  const node = members.get('isTopLevel');
  const value = node ? readValue(reader, node) : false;
  if (node && value !== undefined && typeof value !== 'boolean') report(reader, node, 'isTopLevel must be true or false.');
  return value === true;
}

function readKind(reader: StaticReader, members: Members): ProtocolKind {
  const node = members.get('kind');
  const value = node ? readValue(reader, node) : 'child';
  const kind = KINDS.find((known) => known === value);
  if (node && value !== undefined && !kind) report(reader, node, `kind must be one of ${KINDS.join(', ')}.`);
  return kind ?? 'child';
}
