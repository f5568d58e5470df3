// Finds the protocol functions in a folder of source text by parsing it. Nothing is imported and nothing runs,
// so a folder of strangers' code can be looked at safely; what cannot be read is a problem and is not published.

import ts from 'typescript';
import type { DiscoveredProtocol } from '../../domain/protocols/protocol.js';
import { findUntrackedCalls, toFunctionKey } from './find-untracked-calls.js';
import { findSyntaxProblems, getPlace, hasModifier, type ParsedSource, type SourceProblem, type SourceText } from './parse-source.js';
import { type ReadDefinition, readDefinition } from './read-definition.js';
import { type AsyncFunction, readPlainFunction } from './read-plain-function.js';
import { createSourceSet, type SourceSet } from './source-set.js';
import { createStaticReader, findSdkPath, report, type StaticReader } from './static-reader.js';

export interface SourceFolder {
  /** What cannot be taken from it. */
  readonly problems?: readonly SourceProblem[];
  /** Where the files were read; only `files[].path` is relative to it, nothing is read again. */
  readonly folder: string;
  readonly files: readonly SourceText[];
}

/**
 * `spec`: all is declared. `signature`: declared, with the parameters read from the signature. `plain`: an exported async
 * function. The last two learn at run time from the entry of their bundle what was read.
 */
export type ProtocolForm = 'spec' | 'signature' | 'plain';

export interface FoundProtocol extends DiscoveredProtocol {
  readonly form: ProtocolForm;
  readonly column: number;
}

export interface Discovery {
  /** Sound protocols, by file and line. */
  readonly protocols: readonly FoundProtocol[];
  readonly problems: readonly SourceProblem[];
  /** Protocols that have the name of another, and are left out; the rest of their files is sound. */
  readonly doubles: readonly SourceProblem[];
  /** What is allowed and perhaps not meant. */
  readonly warnings: readonly SourceProblem[];
}

const BUILDER = 'protocolFunction';

export function discoverProtocols({ files }: SourceFolder): Discovery {
  const sources = [...files].filter(isProtocolSource).sort((a, b) => compareText(a.path, b.path));
  const set = createSourceSet(files);
  const found = sources.map((file) => discoverInFile(file, set));
  const { protocols, problems: doubles } = separateDuplicates(found.flatMap((each) => each.protocols));
  const plain = new Set(protocols.filter(({ form }) => form === 'plain').map(({ file, exportName }) => toFunctionKey(file, exportName)));
  const warnings = plain.size === 0 ? [] : found.flatMap(({ source }) => (source ? findUntrackedCalls(source, plain) : []));
  return { protocols, problems: leaveOutRepeated(found.flatMap((each) => each.problems)), doubles, warnings };
}

/** A file without these words cannot define a protocol and is not parsed. */
function isProtocolSource({ path, text }: SourceText): boolean {
  const hasProtocol = text.includes(BUILDER) || (/\bexport\b/u.test(text) && /\basync\b/u.test(text));
  return path.endsWith('.ts') && !path.endsWith('.d.ts') && hasProtocol;
}

interface FoundInFile {
  readonly protocols: readonly FoundProtocol[];
  readonly problems: readonly SourceProblem[];
  readonly source?: ParsedSource;
}

function discoverInFile(file: SourceText, set: SourceSet): FoundInFile {
  try {
    return discoverInText(file, set);
  } catch (error) {
    // The parser is recursive, so text that nests without end exhausts its stack; that is a fault of the file.
    if (!(error instanceof RangeError)) throw error;
    return {
      protocols: [],
      problems: [{ file: file.path, line: 1, column: 1, message: 'The file nests too deeply to be read; split it.' }],
    };
  }
}

function discoverInText(file: SourceText, set: SourceSet): FoundInFile {
  const source = set.find(file.path);
  if (!source) return { protocols: [], problems: findSyntaxProblems(file) };
  const reader = createStaticReader(source, set);
  const declared = new Set<ts.Node>();
  const protocols = [...readConstants(reader, declared), ...readMethods(reader, declared), ...readPlainFunctions(reader)];
  reportStrayUses(reader, source, declared);
  return { protocols: protocols.sort((one, other) => one.line - other.line), problems: reader.problems, source };
}

function readConstants(reader: StaticReader, declared: Set<ts.Node>): readonly FoundProtocol[] {
  return [...reader.source.constants].flatMap(([name, initializer]) => {
    if (!isProtocolCall(reader, initializer)) return [];
    declared.add(initializer);
    const found = readDefinition(reader, initializer, initializer.arguments.length > 2 ? undefined : initializer.arguments[1]);
    const exportName = reader.source.exportedNames.get(name);
    if (exportName === undefined) {
      report(reader, initializer.parent, `The protocol '${name}' is not exported; write export const ${name} = ${BUILDER}(…).`);
    }
    return found && exportName !== undefined ? [toProtocol(initializer.parent, { ...found, exportName })] : [];
  });
}

/** Static methods of classes, decorated with the builder. */
function readMethods(reader: StaticReader, declared: Set<ts.Node>): readonly FoundProtocol[] {
  return [...reader.source.classes].flatMap(([className, node]) =>
    node.members.filter(ts.isMethodDeclaration).flatMap((method) => {
      const call = ts
        .getDecorators(method)
        ?.map(({ expression }) => expression)
        .find((expression) => isProtocolCall(reader, expression));
      if (!call || !ts.isCallExpression(call)) return [];
      declared.add(call);
      const found = readDefinition(reader, call, call.arguments.length > 1 ? undefined : method);
      const exportName = reader.source.exportedNames.get(className);
      const isNamed = ts.isIdentifier(method.name);
      if (exportName === undefined)
        report(reader, node, `The class '${className}' holds a protocol and is not exported; write export class ${className}.`);
      if (!hasModifier(method, ts.SyntaxKind.StaticKeyword) || !isNamed) {
        report(reader, method, `Only static methods with a plain name can be protocols; write static async ${method.name.getText()}(…).`);
        return [];
      }
      return found && exportName !== undefined
        ? [toProtocol(method, { ...found, exportName: `${exportName}.${method.name.getText()}` })]
        : [];
    }),
  );
}

function readPlainFunctions(reader: StaticReader): readonly FoundProtocol[] {
  const { constants, functions, exportedNames } = reader.source;
  return [...functions, ...constants].flatMap(([name, node]) => {
    const exportName = exportedNames.get(name);
    if (exportName === undefined || !isAsyncFunction(node)) return [];
    const definition = readPlainFunction(reader, exportName, node);
    return definition ? [{ ...definition, ...getPlace(node), exportName, form: 'plain' as const }] : [];
  });
}

function isAsyncFunction(node: ts.Node): node is AsyncFunction {
  const isFunction = ts.isFunctionDeclaration(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node);
  return isFunction && node.body !== undefined && hasModifier(node, ts.SyntaxKind.AsyncKeyword);
}

function toProtocol(node: ts.Node, found: ReadDefinition & { readonly exportName: string }): FoundProtocol {
  return { ...found.definition, ...getPlace(node), exportName: found.exportName, form: found.isInferred ? 'signature' : 'spec' };
}

function isProtocolCall(reader: StaticReader, node: ts.Expression): node is ts.CallExpression {
  return ts.isCallExpression(node) && isBuilder(reader, node.expression);
}

function isBuilder(reader: StaticReader, node: ts.Node): boolean {
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
  const path = findSdkPath(reader.set.getOf(node), node);
  return path?.length === 1 && path[0] === BUILDER;
}

/** Uses of the builder that are not the value of a top-level const cannot be published; say so, never skip them. */
function reportStrayUses(reader: StaticReader, source: ParsedSource, declared: ReadonlySet<ts.Node>): void {
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isBuilder(reader, node) && !declared.has(node.parent)) {
      report(
        reader,
        node,
        `${BUILDER}() is only read as export const name = ${BUILDER}(…) at the top level of a file, or on a static method of an exported class.`,
      );
    }
    if (isForeignBuilderCall(source, node)) {
      report(reader, node, `This ${BUILDER} is not the SDK's; write import { ${BUILDER} } from 'praxis/sdk'.`);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source.tree, visit);
}

function isForeignBuilderCall(source: ParsedSource, node: ts.Node): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === BUILDER && !source.sdkNames.has(BUILDER);
}

/** One name and version must mean one function, and one name of a file too: of several none is published. */
function separateDuplicates(protocols: readonly FoundProtocol[]): FoundInFile {
  const spared = protocols.filter((one) => !protocols.some((other) => isDouble(one, other)));
  const problems = protocols.flatMap((one) => {
    const others = protocols.filter((other) => isDouble(one, other));
    const places = others.map(({ file, line, column }) => `${file}:${line}:${column}`).join(', ');
    const message = `${one.name} ${one.version} is also defined at ${places}, so neither is published.`;
    const { file, line, column } = one;
    return others.length === 0 ? [] : [{ file, line, column, message, remedy: 'Change the name or the version of all but one.' }];
  });
  return { protocols: spared, problems };
}

/** Which of two functions of one name in one file a worker would execute can't be told, whatever their versions. */
function isDouble(one: FoundProtocol, other: FoundProtocol): boolean {
  if (one === other || one.name !== other.name) return false;
  return one.version === other.version || one.file === other.file;
}

/** A constant that two protocols use is told of once. */
function leaveOutRepeated(problems: readonly SourceProblem[]): readonly SourceProblem[] {
  const told = new Map(problems.map((problem) => [`${problem.file}:${problem.line}:${problem.column} ${problem.message}`, problem]));
  return [...told.values()].sort(compareProblems);
}

export function compareProblems(a: SourceProblem, b: SourceProblem): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}

/** By code unit: the same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
