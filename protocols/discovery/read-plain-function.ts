// Reads an exported async function that is no protocol function by declaration: one of the same shape,
// `(parameters, assets, run)`, becomes a protocol that people may start. Any other function is left alone.

import ts from 'typescript';
import { FRONT_ENDS } from '../../domain/catalogue/front-ends.js';
import type { AssetSpec, ProtocolDefinition } from '../../domain/protocols/protocol.js';
import { findLabwareCategory } from './read-asset.js';
import { findTypeMembers, readDocumentation, readSignatureParameters } from './read-signature.js';
import type { StaticReader } from './static-reader.js';

/** Said of a function whose comment has no `@version`. */
const UNVERSIONED = '0.0.0';
/** In files of this name a function needs neither assets nor a run to be taken for a protocol. */
const PROTOCOL_FILE = /\.protocol\.ts$/u;

export type AsyncFunction = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** The definition, or undefined for a function that is no protocol or had something to report. */
export function readPlainFunction(reader: StaticReader, exportName: string, node: AsyncFunction): ProtocolDefinition | undefined {
  const [first, second, third] = node.parameters;
  const assets = readAssets(reader, second);
  const isRunTaken = third === undefined || isSdkType(reader, third.type, (name) => name === 'Run');
  if (!assets || !isRunTaken || node.parameters.length > 3 || !takesParameters(reader, first)) return undefined;
  if (second === undefined && !PROTOCOL_FILE.test(reader.source.path)) return undefined;
  const reportedBefore = reader.problems.length;
  const documented = ts.isFunctionDeclaration(node) ? node : node.parent.parent.parent;
  const version = ts.getJSDocTags(documented).find((tag) => tag.tagName.text === 'version')?.comment;
  const definition: ProtocolDefinition = {
    name: toSnakeCase(exportName),
    version: ts.getTextOfJSDocComment(version)?.trim() ?? UNVERSIONED,
    description: readDocumentation(documented) ?? `The function ${exportName} of ${reader.source.path}.`,
    isTopLevel: true,
    kind: 'child',
    parameters: readSignatureParameters(reader, first),
    assets,
  };
  return reader.problems.length === reportedBefore ? definition : undefined;
}

/** A first parameter that is taken apart or has members, none of them a machine, labware or the run. */
function takesParameters(reader: StaticReader, parameter: ts.ParameterDeclaration | undefined): boolean {
  if (!parameter || (ts.isIdentifier(parameter.name) && !parameter.type && parameter.name.text.startsWith('_'))) return true;
  const members = findTypeMembers(reader, parameter.type);
  if (parameter.type && !members) return false;
  const isHandle = (type: ts.TypeNode | undefined): boolean => isSdkType(reader, type, () => true);
  return members ? !members.some(({ type }) => isHandle(type)) : ts.isObjectBindingPattern(parameter.name);
}

/** `{ lh: LiquidHandler; plate: Plate }` by member; undefined for a parameter that is something else. */
function readAssets(reader: StaticReader, parameter: ts.ParameterDeclaration | undefined): Readonly<Record<string, AssetSpec>> | undefined {
  if (!parameter) return {};
  const assets: Record<string, AssetSpec> = {};
  for (const { name, type } of findTypeMembers(reader, parameter.type) ?? []) {
    const spec = toAsset(findSdkTypeName(reader, type));
    if (!spec || !ts.isIdentifier(name)) return undefined;
    assets[name.text] = spec;
  }
  return Object.keys(assets).length === 0 ? undefined : assets;
}

function toAsset(name: string | undefined): AssetSpec | undefined {
  if (name === undefined) return undefined;
  const category = findLabwareCategory(name);
  if (category) return { kind: 'labware', type: category };
  const found = Object.entries(FRONT_ENDS).find(([builder, frontEnd]) => frontEnd === name || builder.toLowerCase() === name.toLowerCase());
  return found && { kind: 'machine', type: found[1] };
}

function isSdkType(reader: StaticReader, type: ts.TypeNode | undefined, isWanted: (name: string) => boolean): boolean {
  const name = findSdkTypeName(reader, type);
  return name !== undefined && isWanted(name);
}

/** The SDK's name of a type that is imported from it. */
function findSdkTypeName({ source }: StaticReader, type: ts.TypeNode | undefined): string | undefined {
  if (!type || !ts.isTypeReferenceNode(type)) return undefined;
  const { typeName } = type;
  if (ts.isIdentifier(typeName)) return source.sdkNames.get(typeName.text);
  return ts.isIdentifier(typeName.left) && source.sdkNames.get(typeName.left.text) === '*' ? typeName.right.text : undefined;
}

/** `helloWorld96` → `hello_world96`. */
function toSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/gu, '$1_$2')
    .toLowerCase();
}
