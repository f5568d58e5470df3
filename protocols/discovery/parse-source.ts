// Parses one source file into what discovery looks at: which names come from the SDK, which constants stand at
// the top level, and what is exported under which name. Nothing of the file is executed.

import ts from 'typescript';

export interface SourceText {
  /** Relative to the source folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Something a person must change in a source file, with how to write it. */
export interface SourceProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface ParsedSource {
  readonly path: string;
  readonly tree: ts.SourceFile;
  /** Local name → name in the SDK; `*` for a namespace import. */
  readonly sdkNames: ReadonlyMap<string, string>;
  /** Local names of everything else that is imported. */
  readonly importedNames: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, ts.Expression>;
  /** Local name → exported name. */
  readonly exportedNames: ReadonlyMap<string, string>;
}

/** The SDK by its package name, or by path from within the shipped library. */
const SDK_MODULE = /^(?:praxis\/sdk|\.{1,2}\/(?:.*\/)?sdk(?:\/[a-z-]+)?(?:\.js)?)$/u;

export function parseSource({ path, text }: SourceText): ParsedSource {
  const tree = ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.ES2022 }, true, ts.ScriptKind.TS);
  const sdkNames = new Map<string, string>();
  const importedNames = new Set<string>();
  const constants = new Map<string, ts.Expression>();
  const exportedNames = new Map<string, string>();
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, sdkNames, importedNames);
    else if (ts.isVariableStatement(statement)) readConstants(statement, constants, exportedNames);
    else if (ts.isExportDeclaration(statement)) readExportList(statement, exportedNames);
  }
  return { path, tree, sdkNames, importedNames, constants, exportedNames };
}

/** Errors of syntax; a file that has any is not looked at further. */
export function findSyntaxProblems({ path, text }: SourceText): readonly SourceProblem[] {
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: options });
  return diagnostics.map(({ messageText, file, start }) => ({
    file: path,
    line: file === undefined || start === undefined ? 1 : file.getLineAndCharacterOfPosition(start).line + 1,
    message: `This is not TypeScript: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  }));
}

/** Line of a node, counted from 1. */
export function getLine(source: ParsedSource, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}

function readImport(statement: ts.ImportDeclaration, sdkNames: Map<string, string>, importedNames: Set<string>): void {
  const clause = statement.importClause;
  if (!clause || !ts.isStringLiteral(statement.moduleSpecifier)) return;
  const isSdk = SDK_MODULE.test(statement.moduleSpecifier.text);
  const remember = (local: string, name: string): void => {
    if (isSdk) sdkNames.set(local, name);
    else importedNames.add(local);
  };
  if (clause.name) remember(clause.name.text, 'default');
  const bindings = clause.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) remember(bindings.name.text, '*');
  else for (const element of bindings.elements) remember(element.name.text, (element.propertyName ?? element.name).text);
}

function readConstants(statement: ts.VariableStatement, constants: Map<string, ts.Expression>, exportedNames: Map<string, string>): void {
  if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) return;
  const isExported = statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false;
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!ts.isIdentifier(name) || !initializer) continue;
    constants.set(name.text, initializer);
    if (isExported) exportedNames.set(name.text, name.text);
  }
}

function readExportList(statement: ts.ExportDeclaration, exportedNames: Map<string, string>): void {
  // `export { x } from './y.js'` hands on what another file defines; it is found there.
  if (statement.moduleSpecifier || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) return;
  for (const element of statement.exportClause.elements) {
    exportedNames.set((element.propertyName ?? element.name).text, element.name.text);
  }
}
