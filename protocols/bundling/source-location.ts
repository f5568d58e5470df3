// Where in an author's file something happened: the frames of a stack that point into a bundle, read back through the map
// that the bundle carries.

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { SourcePlace } from '../../domain/rehearsal/rehearsal.js';

const MAP_MARK = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
/** Files of the tree that authors don't write; packages that they import lie elsewhere. */
const AUTHORS = /^protocols\/(?!sdk\/)/u;

/** The place of the first frame in a file that authors write; undefined where the stack never comes there. */
export function findSourcePlace(bundleFile: string, stack: string): SourcePlace | undefined {
  const map = readMap(bundleFile);
  if (!map) return undefined;
  for (const [, line, column] of stack.matchAll(/:(\d+):(\d+)\)?$/gmu)) {
    // Stacks count from 1, maps from 0.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) continue;
    const file = toTreePath(entry.originalSource);
    if (AUTHORS.test(file)) return { file, line: entry.originalLine + 1 };
  }
  return undefined;
}

function readMap(bundleFile: string): SourceMap | undefined {
  const code = readFileSync(bundleFile, 'utf8');
  const at = code.lastIndexOf(MAP_MARK);
  if (at < 0) return undefined;
  const text = Buffer.from(code.slice(at + MAP_MARK.length).split('\n', 1)[0] ?? '', 'base64').toString('utf8');
  return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
}

/** Bundlers write paths with a scheme of their own before them. */
function toTreePath(source: string): string {
  return source.replace(/^webpack:\/\/[^/]*\//u, '').replace(/^(?:\.\/|\/)+/u, '');
}
