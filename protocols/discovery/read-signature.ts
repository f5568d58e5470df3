// Reads parameters from the TypeScript signature of a function: names, types, defaults and what may be left out, from a
// destructured first parameter, its type literal, or both.

import ts from 'typescript';
import type { ParameterSpec, ParameterSpecMap } from '../../domain/protocols/parameter.js';
import { requireFieldName } from './read-fields.js';
import { findSpecFault } from './read-parameter.js';
import { readValue, report, type StaticReader } from './static-reader.js';

/** One member of the first parameter, as far as the signature tells. */
interface Member {
  readonly name: string;
  readonly node: ts.Node;
  readonly type: ts.TypeNode | undefined;
  readonly initializer: ts.Expression | undefined;
  readonly isOptional: boolean;
  readonly description: string | undefined;
}

const TYPES_OF_KEYWORDS = new Map<ts.SyntaxKind, 'number' | 'text' | 'boolean'>([
  [ts.SyntaxKind.NumberKeyword, 'number'],
  [ts.SyntaxKind.StringKeyword, 'text'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
]);
const TYPES_OF_VALUES = new Map<string, 'number' | 'text' | 'boolean'>([
  ['number', 'number'],
  ['string', 'text'],
  ['boolean', 'boolean'],
]);
const WHAT_IS_READ = `number, string, boolean, a union of texts, or a list of these`;

/** Specs of the members of a function's first parameter; reports each member that cannot be read. */
export function readSignatureParameters(reader: StaticReader, parameter: ts.ParameterDeclaration | undefined): ParameterSpecMap {
  const specs: Record<string, ParameterSpec> = {};
  for (const member of (parameter && listMembers(reader, parameter)) ?? []) {
    requireFieldName(reader, member.name, member.node);
    const spec = readMember(reader, member);
    if (spec) specs[member.name] = spec;
  }
  return specs;
}

/** Members of a type literal, or of an interface or alias of this file; undefined for any other type. */
export function findTypeMembers(reader: StaticReader, type: ts.TypeNode | undefined): readonly ts.PropertySignature[] | undefined {
  const target = type && resolveType(reader, type);
  if (!target || !('members' in target)) return undefined;
  return target.members.every(ts.isPropertySignature) ? target.members : undefined;
}

/** Text of the comment in front of a declaration, in one line; undefined where there is none. */
export function readDocumentation(node: ts.Node): string | undefined {
  const [block] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(block?.comment)?.replace(/\s+/gu, ' ').trim();
  return text === '' ? undefined : text;
}

function listMembers(reader: StaticReader, parameter: ts.ParameterDeclaration): readonly Member[] | undefined {
  const typed = findTypeMembers(reader, parameter.type);
  const bound = ts.isObjectBindingPattern(parameter.name) ? parameter.name.elements : [];
  if (parameter.type && !typed) {
    report(
      reader,
      parameter,
      'Give the first parameter a type literal, { volumeUl: number }, or write a block of parameters into the spec.',
    );
    return undefined;
  }
  const initializers = new Map(bound.map((element) => [toName(element.propertyName ?? element.name), element] as const));
  if (!typed) return bound.filter((element) => !element.dotDotDotToken).map((element) => toBoundMember(element));
  return typed.map((property) => ({
    name: toName(property.name),
    node: property,
    type: property.type,
    initializer: initializers.get(toName(property.name))?.initializer,
    isOptional: property.questionToken !== undefined,
    description: readDocumentation(property),
  }));
}

function toBoundMember(element: ts.BindingElement): Member {
  const { initializer } = element;
  return {
    name: toName(element.propertyName ?? element.name),
    node: element,
    type: undefined,
    initializer,
    isOptional: false,
    description: undefined,
  };
}

function readMember(reader: StaticReader, member: Member): ParameterSpec | undefined {
  const { name, node, type, initializer, description } = member;
  const standard = initializer && readValue(reader, initializer);
  if (initializer && standard === undefined) return undefined;
  const read = type ? readType(reader, type) : toTypeOf(standard);
  if (!read) {
    report(reader, node, `The type of '${name}' cannot be read; write ${WHAT_IS_READ}, or a block of parameters into the spec.`);
    return undefined;
  }
  const isOptional = standard === undefined && (member.isOptional || read.isOptional);
  const spec: ParameterSpec = {
    ...read.spec,
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
    ...(isOptional ? { isOptional: true } : {}),
  };
  const fault = findSpecFault(name, spec);
  if (fault === undefined) return spec;
  report(reader, node, fault);
  return undefined;
}

type ReadType = { readonly spec: ParameterSpec; readonly isOptional: boolean };

function readType(reader: StaticReader, node: ts.TypeNode): ReadType | undefined {
  const target = resolveType(reader, node);
  if (!target) return undefined;
  if (ts.isUnionTypeNode(target)) return readUnion(reader, target);
  const item = findItemType(target);
  if (item) {
    const of = readType(reader, item);
    return of && { spec: { type: 'list', of: of.spec }, isOptional: false };
  }
  const type = TYPES_OF_KEYWORDS.get(target.kind);
  return type ? { spec: { type }, isOptional: false } : readTexts([target]);
}

/** `'a' | 'b'` is a choice; `| undefined` makes it optional. */
function readUnion(reader: StaticReader, union: ts.UnionTypeNode): ReadType | undefined {
  const members = union.types.filter((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword);
  const [only] = members;
  const read = members.length === 1 && only ? readType(reader, only) : readTexts(members);
  return read && { spec: read.spec, isOptional: read.isOptional || members.length < union.types.length };
}

function readTexts(members: readonly ts.Node[]): ReadType | undefined {
  const choices = members.map((member) =>
    ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal) ? member.literal.text : undefined,
  );
  return choices.every((choice) => choice !== undefined) ? { spec: { type: 'choice', choices }, isOptional: false } : undefined;
}

function findItemType(node: ts.Node): ts.TypeNode | undefined {
  if (ts.isArrayTypeNode(node)) return node.elementType;
  const isList = ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) && /^(?:Readonly)?Array$/u.test(node.typeName.text);
  return isList ? node.typeArguments?.[0] : undefined;
}

/** Follows `readonly`, parentheses, Readonly<…> and names of types of this file; undefined where names go in a circle. */
function resolveType(reader: StaticReader, node: ts.TypeNode, depth = 0): ts.TypeNode | ts.InterfaceDeclaration | undefined {
  if (depth > 20) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return resolveType(reader, node.type, depth + 1);
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return resolveType(reader, node.type, depth + 1);
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return node;
  const [argument] = node.typeArguments ?? [];
  if (node.typeName.text === 'Readonly' && argument) return resolveType(reader, argument, depth + 1);
  const declaration = reader.source.types.get(node.typeName.text);
  if (!declaration) return node;
  return ts.isInterfaceDeclaration(declaration) ? declaration : resolveType(reader, declaration.type, depth + 1);
}

/** What a default tells of the type where nothing else does. */
function toTypeOf(value: unknown): ReadType | undefined {
  const type = TYPES_OF_VALUES.get(typeof value);
  return type && { spec: { type }, isOptional: false };
}

function toName(node: ts.PropertyName | ts.BindingName): string {
  return ts.isIdentifier(node) || ts.isStringLiteral(node) ? node.text : node.getText();
}
