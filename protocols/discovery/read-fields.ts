// Reads a block of named things, `{ steps: param.integer(), … }`, each by itself, so that every problem is told at once.

import type ts from 'typescript';
import { readMembers, report, type StaticReader } from './static-reader.js';

/** Names of parameters and assets: what a command line and a form can carry. */
const FIELD = /^[a-z]\w*$/iu;

export function readFields<Spec>(
  reader: StaticReader,
  block: ts.Expression | undefined,
  read: (reader: StaticReader, name: string, node: ts.Expression) => Spec | undefined,
): Readonly<Record<string, Spec>> {
  const fields: Record<string, Spec> = {};
  for (const [name, node] of (block && readMembers(reader, block)) ?? []) {
    requireFieldName(reader, name, node);
    const spec = read(reader, name, node);
    if (spec !== undefined) fields[name] = spec;
  }
  return fields;
}

export function requireFieldName(reader: StaticReader, name: string, node: ts.Node): void {
  if (FIELD.test(name)) return;
  report(reader, node, `'${name}' is no name for a parameter or asset; write letters, digits and _ after a first letter.`);
}
