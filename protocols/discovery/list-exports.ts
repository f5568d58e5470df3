// What a file of a source exports, as far as its own text and the files of the source tell.

import ts from 'typescript';
import { hasModifier, type ParsedSource } from './parse-source.js';
import { findImported, type SourceSet } from './source-set.js';

/** Names that a file exports; undefined where it hands on a package whole, of which nothing is known here. */
export function listExports(set: SourceSet, source: ParsedSource, seen = new Set<ParsedSource>()): ReadonlySet<string> | undefined {
  if (seen.has(source)) return new Set();
  seen.add(source);
  const names = new Set([...source.exportedNames.values(), ...source.handedOn.keys(), ...source.tree.statements.flatMap(listOwn)]);
  for (const module of source.handedOnWhole) {
    const from = findImported(set, source, module);
    const handedOn = from && listExports(set, from, seen);
    if (!handedOn) return undefined;
    for (const name of handedOn) names.add(name);
  }
  return names;
}

function listOwn(statement: ts.Statement): readonly string[] {
  if (ts.isExportAssignment(statement)) return ['default'];
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamespaceExport(statement.exportClause))
    return [statement.exportClause.name.text];
  if (!ts.canHaveModifiers(statement) || !hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return [];
  if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) return ['default'];
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => listBound(name));
  const name = (statement as ts.Statement & { readonly name?: ts.Node }).name;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function listBound(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : listBound(element.name)));
}
