// What the live view makes of the events of a run: short arguments, and one line for all that a call has kept.

import { createEventRenderer } from './render-event.js';
import type { Terminal } from '../terminal/terminal.js';
import { EVENT_TYPES, type EventType, type LabEvent } from '../../domain/history/event.js';
import type { JsonObject } from '../../domain/json/json.js';

function show(events: readonly (readonly [EventType, string, JsonObject?])[]): { lines: readonly string[]; now: string } {
  const lines: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    width: null,
    line: (text) => lines.push(text),
    status: () => undefined,
    paint: (_colour, text) => text,
  };
  const renderer = createEventRenderer(terminal);
  let now = '';
  for (const [index, [type, callPath, data = {}]] of events.entries()) {
    renderer.show({ pos: index, seq: index, type, at: '2026-01-01T00:00:00.000Z', runId: 'r', callPath, data } as LabEvent);
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

test('every type of event is told: by a line of its own, or by the question and the last line that the watch adds', () => {
  const data: JsonObject = {
    id: 'r/c/1/0',
    machine: 'star',
    method: 'stop',
    arguments: {},
    text: 'x',
    name: 'od',
    waitingFor: [{ asset: 'star', heldByRunId: 'r2', heldByProtocol: 'p', reason: 'held' }],
  };
  const untold = EVENT_TYPES.filter(
    (type) =>
      show([...(type.startsWith('command.') ? [['command.began', 'c', data] as const] : []), [type, 'c', data], ['run.failed', '', {}]])
        .lines.length === 0,
  );
  // A command that has begun has its line when it ends, or when output without a status line announces it.
  expect(untold).toEqual(['inbox.opened', 'run.completed', 'run.failed', 'run.cancelled', 'command.began']);
});

test('what each channel did is told with the error of a command that some channels did', () => {
  const error = {
    code: 'PARTLY_DONE',
    message: 'Channel 1 failed.',
    channels: { 0: { done: true }, 1: { done: false, code: 'TIP_MISSING', message: 'no tip' } },
  };
  const { lines } = show([
    ['command.began', 'c', { id: 'r/c/1/0', machine: 'star', method: 'pick_up_tips', arguments: {} }],
    ['command.failed', 'c', { id: 'r/c/1/0', error }],
  ]);
  expect(lines).toEqual([
    expect.stringContaining('PARTLY_DONE: Channel 1 failed.  (channel 0 done; channel 1 not done, TIP_MISSING: no tip)'),
  ]);
});
