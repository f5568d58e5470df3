// Reads the source that a version of protocols consists of: the SDK, the library that ships and the author's folders, as
// one tree in memory, with the sound protocols found in it and the hash that names their queue. What is not sound is left out
// and told.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { SourceReport } from '../../domain/protocols/source-report.js';
import { findProjectRoot } from '../../platform/paths.js';
import { checkSources, type CheckedFolder } from '../checking/check-sources.js';
import type { TypeChecker } from '../checking/check-types.js';
import type { FoundProtocol } from '../discovery/discover-protocols.js';
import { hashProtocolSource } from '../discovery/hash-protocol-source.js';
import { listImports } from '../discovery/find-import-problems.js';
import type { SourceProblem, SourceText } from '../discovery/parse-source.js';
import { readSourceFolder } from '../discovery/read-source-folder.js';
import { findImportedPath } from '../discovery/source-set.js';
import { nameBundle } from './generation.js';

/** Digits of the hash of what a protocol consists of. */
const CONTENT_DIGITS = 12;

/** A protocol function and the file of the tree that exports it. */
export interface SourceFunction {
  readonly module: string;
  readonly protocol: FoundProtocol;
}

/** A protocol and what it consists of: its file and those of its source that it imports. */
export type SourceDefinition = FoundProtocol & { readonly contentHash: string };

export interface ProtocolSources {
  readonly bundle: string;
  readonly definitions: readonly SourceDefinition[];
  /** File of each definition, by its name, as it lies on this machine. */
  readonly places: ReadonlyMap<string, string>;
  readonly functions: readonly SourceFunction[];
  /** `protocols/sdk/…`, `protocols/library/…`, `protocols/source-1/…`: where the files lie among each other. */
  readonly tree: readonly SourceText[];
  /** The author's folders; packages that their files import are looked for there. */
  readonly folders: readonly string[];
  /** Errors, for which something is left out, and what is allowed and perhaps not meant; with files as they lie on this machine. */
  readonly reports: readonly SourceReport[];
  /** Files, below their folders, of which something is left out: what was published of them before goes on. */
  readonly refused: readonly string[];
}

export interface ReadOptions {
  /** Without one types are not checked. */
  readonly types?: TypeChecker;
  /** Known from elsewhere, by folder. */
  readonly further?: ReadonlyMap<string, readonly SourceProblem[]>;
}

/** Reads the shipped library and the given folders. Throws only where a folder cannot be read. */
export async function readProtocolSources(folders: readonly string[], options: ReadOptions = {}): Promise<ProtocolSources> {
  const shipped = path.join(findProjectRoot(), 'protocols');
  const sdk = place('protocols/sdk', (await readSourceFolder(path.join(shipped, 'sdk'))).files);
  const { types, ...rest } = { ...options, hasPackage };
  // What ships was checked before it did.
  const library = checkSources([await readSourceFolder(path.join(shipped, 'library'))], rest);
  const authors = checkSources(await Promise.all(folders.map(readSourceFolder)), { ...rest, ...(types && { types }) });
  const checked = [...library, ...authors];
  const modules = checked.map((_, index) => (index === 0 ? 'protocols/library' : `protocols/source-${index}`));
  const tree = [...sdk, ...checked.flatMap(({ files }, index) => place(modules[index] ?? '', files))];
  const functions = checked.flatMap(({ protocols }, index) =>
    protocols.map((protocol) => ({ module: `${modules[index] ?? ''}/${protocol.file}`, protocol, from: checked[index] as CheckedFolder })),
  );
  const { published, doubles } = leaveOutDoubleNames(functions);
  return {
    bundle: nameBundle(tree),
    definitions: published.map(({ protocol, from }) => ({ ...protocol, contentHash: hashContent(from, protocol.file) })),
    places: new Map(published.map(({ protocol, from }) => [protocol.name, path.join(from.folder, protocol.file)])),
    functions: published.map(({ module, protocol }) => ({ module, protocol })),
    tree,
    folders,
    reports: [...checked.flatMap(toReports), ...doubles],
    refused: [...new Set(checked.flatMap(({ refused }) => refused))],
  };
}

/** Where the bundle looks for packages too. */
function hasPackage(folder: string, name: string): boolean {
  return [folder, findProjectRoot()].some((root) => existsSync(path.join(root, 'node_modules', name)));
}

function place(below: string, files: readonly SourceText[]): SourceText[] {
  return files.map((file) => ({ path: `${below}/${file.path}`, text: file.text }));
}

function toReports({ folder, problems, warnings }: CheckedFolder): readonly SourceReport[] {
  const toReport =
    (severity: SourceReport['severity']) =>
    (problem: SourceProblem): SourceReport => ({ severity, ...problem, file: path.join(folder, problem.file) });
  return [...problems.map(toReport('error')), ...warnings.map(toReport('warning'))];
}

type Candidate = SourceFunction & { readonly from: CheckedFolder };

/** Whoever comes first keeps the name: the library that ships, then the folders in their order. */
function leaveOutDoubleNames(functions: readonly Candidate[]): { published: readonly Candidate[]; doubles: readonly SourceReport[] } {
  const seen = new Map<string, Candidate>();
  const doubles: SourceReport[] = [];
  const published = functions.filter((each) => {
    const { name, version, line, column } = each.protocol;
    const other = seen.get(name);
    seen.set(name, other ?? each);
    if (other === undefined) return true;
    const message = `${name} ${version} is not published: ${toPlace(other)} has the name ${name}.`;
    doubles.push({
      severity: 'error',
      file: path.join(each.from.folder, each.protocol.file),
      line,
      column,
      message,
      remedy: 'Rename one of them.',
    });
    return false;
  });
  return { published, doubles };
}

function toPlace({ protocol: { file, line, column }, from }: Candidate): string {
  return `${path.join(from.folder, file)}:${line}:${column}`;
}

function hashContent({ set, files }: CheckedFolder, file: string): string {
  const reached = new Set([file]);
  // A set is walked in the order of its growth, so what is added on the way is walked too.
  for (const name of reached) {
    const source = set.find(name);
    for (const { node } of source ? listImports(source) : []) {
      const target = findImportedPath(set.paths, name, node.text);
      if (target !== undefined) reached.add(target);
    }
  }
  return hashProtocolSource(files.filter(({ path: name }) => reached.has(name))).slice(0, CONTENT_DIGITS);
}
