// Events of call-log entries: what is large is left to the rows.

import { expect, test } from '@jest/globals';
import type { CallEntry } from '../../domain/runs/call.js';
import { toEntryEvent } from './entry-event.js';

const tell = (entry: Omit<CallEntry, 'n' | 'path' | 'atMs'>) =>
  toEntryEvent({ runId: 'r', workflowId: 'w', entry: { n: 1, path: 'a/b.1', atMs: 1, ...entry } })?.data;

test('arguments and results up to 64 KiB are told, larger ones are not, counted in bytes', () => {
  const small = 'x'.repeat(60_000);
  const large = 'µ'.repeat(40_000);
  expect(tell({ phase: 'started', name: 'b', arguments: { small } })).toMatchObject({ arguments: { small } });
  expect(tell({ phase: 'started', name: 'b', arguments: { large } })).not.toHaveProperty('arguments');
  expect(tell({ phase: 'completed', result: small })).toMatchObject({ result: small });
  expect(tell({ phase: 'completed', result: large })).toEqual({ workflowId: 'w', n: 1 });
  expect(tell({ phase: 'started', name: 'b', arguments: {}, ended: { n: 2, phase: 'completed', atMs: 3, result: large } })).toEqual({
    workflowId: 'w',
    n: 2,
    name: 'b',
    arguments: {},
    startedAtMs: 1,
  });
});
