// The files of one source among each other: which of them an import means, and which constant stands behind an imported
// name. Files are parsed when somebody asks for them, and once.

import { posix } from 'node:path';
import type ts from 'typescript';
import { findSyntaxProblems, type ParsedSource, parseSource, type SourceText } from './parse-source.js';

export interface SourceSet {
  readonly paths: ReadonlySet<string>;
  /** The file, parsed; undefined where there is none, or where it is not TypeScript. */
  find(path: string): ParsedSource | undefined;
  /** The file that a node stands in. */
  getOf(node: ts.Node): ParsedSource;
}

/** Names that hand each other on; beyond these it is a circle. */
const HANDED_ON_MAX = 20;
/** What an import without extension, or with that of the compiled file, may mean. */
const EXTENSIONS = ['.ts', '.json', '/index.ts'] as const;

export function createSourceSet(files: readonly SourceText[]): SourceSet {
  const texts = new Map(files.map((file) => [file.path, file]));
  const parsed = new Map<string, ParsedSource | undefined>();
  const find = (path: string): ParsedSource | undefined => {
    const text = texts.get(path);
    if (!parsed.has(path))
      parsed.set(path, text && path.endsWith('.ts') && findSyntaxProblems(text).length === 0 ? parseSource(text) : undefined);
    return parsed.get(path);
  };
  return {
    paths: new Set(texts.keys()),
    find,
    getOf: (node) => {
      const tree = node.getSourceFile();
      const source = find(tree.fileName);
      return source?.tree === tree ? source : parseSource({ path: tree.fileName, text: tree.text });
    },
  };
}

/** `./steps/mix.js` in `assays/a.ts` → `assays/steps/mix.ts`; undefined for a package, and where no such file is. */
export function findImportedPath(paths: ReadonlySet<string>, from: string, module: string): string | undefined {
  if (!module.startsWith('.')) return undefined;
  const wanted = posix.join(posix.dirname(from), module);
  const bare = wanted.replace(/\.[jt]s$/u, '');
  return [wanted, ...EXTENSIONS.map((extension) => `${bare}${extension}`)].find((path) => paths.has(path));
}

/** The value of a constant that a file exports by this name, in whichever file it stands. */
export function findExportedConstant(set: SourceSet, source: ParsedSource, name: string, depth = 0): ts.Expression | undefined {
  if (depth > HANDED_ON_MAX) return undefined;
  const local = [...source.exportedNames].find(([, exported]) => exported === name)?.[0];
  const constant = local === undefined ? undefined : source.constants.get(local);
  if (constant) return constant;
  const from = local === undefined ? source.handedOn.get(name) : source.imports.get(local);
  const follow = (module: string, wanted: string): ts.Expression | undefined => {
    const next = findImported(set, source, module);
    return next && findExportedConstant(set, next, wanted, depth + 1);
  };
  if (from) return follow(from.module, from.name);
  for (const module of source.handedOnWhole) {
    const found = follow(module, name);
    if (found) return found;
  }
  return undefined;
}

export function findImported(set: SourceSet, source: ParsedSource, module: string): ParsedSource | undefined {
  const path = findImportedPath(set.paths, source.path, module);
  return path === undefined ? undefined : set.find(path);
}
