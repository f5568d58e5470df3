// Imports that lead nowhere, told at their place with the file that has what was meant; and which file of a source imports
// which, so that whoever imports a refused one is refused with it.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { findNearMatches } from '../../domain/text/near-match.js';
import { listExports } from './list-exports.js';
import { getPlace, type ParsedSource, SDK_MODULE, type SourceProblem } from './parse-source.js';
import { findImportedPath, type SourceSet } from './source-set.js';

export interface Import {
  /** The module as it is written, at its place. */
  readonly node: ts.StringLiteral;
  /** Names that are asked for; empty for a namespace or a module as a whole. */
  readonly names: readonly ts.Identifier[];
}

const SDK = 'praxis/sdk';
const BUILTIN_REMEDY =
  'Protocol code is executed again and again and reaches neither files nor network: take what it needs as a parameter, and return what it found.';

/** Imports of values; those of types alone are gone before anything is executed. */
export function listImports({ tree }: ParsedSource): readonly Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const [argument] = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
    if (argument && ts.isStringLiteral(argument)) found.push({ node: argument, names: [] });
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && !isOfTypes(node.importClause))
      found.push({ node: node.moduleSpecifier, names: listNames(node.importClause?.namedBindings) });
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) && !node.isTypeOnly)
      found.push({ node: node.moduleSpecifier, names: listNames(node.exportClause) });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function listNames(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): readonly ts.Identifier[] {
  if (!bindings || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return [];
  return [...bindings.elements].flatMap((element) => {
    const name = element.propertyName ?? element.name;
    return element.isTypeOnly || !ts.isIdentifier(name) ? [] : [name];
  });
}

/** `hasPackage` says whether a package, by its name, is installed where the bundle looks for it. */
export function findImportProblems(set: SourceSet, source: ParsedSource, hasPackage: (name: string) => boolean): readonly SourceProblem[] {
  return listImports(source).flatMap(({ node, names }) => {
    const place = getPlace(node);
    const module = node.text;
    if (SDK_MODULE.test(module)) return [];
    if (module === 'praxis' || module.startsWith('praxis/'))
      return [{ ...place, message: `There is no module '${module}'.`, remedy: `Write '${SDK}'.` }];
    if (module.startsWith('.')) return findFileProblems(set, source, { node, names });
    if (isBuiltin(module))
      return [{ ...place, message: `'${module}' is a module of Node, which protocols do not have.`, remedy: BUILTIN_REMEDY }];
    const name = module.split('/', module.startsWith('@') ? 2 : 1).join('/');
    if (hasPackage(name)) return [];
    const remedy = `Run npm install ${name} in the folder of the protocols, or write what you need into a file there.`;
    return [{ ...place, message: `The package '${name}' is not installed.`, remedy }];
  });
}

function findFileProblems(set: SourceSet, source: ParsedSource, { node, names }: Import): readonly SourceProblem[] {
  const path = findImportedPath(set.paths, source.path, node.text);
  if (path === undefined) {
    const remedy = suggestFile(set, source, { node, names });
    return [{ ...getPlace(node), message: `There is no file '${node.text}' in this source.`, remedy }];
  }
  const target = set.find(path);
  const exported = target && listExports(set, target);
  if (!exported) return [];
  return names.flatMap((name) => {
    if (exported.has(name.text)) return [];
    const owner = findOwner(set, name.text, source.path);
    const [near] = findNearMatches(name.text, [...exported]);
    const remedy =
      owner !== undefined
        ? `${owner} has it: write import { ${name.text} } from '${toModule(source.path, owner)}'.`
        : near !== undefined
          ? `Did you mean ${near}?`
          : `Export it there, or import another of: ${[...exported].join(', ') || 'nothing is exported'}.`;
    return [{ ...getPlace(name), message: `${path} exports no '${name.text}'.`, remedy }];
  });
}

/** A file that exports what is asked for, or one of the same or a near name. */
function suggestFile(set: SourceSet, source: ParsedSource, { node, names }: Import): string {
  const owner = names.map(({ text }) => findOwner(set, text, source.path)).find((path) => path !== undefined);
  const wanted = toBareName(node.text);
  const others = [...set.paths].filter((path) => path !== source.path);
  const named = others.find((path) => toBareName(path) === wanted);
  const [near] = findNearMatches(wanted, others.map(toBareName));
  const found = owner ?? named ?? others.find((path) => near !== undefined && toBareName(path) === near);
  if (found !== undefined) return `${found} ${owner === undefined ? 'is there' : 'has it'}: write '${toModule(source.path, found)}'.`;
  return 'Put the file into the folder of the protocols; nothing outside of it belongs to the source.';
}

function findOwner(set: SourceSet, name: string, except: string): string | undefined {
  return [...set.paths].sort().find((path) => {
    const source = path === except ? undefined : set.find(path);
    return source !== undefined && listExports(set, source)?.has(name) === true;
  });
}

function toBareName(path: string): string {
  return posix.basename(path).replace(/\.(?:ts|js|json)$/u, '');
}

/** How `to` is imported in `from`: `./lib/limits.js`. */
function toModule(from: string, to: string): string {
  const relative = posix.relative(posix.dirname(from), to).replace(/\.ts$/u, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
