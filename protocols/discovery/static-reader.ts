// Reads values that can be known without running the file: literals, and references to constants of the same file.
// Everything else is reported with its line and with how to write it, and reads as undefined.

import ts from 'typescript';
import type { Json } from '../../domain/json.js';
import { getLine, type ParsedSource, type SourceProblem } from './parse-source.js';

export interface StaticReader {
  readonly source: ParsedSource;
  readonly problems: readonly SourceProblem[];
  report(node: ts.Node, message: string): void;
  /** The value, or undefined after a report. */
  readValue(node: ts.Expression): Json | undefined;
  /** Members of an object literal by name, spreads expanded, or undefined after a report. */
  readMembers(node: ts.Expression): ReadonlyMap<string, ts.Expression> | undefined;
  /** Follows parentheses, type annotations and names of constants to the expression behind; undefined after a report. */
  resolve(node: ts.Expression): ts.Expression | undefined;
  /** `param.integer` → `['param', 'integer']` where `param` is the SDK's; undefined for anything else. */
  findSdkPath(node: ts.Expression): readonly string[] | undefined;
}

/** Constants that refer to constants; deeper than this it is a circle. */
const REFERENCE_DEPTH_MAX = 20;
/** References followed in one file; constants that multiply each other would otherwise take for ever. */
const REFERENCES_MAX = 20_000;

export function createStaticReader(source: ParsedSource): StaticReader {
  const problems: SourceProblem[] = [];
  let depth = 0;
  let references = 0;

  function report(node: ts.Node, message: string): void {
    problems.push({ file: source.path, line: getLine(source, node), message });
  }

  function resolve(node: ts.Expression): ts.Expression | undefined {
    const bare = unwrap(node);
    if (ts.isIdentifier(bare)) return resolveName(bare);
    if (ts.isPropertyAccessExpression(bare) && !findSdkPath(bare)) {
      const member = readMembers(bare.expression)?.get(bare.name.text);
      if (member) return descend(bare, () => resolve(member));
      report(bare, `'${bare.getText(source.tree)}' cannot be read without running the file; write the literal value here.`);
      return undefined;
    }
    return bare;
  }

  function resolveName(name: ts.Identifier): ts.Expression | undefined {
    const constant = source.constants.get(name.text);
    if (constant) return descend(name, () => resolve(constant));
    const isImported = source.importedNames.has(name.text) || source.sdkNames.has(name.text);
    report(
      name,
      isImported
        ? `'${name.text}' is imported, and imported values are not read; write the literal here or a const in this file.`
        : `'${name.text}' cannot be read without running the file; write the literal here or a top-level const with a literal value.`,
    );
    return undefined;
  }

  function descend<T>(node: ts.Node, read: () => T): T | undefined {
    if (depth >= REFERENCE_DEPTH_MAX) {
      report(node, `The constants behind '${node.getText(source.tree)}' refer to each other in a circle; write the literal here.`);
      return undefined;
    }
    if (references >= REFERENCES_MAX) {
      if (references === REFERENCES_MAX) report(node, `More than ${REFERENCES_MAX} references to constants in one file; write literals.`);
      references = Infinity;
      return undefined;
    }
    references += 1;
    depth += 1;
    try {
      return read();
    } finally {
      depth -= 1;
    }
  }

  function readMembers(node: ts.Expression): ReadonlyMap<string, ts.Expression> | undefined {
    const target = resolve(node);
    if (!target) return undefined;
    if (!ts.isObjectLiteralExpression(target)) {
      report(target, `Write an object literal { … } here, not '${shorten(target.getText(source.tree))}'.`);
      return undefined;
    }
    const members = new Map<string, ts.Expression>();
    for (const property of target.properties) if (!readMember(property, members)) return undefined;
    return members;
  }

  function readMember(property: ts.ObjectLiteralElementLike, members: Map<string, ts.Expression>): boolean {
    if (ts.isSpreadAssignment(property)) {
      const spread = descend(property, () => readMembers(property.expression));
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
    report(property, `'${shorten(property.getText(source.tree))}' cannot be read without running the file; write name: value.`);
    return false;
  }

  function readValue(node: ts.Expression): Json | undefined {
    const target = resolve(node);
    if (!target) return undefined;
    if (ts.isStringLiteralLike(target)) return target.text;
    if (ts.isArrayLiteralExpression(target)) return readItems(target);
    if (ts.isObjectLiteralExpression(target)) return readObject(target);
    const value = readScalar(target);
    if (value === undefined) {
      report(target, `'${shorten(target.getText(source.tree))}' cannot be read without running the file; write a literal value.`);
    }
    return value;
  }

  function readItems(array: ts.ArrayLiteralExpression): Json | undefined {
    const items = array.elements.map((element) => descend(element, () => readValue(element)));
    return items.every((item) => item !== undefined) ? items : undefined;
  }

  function readObject(object: ts.ObjectLiteralExpression): Json | undefined {
    const members = readMembers(object);
    if (!members) return undefined;
    const entries = [...members].map(([name, value]) => [name, descend(value, () => readValue(value))] as const);
    const known = entries.filter((pair): pair is readonly [string, Json] => pair[1] !== undefined);
    return known.length === entries.length ? Object.fromEntries(known) : undefined;
  }

  function findSdkPath(node: ts.Expression): readonly string[] | undefined {
    if (ts.isIdentifier(node)) {
      const name = source.sdkNames.get(node.text);
      return name === undefined ? undefined : name === '*' ? [] : [name];
    }
    if (!ts.isPropertyAccessExpression(node)) return undefined;
    const path = findSdkPath(node.expression);
    return path && [...path, node.name.text];
  }

  return { source, problems, report, readValue, readMembers, resolve, findSdkPath };
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
  const isWrapped =
    ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node) || ts.isTypeAssertionExpression(node);
  return isWrapped ? unwrap(node.expression) : node;
}

/** Source text short enough for one line of a message. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/gu, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
