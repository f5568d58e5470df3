// Finds calls of plain protocol functions in other code. A run that is started from such a function tracks it; called as a
// function it is only code of its caller: no entry in the call tree, no result of its own. That is allowed, and said.

import { posix } from 'node:path';
import ts from 'typescript';
import { getPlace, type ParsedSource, type SourceProblem } from './parse-source.js';

/** `file#exportName` of a plain function. */
export type PlainFunctions = ReadonlySet<string>;

export function toFunctionKey(file: string, exportName: string): string {
  return `${file}#${exportName}`;
}

export function findUntrackedCalls(source: ParsedSource, plain: PlainFunctions): readonly SourceProblem[] {
  const names = listLocalNames(source, plain);
  if (names.size === 0) return [];
  const warnings: SourceProblem[] = [];
  const visit = (node: ts.Node): void => {
    const called = ts.isCallExpression(node) ? toText(node.expression) : undefined;
    if (called !== undefined && names.has(called)) {
      const message = `${called}() is a plain function, so this call of it is not tracked; declare it with protocolFunction({ … }) to see it in the call tree.`;
      warnings.push({ ...getPlace(node), message });
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source.tree, visit);
  return warnings;
}

/** What plain functions are called in this file: `mix`, or `steps.mix` behind a namespace import. */
function listLocalNames(source: ParsedSource, plain: PlainFunctions): ReadonlySet<string> {
  const own = [...source.exportedNames].flatMap(([local, exported]) => (plain.has(toFunctionKey(source.path, exported)) ? [local] : []));
  const imported = [...source.imports].flatMap(([local, { module, name }]) => {
    const file = toFile(source.path, module);
    if (file === undefined) return [];
    if (name !== '*') return plain.has(toFunctionKey(file, name)) ? [local] : [];
    return [...plain].flatMap((key) => (key.startsWith(`${file}#`) ? [`${local}.${key.slice(file.length + 1)}`] : []));
  });
  return new Set([...own, ...imported]);
}

/** `./steps/mix.js` in `assays/a.ts` → `assays/steps/mix.ts`; undefined for a package. */
function toFile(from: string, module: string): string | undefined {
  if (!module.startsWith('.')) return undefined;
  return posix
    .join(posix.dirname(from), module)
    .replace(/\.[jt]s$/u, '')
    .concat('.ts');
}

function toText(callee: ts.Expression): string | undefined {
  if (ts.isIdentifier(callee)) return callee.text;
  if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.expression)) return undefined;
  return `${callee.expression.text}.${callee.name.text}`;
}
