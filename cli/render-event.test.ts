// What the live view makes of the events of a run: short arguments, and one line for all that a call has kept.

import { createEventRenderer } from './render-event.js';
import type { Terminal } from './terminal.js';
import type { EventType, LabEvent } from '../domain/event.js';
import type { JsonObject } from '../domain/json.js';

function show(events: readonly (readonly [EventType, string, JsonObject?])[]): { lines: readonly string[]; now: string } {
  const lines: string[] = [];
  const terminal: Terminal = { isInteractive: false, line: (text) => lines.push(text), status: () => undefined, paint: (_colour, text) => text };
  const renderer = createEventRenderer(terminal);
  let now = '';
  for (const [index, [type, callPath, data = {}]] of events.entries()) {
    renderer.show({ pos: index, seq: index, type, at: '2026-01-01T00:00:00.000Z', runId: 'r', callPath, data } satisfies LabEvent);
    if (type === 'run.data') now = renderer.describeNow();
  }
  return { lines, now };
}

const reads = Array.from({ length: 60 }, (_, k) => ['run.data', `assay[1.${k + 1}]`, { name: 'absorbance' }] as const);

test('sixty reads in iterations are one line when their call ends, and a count on the status line before', () => {
  const { lines, now } = show([
    ['call.started', 'assay', { arguments: { hours: Array.from({ length: 30 }, (_, k) => k / 3) } }],
    ...reads,
    ['call.started', 'assay[1.60]/fit.1', {}],
    ['run.data', 'assay[1.60]/fit.1', { name: 'fit' }],
    ['call.completed', 'assay[1.60]/fit.1', {}],
    ['call.completed', 'assay', {}],
  ]);
  expect(lines).toEqual([
    '▸ assay  hours=[30 numbers]',
    '  ▸ [1.60]/fit.1',
    '    · kept fit',
    '  ✓ [1.60]/fit.1 completed  0 ms',
    '  · kept absorbance ×60',
    '✓ assay completed  0 ms',
  ]);
  expect(now).toBe('… created  (0 commands ended, kept absorbance ×60, kept fit)');
});

test('what was kept is told at the end of the run where no end of its call came', () => {
  expect(show([...reads.slice(0, 2), ['run.failed', '', {}]]).lines).toEqual(['  · kept absorbance ×2']);
});
