// Judges folders of source before anything is made of them: syntax, specs, imports, types and forgotten promises, all at once.
// A file with a problem is refused, and so is whoever imports it; everything else is sound.

import path from 'node:path';
import { compareProblems, discoverProtocols, type FoundProtocol, type SourceFolder } from '../discovery/discover-protocols.js';
import { findImportProblems, listImports } from '../discovery/find-import-problems.js';
import { findSyntaxProblems, getPlace, type ParsedSource, type SourceProblem, type SourceText } from '../discovery/parse-source.js';
import { createSourceSet, findImportedPath, type SourceSet } from '../discovery/source-set.js';
import { findUnreachable } from './find-unreachable.js';
import type { TypeChecker } from './check-types.js';

export interface CheckedFolder {
  readonly folder: string;
  /** Sound ones; the refused are left out. */
  readonly files: readonly SourceText[];
  readonly protocols: readonly FoundProtocol[];
  /** Paths of files that hold what is not published. */
  readonly refused: readonly string[];
  readonly problems: readonly SourceProblem[];
  readonly warnings: readonly SourceProblem[];
  readonly set: SourceSet;
}

export interface CheckOptions {
  /** Without one types are not checked. */
  readonly types?: TypeChecker;
  readonly hasPackage: (folder: string, name: string) => boolean;
  /** Known from elsewhere, by folder: what only shows when the code is bundled and loaded. */
  readonly further?: ReadonlyMap<string, readonly SourceProblem[]>;
}

/** Problems are told with the path of the file below its folder. */
export function checkSources(folders: readonly SourceFolder[], options: CheckOptions): readonly CheckedFolder[] {
  const ofTypes = options.types?.check(folders) ?? [];
  return folders.map((each) =>
    checkFolder(each, {
      hasPackage: (name) => options.hasPackage(each.folder, name),
      known: [
        ...(each.problems ?? []),
        ...(options.further?.get(each.folder) ?? []),
        ...ofTypes
          .filter(({ file }) => isBelow(each.folder, file))
          .map((problem) => ({ ...problem, file: toName(each.folder, problem.file) })),
      ],
    }),
  );
}

function isBelow(folder: string, file: string): boolean {
  return !path.relative(folder, file).startsWith('..');
}

function toName(folder: string, file: string): string {
  return path.relative(folder, file).replaceAll('\\', '/');
}

function checkFolder(
  source: SourceFolder,
  { hasPackage, known }: { hasPackage: (name: string) => boolean; known: readonly SourceProblem[] },
): CheckedFolder {
  const set = createSourceSet(source.files);
  const { problems: ofSpecs } = discoverProtocols(source);
  const found = [...ofSpecs, ...source.files.flatMap((file) => checkFile(set, file, hasPackage))];
  const own = leaveOutEchoes(found, known);
  const refused = new Set(own.map(({ file }) => file));
  const ofImporters = refuseImporters(set, refused);
  // What is refused is nobody's double: a sound file of the same name stays.
  const sound = source.files.filter((file) => !refused.has(file.path));
  const { protocols, doubles, warnings } = discoverProtocols({ ...source, files: sound });
  return {
    folder: source.folder,
    files: sound,
    protocols,
    refused: [...new Set([...refused, ...doubles.map(({ file }) => file)])].sort(),
    problems: [...own, ...ofImporters, ...doubles].sort(compareProblems),
    warnings: [...warnings, ...findUnreachable(listParsed(set), protocols)].sort(compareProblems),
    set,
  };
}

function checkFile(set: SourceSet, file: SourceText, hasPackage: (name: string) => boolean): readonly SourceProblem[] {
  if (!file.path.endsWith('.ts')) return [];
  const source = findParsed(set, file.path);
  return source ? findImportProblems(set, source, hasPackage) : findSyntaxOf(file);
}

/** Text that nests without end exhausts the parser; discovery has told of it. */
function findParsed(set: SourceSet, name: string): ParsedSource | undefined {
  try {
    return set.find(name);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function listParsed(set: SourceSet): readonly ParsedSource[] {
  return [...set.paths].flatMap((name) => findParsed(set, name) ?? []);
}

function findSyntaxOf(file: SourceText): readonly SourceProblem[] {
  try {
    return findSyntaxProblems(file);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** What we have said in our own words of a line, the compiler need not say again; nor what follows for a whole spec from a part. */
function leaveOutEchoes(own: readonly SourceProblem[], known: readonly SourceProblem[]): readonly SourceProblem[] {
  const told = new Set(own.map(toLineKey));
  const files = new Set(own.map(({ file }) => file));
  const further = known.filter((problem) => !told.has(toLineKey(problem)) && !(problem.code === 'TS2769' && files.has(problem.file)));
  const each = new Map([...own, ...further].map((problem) => [`${toLineKey(problem)}:${problem.column} ${problem.message}`, problem]));
  return [...each.values()];
}

function toLineKey({ file, line }: SourceProblem): string {
  return `${file}:${line}`;
}

/** Adds whoever imports a refused file to the refused, through all files between. */
function refuseImporters(set: SourceSet, refused: Set<string>): readonly SourceProblem[] {
  const problems: SourceProblem[] = [];
  for (let hasGrown = true; hasGrown; ) {
    hasGrown = false;
    for (const name of set.paths) {
      if (refused.has(name)) continue;
      const source = findParsed(set, name);
      for (const { node } of source ? listImports(source) : []) {
        const target = findImportedPath(set.paths, name, node.text);
        if (target === undefined || !refused.has(target) || refused.has(name)) continue;
        problems.push({ ...getPlace(node), message: `It imports ${target}, which has a problem.`, remedy: `Mend ${target}.` });
        refused.add(name);
        hasGrown = true;
      }
    }
  }
  return problems;
}
