// Reads a workcell file, and says in one sentence what is wrong with it: file, line, column, field, and the nearest known name.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { LabError } from '../domain/errors/error.js';
import type { Json } from '../domain/json/json.js';
import { checkWorkcellSpec } from '../domain/workcells/check-workcell-spec.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';

/** Editors of Windows put it in front. */
const BYTE_ORDER_MARK = '\uFEFF';
const FAULTS_TOLD_MAX = 3;

/** Throws INVALID_REQUEST. */
export async function readWorkcellFile(file: string): Promise<WorkcellSpec> {
  const text = (await readText(file)).replace(BYTE_ORDER_MARK, '');
  const tree = ts.parseJsonText(file, text);
  const value = parse(file, text, tree);
  const faults = checkWorkcellSpec(value);
  if (faults.length === 0) return value as unknown as WorkcellSpec;
  const told = faults.slice(0, FAULTS_TOLD_MAX).map(({ path: where, message }) => `${toPlace(tree, findField(tree, where))}: ${message}`);
  const more = faults.length > FAULTS_TOLD_MAX ? ` ${faults.length - FAULTS_TOLD_MAX} more follow.` : '';
  throw refuse(`${told.join(' ')}${more}`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new LabError('INVALID_REQUEST', {
      message: `The workcell file ${file} cannot be read: ${(cause as Error).message}.`,
      remedy: 'Set PRAXIS_WORKCELL_FILE to a file that is there.',
      cause,
    });
  }
}

function parse(file: string, text: string, tree: ts.JsonSourceFile): Json {
  const { parseDiagnostics: [fault] = [] } = tree as ts.JsonSourceFile & { readonly parseDiagnostics?: readonly ts.Diagnostic[] };
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const extension = path.extname(file);
    const what = fault ? ts.flattenDiagnosticMessageText(fault.messageText, ' ') : (cause as Error).message;
    const hint = extension === '.json' ? '' : ` A workcell file is JSON, not ${extension.slice(1) || 'text'}.`;
    const at = /at position (\d+)/u.exec((cause as Error).message)?.[1];
    throw refuse(`${toPlace(tree, Number(at ?? fault?.start ?? 0))}: This is not JSON: ${what}${hint}`);
  }
}

function refuse(message: string): LabError {
  return new LabError('INVALID_REQUEST', { message, remedy: 'Mend the workcell file and start again.' });
}

function toPlace(tree: ts.SourceFile, position: number): string {
  const { line, character } = tree.getLineAndCharacterOfPosition(position);
  return `${tree.fileName}:${line + 1}:${character + 1}`;
}

/** Where the field of a path stands, or the nearest thing around it. */
function findField(tree: ts.JsonSourceFile, where: string): number {
  let found: ts.Node = tree.statements[0]?.expression ?? tree;
  let value: ts.Node | undefined = found;
  for (const key of where.split('.').filter((part) => part !== '')) {
    const next: ts.Node | undefined = value && findPart(value, key);
    if (!next) break;
    found = next;
    value = ts.isPropertyAssignment(next) ? next.initializer : next;
  }
  return found.getStart(tree);
}

function findPart(value: ts.Node, key: string): ts.Node | undefined {
  if (ts.isArrayLiteralExpression(value)) return value.elements[Number(key)];
  if (!ts.isObjectLiteralExpression(value)) return undefined;
  return value.properties.find(
    (property) => property.name !== undefined && ts.isStringLiteral(property.name) && property.name.text === key,
  );
}
