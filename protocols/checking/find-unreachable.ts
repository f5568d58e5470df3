// Protocols that nobody can start and nothing calls: most often their author forgot to say that people may start them.

import ts from 'typescript';
import type { FoundProtocol } from '../discovery/discover-protocols.js';
import type { ParsedSource, SourceProblem } from '../discovery/parse-source.js';

export function findUnreachable(sources: readonly ParsedSource[], protocols: readonly FoundProtocol[]): readonly SourceProblem[] {
  const lone = protocols.filter(({ isTopLevel }) => !isTopLevel);
  if (lone.length === 0) return [];
  const times = countNames(sources);
  return lone
    .filter((protocol) => (times.get(toLocalName(protocol)) ?? 0) <= 1)
    .map(({ file, line, column, name }) => ({
      file,
      line,
      column,
      message: `Nobody can start ${name}, and no protocol of this source calls it.`,
      remedy: 'Write isTopLevel: true into its spec where people are to start it.',
    }));
}

/** How often each name stands in the files; a declaration names its own once. */
function countNames(sources: readonly ParsedSource[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) times.set(node.text, (times.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  for (const { tree } of sources) visit(tree);
  return times;
}

function toLocalName({ exportName }: FoundProtocol): string {
  return exportName.split('.').at(-1) ?? exportName;
}
