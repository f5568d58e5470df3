// The call tree on a terminal: where the answer was cut, a line says how to see the rest.

import { expect, test } from '@jest/globals';
import type { Call } from '../../domain/runs/call.js';
import { renderTree } from './render-tree.js';
import type { Terminal } from '../terminal/terminal.js';

const terminal = { paint: (_colour: string, text: string) => text } as Terminal;

const toCall = (path: string, childCount: number, children: readonly Call[] = []): Call => ({
  ...{ path, name: 'x', version: '1', kind: 'inline', status: 'completed', arguments: {}, childCount, children },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:01.000Z' },
});

test('what was left out is counted, with what a person types to see it', () => {
  const tree = toCall('a', 9, [toCall('a[1.2]/b.1', 3)]);
  expect(renderTree(tree, [], terminal, 5)).toEqual([
    expect.stringContaining('a'),
    expect.stringMatching(/^├─ .*b\.1/u),
    "│  └─ … 3 other calls: --call 'a[1.2]/b.1' --after 0",
    '└─ … 3 other calls: --call a --after 6',
  ]);
  expect(renderTree(toCall('a', 1, [toCall('a/b.1', 0)]), [], terminal).at(-1)).toMatch(/^└─ ✓ b\.1/u);
});
