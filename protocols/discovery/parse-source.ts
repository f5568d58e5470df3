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
  readonly column: number;
  readonly message: string;
  /** Where the message itself does not say it. */
  readonly remedy?: string;
  /** The compiler's number, `TS2345`. */
  readonly code?: string;
}

export interface ParsedSource {
  readonly path: string;
  readonly tree: ts.SourceFile;
  /** Local name → name in the SDK; `*` for a namespace import. */
  readonly sdkNames: ReadonlyMap<string, string>;
  /** Everything else that is imported, by local name. `name` is `*` for a namespace import. */
  readonly imports: ReadonlyMap<string, { readonly module: string; readonly name: string }>;
  readonly constants: ReadonlyMap<string, ts.Expression>;
  readonly functions: ReadonlyMap<string, ts.FunctionDeclaration>;
  readonly classes: ReadonlyMap<string, ts.ClassDeclaration>;
  /** Interfaces and type aliases. */
  readonly types: ReadonlyMap<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>;
  /** Local name → exported name. */
  readonly exportedNames: ReadonlyMap<string, string>;
  /** Exported name → what another file defines by it; each of `*` hands all on that its module exports. */
  readonly handedOn: ReadonlyMap<string, { readonly module: string; readonly name: string }>;
  readonly handedOnWhole: readonly string[];
}

/** The SDK by its package name, or by path from within the shipped library. */
export const SDK_MODULE = /^(?:praxis\/sdk|\.{1,2}\/(?:.*\/)?sdk(?:\/[a-z-]+)?(?:\.js)?)$/u;

export function parseSource({ path, text }: SourceText): ParsedSource {
  const tree = ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.ES2022 }, true, ts.ScriptKind.TS);
  const names = {
    sdkNames: new Map<string, string>(),
    imports: new Map<string, { module: string; name: string }>(),
    constants: new Map<string, ts.Expression>(),
    functions: new Map<string, ts.FunctionDeclaration>(),
    classes: new Map<string, ts.ClassDeclaration>(),
    types: new Map<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>(),
    exportedNames: new Map<string, string>(),
    handedOn: new Map<string, { module: string; name: string }>(),
    handedOnWhole: [] as string[],
  };
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, names);
    else if (ts.isVariableStatement(statement)) readConstants(statement, names.constants, names.exportedNames);
    else if (ts.isExportDeclaration(statement)) readExportList(statement, names);
    else if (ts.isFunctionDeclaration(statement)) readNamed(statement, names.functions, names.exportedNames);
    else if (ts.isClassDeclaration(statement)) readNamed(statement, names.classes, names.exportedNames);
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) names.types.set(statement.name.text, statement);
  }
  return { path, tree, ...names };
}

/** Errors of syntax; a file that has any is not looked at further. */
export function findSyntaxProblems({ path, text }: SourceText): readonly SourceProblem[] {
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: options });
  return diagnostics.map(({ messageText, file, start }) => ({
    file: path,
    ...(file === undefined || start === undefined ? { line: 1, column: 1 } : toPlace(file, start)),
    message: `This is not TypeScript: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  }));
}

/** File, line and column of a node, as editors count them. */
export function getPlace(
  node: ts.Node,
  tree = node.getSourceFile(),
): { readonly file: string; readonly line: number; readonly column: number } {
  return { file: tree.fileName, ...toPlace(tree, node.getStart(tree)) };
}

export function toPlace(tree: ts.SourceFile, position: number): { readonly line: number; readonly column: number } {
  const { line, character } = tree.getLineAndCharacterOfPosition(position);
  return { line: line + 1, column: character + 1 };
}

function readImport(
  statement: ts.ImportDeclaration,
  { sdkNames, imports }: { sdkNames: Map<string, string>; imports: Map<string, { module: string; name: string }> },
): void {
  const clause = statement.importClause;
  if (!clause || !ts.isStringLiteral(statement.moduleSpecifier)) return;
  const module = statement.moduleSpecifier.text;
  const isSdk = SDK_MODULE.test(module);
  const remember = (local: string, name: string): void => {
    if (isSdk) sdkNames.set(local, name);
    else imports.set(local, { module, name });
  };
  if (clause.name) remember(clause.name.text, 'default');
  const bindings = clause.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) remember(bindings.name.text, '*');
  else for (const element of bindings.elements) remember(element.name.text, (element.propertyName ?? element.name).text);
}

function readConstants(statement: ts.VariableStatement, constants: Map<string, ts.Expression>, exportedNames: Map<string, string>): void {
  if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) return;
  const isExported = hasModifier(statement, ts.SyntaxKind.ExportKeyword);
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!ts.isIdentifier(name) || !initializer) continue;
    constants.set(name.text, initializer);
    if (isExported) exportedNames.set(name.text, name.text);
  }
}

/** A default export has no name that an entry could import it by. */
function readNamed<N extends ts.FunctionDeclaration | ts.ClassDeclaration>(
  statement: N,
  named: Map<string, N>,
  exportedNames: Map<string, string>,
): void {
  if (!statement.name) return;
  named.set(statement.name.text, statement);
  const isExported = hasModifier(statement, ts.SyntaxKind.ExportKeyword) && !hasModifier(statement, ts.SyntaxKind.DefaultKeyword);
  if (isExported) exportedNames.set(statement.name.text, statement.name.text);
}

export function hasModifier(node: ts.HasModifiers, kind: ts.ModifierSyntaxKind): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}

function readExportList(
  statement: ts.ExportDeclaration,
  names: { exportedNames: Map<string, string>; handedOn: Map<string, { module: string; name: string }>; handedOnWhole: string[] },
): void {
  const { moduleSpecifier, exportClause } = statement;
  const module = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
  if (!exportClause) {
    if (module !== undefined) names.handedOnWhole.push(module);
    return;
  }
  if (!ts.isNamedExports(exportClause)) return;
  for (const element of exportClause.elements) {
    const local = (element.propertyName ?? element.name).text;
    // `export { x } from './y.js'` hands on what another file defines; a protocol is found there.
    if (module === undefined) names.exportedNames.set(local, element.name.text);
    else names.handedOn.set(element.name.text, { module, name: local });
  }
}
