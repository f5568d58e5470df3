// Reads values that can be known without running the file: literals, constants of the files of the source, and arithmetic of
// them. Everything else is reported with its place and with how to write it, and reads as undefined.

import ts from 'typescript';
import type { Json } from '../../domain/json/json.js';
import { getPlace, type ParsedSource, type SourceProblem } from './parse-source.js';
import { calculate, isCalculation, type Read } from './calculate.js';
import { findExportedConstant, findImported, type SourceSet } from './source-set.js';

/** One file under reading: what was found in it, and how far references have been followed. */
export interface StaticReader {
  readonly source: ParsedSource;
  /** Among which its imports are looked for. */
  readonly set: SourceSet;
  readonly problems: SourceProblem[];
  depth: number;
  references: number;
}

/** Constants that refer to constants; deeper than this it is a circle. */
const REFERENCE_DEPTH_MAX = 20;
/** References followed in one file; constants that multiply each other would otherwise take for ever. */
const REFERENCES_MAX = 20_000;
const READABLE = 'write a literal value, a const with one, or arithmetic of these';

export function createStaticReader(source: ParsedSource, set: SourceSet): StaticReader {
  return { source, set, problems: [], depth: 0, references: 0 };
}

export function report(reader: StaticReader, node: ts.Node, message: string): void {
  reader.problems.push({ ...getPlace(node), message });
}

/** The value, or undefined after a report. */
export function readValue(reader: StaticReader, node: ts.Expression): Json | undefined {
  const target = resolve(reader, node);
  if (!target) return undefined;
  if (ts.isStringLiteralLike(target)) return target.text;
  if (ts.isArrayLiteralExpression(target)) return readItems(reader, target);
  if (ts.isObjectLiteralExpression(target)) return readObject(reader, target);
  const value = readScalar(target);
  if (value !== undefined) return value;
  if (isCalculation(target)) return readCalculation(reader, target);
  report(reader, target, `'${getText(target)}' cannot be read without running the file; ${READABLE}.`);
  return undefined;
}

/** Operands are read like any value, so each reports what is wrong with itself. */
function readCalculation(reader: StaticReader, node: ts.Expression): Json | undefined {
  const reportedBefore = reader.problems.length;
  const read: Read = (operand) => descend(reader, operand, () => readValue(reader, operand));
  const value = calculate(node, read);
  if (value === undefined && reader.problems.length === reportedBefore)
    report(reader, node, `'${getText(node)}' does not come to a number or a text; ${READABLE}.`);
  return value;
}

/** Members of an object literal by name, spreads expanded, or undefined after a report. */
export function readMembers(reader: StaticReader, node: ts.Expression): ReadonlyMap<string, ts.Expression> | undefined {
  const target = resolve(reader, node);
  if (!target) return undefined;
  if (!ts.isObjectLiteralExpression(target)) {
    report(reader, target, `Write an object literal { … } here, not '${getText(target)}'.`);
    return undefined;
  }
  const members = new Map<string, ts.Expression>();
  for (const property of target.properties) if (!readMember(reader, property, members)) return undefined;
  return members;
}

/** Follows parentheses, type annotations and names of constants to the expression behind; undefined after a report. */
export function resolve(reader: StaticReader, node: ts.Expression): ts.Expression | undefined {
  const bare = unwrap(node);
  if (ts.isIdentifier(bare)) return resolveName(reader, bare);
  if (!ts.isPropertyAccessExpression(bare) || findSdkPath(reader.set.getOf(bare), bare)) return bare;
  const reportedBefore = reader.problems.length;
  const member = findNamespaceMember(reader, bare) ?? readMembers(reader, bare.expression)?.get(bare.name.text);
  if (member) return descend(reader, bare, () => resolve(reader, member));
  if (reader.problems.length === reportedBefore)
    report(reader, bare, `'${getText(bare)}' cannot be read without running the file; write the literal value here.`);
  return undefined;
}

/** `limits.MAX_UL` behind `import * as limits from './limits.js'`. */
function findNamespaceMember({ set }: StaticReader, { expression, name }: ts.PropertyAccessExpression): ts.Expression | undefined {
  const source = set.getOf(expression);
  const imported = ts.isIdentifier(expression) ? source.imports.get(expression.text) : undefined;
  const from = imported?.name === '*' ? findImported(set, source, imported.module) : undefined;
  return from && findExportedConstant(set, from, name.text);
}

/** `param.integer` → `['param', 'integer']` where `param` is the SDK's; undefined for anything else. */
export function findSdkPath(source: ParsedSource, node: ts.Expression): readonly string[] | undefined {
  if (ts.isIdentifier(node)) {
    const name = source.sdkNames.get(node.text);
    return name === undefined ? undefined : name === '*' ? [] : [name];
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const path = findSdkPath(source, node.expression);
  return path && [...path, node.name.text];
}

function resolveName(reader: StaticReader, name: ts.Identifier): ts.Expression | undefined {
  const source = reader.set.getOf(name);
  const imported = source.imports.get(name.text);
  const from = imported && findImported(reader.set, source, imported.module);
  const constant = source.constants.get(name.text) ?? (from && imported && findExportedConstant(reader.set, from, imported.name));
  if (constant) return descend(reader, name, () => resolve(reader, constant));
  report(reader, name, describeUnknownName(source, name.text, from));
  return undefined;
}

function describeUnknownName(source: ParsedSource, name: string, from: ParsedSource | undefined): string {
  const imported = source.imports.get(name);
  if (from && imported)
    return `'${name}' is imported from ${from.path}, which exports no const '${imported.name}' with a value that can be read.`;
  if (imported || source.sdkNames.has(name))
    return `'${name}' is imported from outside of the source, and such values are not read; write the literal here or a const in a file of the source.`;
  return `'${name}' cannot be read without running the file; write the literal here or a top-level const with a literal value.`;
}

function descend<T>(reader: StaticReader, node: ts.Node, read: () => T): T | undefined {
  if (reader.depth >= REFERENCE_DEPTH_MAX) {
    report(reader, node, `The constants behind '${getText(node)}' refer to each other in a circle; write the literal here.`);
    return undefined;
  }
  if (reader.references >= REFERENCES_MAX) {
    if (reader.references === REFERENCES_MAX) report(reader, node, `More than ${REFERENCES_MAX} references to constants; write literals.`);
    // Reported once; from here on nothing of this file is followed.
    reader.references = Infinity;
    return undefined;
  }
  reader.references += 1;
  reader.depth += 1;
  try {
    return read();
  } finally {
    reader.depth -= 1;
  }
}

function readMember(reader: StaticReader, property: ts.ObjectLiteralElementLike, members: Map<string, ts.Expression>): boolean {
  if (ts.isSpreadAssignment(property)) {
    const spread = descend(reader, property, () => readMembers(reader, property.expression));
    for (const [name, value] of spread ?? []) members.set(name, value);
    return spread !== undefined;
  }
  if (ts.isShorthandPropertyAssignment(property)) {
    members.set(property.name.text, property.name);
    return true;
  }
  const { name } = property;
  const isPlainName = ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name);
  if (ts.isPropertyAssignment(property) && isPlainName && name.text !== '__proto__') {
    members.set(name.text, property.initializer);
    return true;
  }
  report(reader, property, `'${getText(property)}' cannot be read without running the file; write name: value.`);
  return false;
}

function readItems(reader: StaticReader, array: ts.ArrayLiteralExpression): Json | undefined {
  const items = array.elements.map((element) => descend(reader, element, () => readValue(reader, element)));
  return items.every((item) => item !== undefined) ? items : undefined;
}

function readObject(reader: StaticReader, object: ts.ObjectLiteralExpression): Json | undefined {
  const members = readMembers(reader, object);
  if (!members) return undefined;
  const entries = [...members].map(([name, value]) => [name, descend(reader, value, () => readValue(reader, value))] as const);
  const known = entries.filter((pair): pair is readonly [string, Json] => pair[1] !== undefined);
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}

/** Numbers, signed numbers, true, false and null; undefined for anything else. */
function readScalar(node: ts.Expression): Json | undefined {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand)) {
    if (node.operator === ts.SyntaxKind.MinusToken) return -Number(node.operand.text);
    if (node.operator === ts.SyntaxKind.PlusToken) return Number(node.operand.text);
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  return node.kind === ts.SyntaxKind.NullKeyword ? null : undefined;
}

function unwrap(node: ts.Expression): ts.Expression {
  const isAnnotated = ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isTypeAssertionExpression(node);
  const isWrapped = isAnnotated || ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node);
  return isWrapped ? unwrap(node.expression) : node;
}

/** Source text of a node, short enough for one line of a message. */
function getText(node: ts.Node): string {
  const line = node.getText().replace(/\s+/gu, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
