// Checks the types of sources as a compiler does, and finds the promises that nobody waits for. Whoever keeps a checker pays
// for the libraries and the SDK once: afterwards only what has changed is read again.

import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { SourceFolder } from '../discovery/discover-protocols.js';
import { type SourceProblem, toPlace } from '../discovery/parse-source.js';
import { AUTHOR_GLOBALS } from './author-globals.js';
import { describeDiagnostic } from './compiler-remedies.js';
import { toCompilerOptions } from './compiler-settings.js';
import { findFloatingPromises } from './floating-promises.js';

export interface TypeChecker {
  /** Problems of all files of these folders, with paths as the files have them on this machine. */
  check(folders: readonly SourceFolder[]): readonly SourceProblem[];
}

/** Beside no file of an author; only its name has to be free. */
const GLOBALS_FILE = '/praxis-author-globals.d.ts';
/** Of a package without types nothing is known, and so nothing can be wrong. */
const IGNORED = new Set([7016]);
/** What is said of imports is said by find-import-problems.ts, with the file that has it. */
const OF_IMPORTS = new Set([2305, 2306, 2307, 2591, 2614, 2724, 2732, 2792]);
/** Said only because an import brought nothing. */
const AFTER_IMPORTS = new Set([7006, 7031, 7005, 7034]);

export function createTypeChecker(): TypeChecker {
  const options = toCompilerOptions();
  const parsed = new Map<string, { readonly text: string; readonly tree: ts.SourceFile }>();
  let earlier: ts.Program | undefined;
  return {
    check(folders) {
      const own = new Map(
        folders.flatMap(({ folder, files }) => files.map(({ path: name, text }) => [path.join(folder, name), text] as const)),
      );
      const roots = [...own.keys()].filter((file) => file.endsWith('.ts'));
      if (roots.length === 0) return [];
      const host = createHost(options, own, parsed);
      const program = ts.createProgram({
        rootNames: [GLOBALS_FILE, ...roots, ...listTypeFiles(folders)],
        options,
        host,
        ...(earlier && { oldProgram: earlier }),
      });
      earlier = program;
      return roots.flatMap((file) => checkFile(program, file));
    },
  };
}

/** Files are read from the disk but for those of the source, which are checked as they were read for publishing. */
function createHost(
  options: ts.CompilerOptions,
  own: ReadonlyMap<string, string>,
  parsed: Map<string, { readonly text: string; readonly tree: ts.SourceFile }>,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const ownFolders = new Set([...own.keys()].map((file) => path.dirname(file)));
  const readText = (file: string): string | undefined => own.get(file) ?? (file === GLOBALS_FILE ? AUTHOR_GLOBALS : ts.sys.readFile(file));
  return {
    ...host,
    fileExists: (file) => own.has(file) || file === GLOBALS_FILE || ts.sys.fileExists(file),
    directoryExists: (folder) => ownFolders.has(folder) || ts.sys.directoryExists(folder),
    readFile: readText,
    getSourceFile: (file, languageVersion) => {
      const known = parsed.get(file);
      const text = readText(file);
      if (text === undefined) return undefined;
      if (known?.text === text) return known.tree;
      const tree = ts.createSourceFile(file, text, languageVersion, true);
      parsed.set(file, { text, tree });
      return tree;
    },
  };
}

/** Types that an author declares for packages that have none. */
function listTypeFiles(folders: readonly SourceFolder[]): readonly string[] {
  return folders.flatMap(({ folder }) =>
    existsSync(folder) ? ts.sys.readDirectory(folder, ['.d.ts'], ['**/node_modules', '**/dist', '**/.*'], undefined) : [],
  );
}

function checkFile(program: ts.Program, file: string): readonly SourceProblem[] {
  const tree = program.getSourceFile(file);
  if (!tree) return [];
  const diagnostics = [...program.getSyntacticDiagnostics(tree), ...program.getSemanticDiagnostics(tree)];
  const isImportBroken = diagnostics.some(({ code }) => OF_IMPORTS.has(code));
  const told = diagnostics.filter(({ code }) => !IGNORED.has(code) && !(isImportBroken && AFTER_IMPORTS.has(code)));
  const floating = findFloatingPromises(tree, program.getTypeChecker());
  return [
    ...told.map((diagnostic) => ({
      file,
      ...toPlace(tree, diagnostic.start ?? 0),
      ...describeDiagnostic(diagnostic, listMembers(diagnostic, tree, program.getTypeChecker())),
    })),
    ...floating.map(({ node, message, remedy }) => ({ file, ...toPlace(tree, node.getStart(tree)), message, remedy })),
  ];
}

/** What there is where something is asked for that there is not (TS2339). */
function listMembers({ code, start }: ts.Diagnostic, tree: ts.SourceFile, checker: ts.TypeChecker): readonly string[] {
  if (code !== 2339 || start === undefined) return [];
  const node = findNode(tree, start);
  const { parent } = node;
  const owner = ts.isPropertyAccessExpression(parent) ? parent.expression : ts.isBindingElement(parent) ? parent.parent.parent : undefined;
  if (!owner) return [];
  return checker
    .getTypeAtLocation(owner)
    .getProperties()
    .map(({ name }) => name)
    .filter((name) => /^[a-z]\w*$/iu.test(name));
}

/** The innermost node that begins at a position. */
function findNode(tree: ts.SourceFile, start: number): ts.Node {
  let found: ts.Node = tree;
  const visit = (node: ts.Node): void => {
    if (node.getStart(tree) > start || node.end <= start) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(tree, visit);
  return found;
}
