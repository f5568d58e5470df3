// Finds the protocol functions in a folder of source text by parsing it. Nothing is imported and nothing runs,
// so a folder of strangers' code can be looked at safely; what cannot be read is a problem and is not published.

import ts from 'typescript';
import type { DiscoveredProtocol } from '../../domain/protocol.js';
import { findSyntaxProblems, getLine, type ParsedSource, parseSource, type SourceProblem, type SourceText } from './parse-source.js';
import { readDefinition } from './read-definition.js';
import { createStaticReader, findSdkPath, report, type StaticReader } from './static-reader.js';

export interface SourceFolder {
  /** Where the files were read; only `files[].path` is relative to it, nothing is read again. */
  readonly folder: string;
  readonly files: readonly SourceText[];
}

export interface Discovery {
  /** Sound protocols, by file and line. */
  readonly protocols: readonly DiscoveredProtocol[];
  readonly problems: readonly SourceProblem[];
}

const BUILDER = 'protocolFunction';

export function discoverProtocols({ files }: SourceFolder): Discovery {
  const sources = [...files].filter(isProtocolSource).sort((a, b) => compareText(a.path, b.path));
  const found = sources.map(discoverInFile);
  const { protocols, problems } = separateDuplicates(found.flatMap((each) => each.protocols));
  return { protocols, problems: [...found.flatMap((each) => each.problems), ...problems].sort(compareProblems) };
}

/** A file without the word cannot define a protocol and is not parsed. */
function isProtocolSource({ path, text }: SourceText): boolean {
  return path.endsWith('.ts') && !path.endsWith('.d.ts') && text.includes(BUILDER);
}

function discoverInFile(file: SourceText): Discovery {
  try {
    return discoverInText(file);
  } catch (error) {
    // The parser is recursive, so text that nests without end exhausts its stack; that is a fault of the file.
    if (!(error instanceof RangeError)) throw error;
    return { protocols: [], problems: [{ file: file.path, line: 1, message: 'The file nests too deeply to be read; split it.' }] };
  }
}

function discoverInText(file: SourceText): Discovery {
  const syntax = findSyntaxProblems(file);
  if (syntax.length > 0) return { protocols: [], problems: syntax };
  const source = parseSource(file);
  const reader = createStaticReader(source);
  const protocols: DiscoveredProtocol[] = [];
  const declared = new Set<ts.Node>();
  for (const [name, initializer] of source.constants) {
    if (!isProtocolCall(reader, initializer)) continue;
    declared.add(initializer);
    const protocol = readProtocol(reader, name, initializer);
    if (protocol) protocols.push(protocol);
  }
  reportStrayUses(reader, source, declared);
  return { protocols, problems: reader.problems };
}

function readProtocol(reader: StaticReader, localName: string, call: ts.CallExpression): DiscoveredProtocol | undefined {
  const { source } = reader;
  const definition = readDefinition(reader, call);
  const exportName = source.exportedNames.get(localName);
  if (exportName === undefined) {
    report(reader, call.parent, `The protocol '${localName}' is not exported; write export const ${localName} = ${BUILDER}(…).`);
  }
  if (!definition || exportName === undefined) return undefined;
  return { ...definition, file: source.path, line: getLine(source, call.parent), exportName };
}

function isProtocolCall(reader: StaticReader, node: ts.Expression): node is ts.CallExpression {
  return ts.isCallExpression(node) && isBuilder(reader, node.expression);
}

function isBuilder(reader: StaticReader, node: ts.Node): boolean {
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
  const path = findSdkPath(reader.source, node);
  return path?.length === 1 && path[0] === BUILDER;
}

/** Uses of the builder that are not the value of a top-level const cannot be published; say so, never skip them. */
function reportStrayUses(reader: StaticReader, source: ParsedSource, declared: ReadonlySet<ts.Node>): void {
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (isBuilder(reader, node) && !declared.has(node.parent)) {
      report(reader, node, `${BUILDER}() is only read as export const name = ${BUILDER}(…) at the top level of a file.`);
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

/** One name and version must mean one function, so none of several is published. */
function separateDuplicates(protocols: readonly DiscoveredProtocol[]): Discovery {
  const groups = new Map<string, DiscoveredProtocol[]>();
  for (const protocol of protocols) {
    const key = `${protocol.name} ${protocol.version}`;
    groups.set(key, [...(groups.get(key) ?? []), protocol]);
  }
  const problems = [...groups].flatMap(([key, members]) =>
    members.length < 2 ? [] : members.map(({ file, line }) => ({ file, line, message: describeDuplicate(key, { file, line }, members) })),
  );
  return { protocols: [...groups.values()].flatMap((members) => (members.length === 1 ? members : [])), problems };
}

function describeDuplicate(key: string, here: { file: string; line: number }, members: readonly DiscoveredProtocol[]): string {
  const others = members.filter(({ file, line }) => file !== here.file || line !== here.line).map(({ file, line }) => `${file}:${line}`);
  return `${key} is also defined at ${others.join(', ')}; change the name or the version of all but one.`;
}

function compareProblems(a: SourceProblem, b: SourceProblem): number {
  return compareText(a.file, b.file) || a.line - b.line;
}

/** By code unit: the same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
