// Run state, measurements, notes, calls of children and resolutions on a real Postgres: each once, in any order.

import type { CallEntry } from '../../domain/runs/call.js';
import type { LabEvent } from '../../domain/history/event.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { Database } from '../connection/connect-database.js';
import { getCallTree, recordCalls } from '../runs/call.queries.js';
import { listCommands } from '../runs/command.queries.js';
import { createRun } from '../runs/create-run.js';
import { shipJournalRows } from './journal.queries.js';
import { noteRequester } from '../assets/replaceable.queries.js';
import { getRunState, listRunData } from '../runs/run-data.queries.js';
import { getRun } from '../runs/run.queries.js';
import { toCommandRows, toRequest, useTestLab, readHistory } from '../test-lab.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let runId: string;

useTestLab(async (lab) => {
  ({ db } = lab);
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
});

type Given = Omit<CallEntry, 'n' | 'atMs' | 'path'>;

const toEntry = (n: number, given: Given): CallEntry => ({ n, atMs: AT_MS + n, path: 'root', ...given });

async function listEvents(type?: string): Promise<LabEvent[]> {
  const events = await readHistory(db, { runId, after: 0, limit: 99 });
  return type === undefined ? events : events.filter((event) => event.type === type);
}

test('the newest state stays, whichever comes last, twice or in between; children say nothing of it', async () => {
  expect(await getRunState(db, runId)).toEqual({});
  const states = [1, 2, 3].map((n) => toEntry(n, { phase: 'state', state: { od: n } }));
  for (const entries of [states.slice(1, 2), states, states.slice(0, 1), states])
    await recordCalls(db, runId, { workflowId: runId, entries });
  expect(await getRunState(db, runId)).toEqual({ od: 3 });
  await recordCalls(db, runId, { workflowId: `${runId}.c`, entries: [toEntry(9, { phase: 'state', state: { od: 9 } })] });
  expect(await getRunState(db, runId)).toEqual({ od: 3 });
  expect((await listEvents()).map((event) => event.type)).toEqual(['run.created']);
});

test('measurements are kept once, in pages, with the value or the result of their command; large ones are not told', async () => {
  const large = 'x'.repeat(5_000);
  const entries = [
    toEntry(1, { phase: 'data', data: { name: 'od', value: 0.4 } }),
    toEntry(2, { phase: 'data', data: { name: 'image', value: large } }),
    toEntry(3, { phase: 'data', data: { name: 'read', commandId: `${runId}/serial_dilution/1/0` } }),
    toEntry(4, { phase: 'note', note: { title: 'Done', text: 'The plate is ready.' } }),
  ];
  const calls = { workflowId: runId, entries } as unknown as JsonObject;
  const [sent, ended] = toCommandRows(runId, 1) as [JournalRow, JournalRow];
  await shipJournalRows(db, 'b', [sent, { ...ended, body: { ...ended.body, calls } }]);
  for (let i = 0; i < 2; i += 1) await recordCalls(db, runId, { workflowId: runId, entries });
  const page = await listRunData(db, { runId, limit: 2 });
  const rest = await listRunData(db, { runId, limit: 2, cursor: page.nextCursor });
  expect([...page.items, ...rest.items]).toEqual([
    { name: 'od', callPath: 'root', at: new Date(AT_MS + 1).toISOString(), value: 0.4 },
    { name: 'image', callPath: 'root', at: new Date(AT_MS + 2).toISOString(), value: large },
    { name: 'read', callPath: 'root', at: new Date(AT_MS + 3).toISOString(), value: { i: 0 }, commandId: `${runId}/serial_dilution/1/0` },
  ]);
  const told = (await listEvents('run.data')).map(({ data }) => [data['name'], data['value'], data['commandId']]);
  expect(told).toEqual([
    ['od', 0.4, undefined],
    ['image', undefined, undefined],
    ['read', undefined, `${runId}/serial_dilution/1/0`],
  ]);
  expect((await listEvents('run.notified')).map(({ data }) => [data['title'], data['text']])).toEqual([['Done', 'The plate is ready.']]);
  expect(await listRunData(db, { runId: 'x', limit: 1 })).toEqual({ items: [] });
});

test('a child’s entries count in the child, also in the log of its parent; the call names its workflow', async () => {
  const child = `${runId}.c`;
  const started: Given = { phase: 'started', name: 'mix', version: '1', kind: 'child', arguments: {}, childWorkflowId: child };
  const inner: Given = { phase: 'started', name: 'inner', version: '1', kind: 'inline', arguments: {} };
  const parentLog = [toEntry(1, started), { ...toEntry(1, { ...inner, workflowId: child }), path: 'root/inner.1' }];
  await recordCalls(db, runId, { workflowId: runId, entries: parentLog });
  await recordCalls(db, runId, { workflowId: child, entries: [{ ...toEntry(1, inner), path: 'root/inner.1' }] });
  const tree = await getCallTree(db, runId);
  expect(tree).toMatchObject({ path: 'root', kind: 'child', workflowId: child });
  expect(tree?.children).toMatchObject([{ path: 'root/inner.1', status: 'running' }]);
  expect(tree?.children[0]).not.toHaveProperty('workflowId');
  expect((await listEvents('call.started')).map(({ data }) => data['workflowId'])).toEqual([runId, child]);
});

test('a call whose end came with its start is told once, at its end, in the order in which things happened', async () => {
  const quick = {
    ...toEntry(2, {
      phase: 'started',
      name: 'quick',
      version: '1',
      kind: 'inline',
      arguments: { text: 'a\u0000b\ud800' },
      ended: { n: 4, phase: 'completed', atMs: AT_MS + 40, result: '\u0000' },
    }),
    path: 'root/quick.1',
  };
  const entries = [
    toEntry(1, { phase: 'started', name: 'root', version: '1', kind: 'run', arguments: {} }),
    quick,
    toEntry(3, { phase: 'note', note: { title: 'Between', text: '' } }),
  ];
  for (let i = 0; i < 2; i += 1) await recordCalls(db, runId, { workflowId: runId, entries });
  const told = await listEvents();
  expect(told.map(({ type }) => type)).toEqual(['run.created', 'call.started', 'run.notified', 'call.completed']);
  expect(told.at(-1)).toMatchObject({
    at: new Date(AT_MS + 40).toISOString(),
    callPath: 'root/quick.1',
    data: { n: 4, name: 'quick', startedAtMs: AT_MS + 2, result: '\u0000' },
  });
  expect((await getCallTree(db, runId))?.children).toMatchObject([
    {
      path: 'root/quick.1',
      status: 'completed',
      arguments: { text: 'a\u0000b\ud800' },
      result: '\u0000',
      startedAt: new Date(AT_MS + 2).toISOString(),
      endedAt: new Date(AT_MS + 40).toISOString(),
    },
  ]);
});

test('a resolution makes the command resolved, once, also in the batch of its end; holds and broken rows change nothing', async () => {
  const [sent, ended] = toCommandRows(runId, 1) as [JournalRow, JournalRow];
  const { commandId } = sent;
  const outcome = {
    status: 'uncertain',
    result: null,
    error: { code: 'UNCERTAIN', message: 'Who knows.' },
    beganAtMs: AT_MS,
    endedAtMs: AT_MS,
    sends: 1,
  };
  const resolved = { requestId: commandId, commandId, happened: 'partly', corrections: [], by: 'ada', note: 'Half of it.', delta: {} };
  const rows: JournalRow[] = [
    sent,
    { ...ended, body: { outcome, delta: {} } },
    { row: 3, kind: 'HOLD', atMs: AT_MS, commandId: null, body: { runId, rev: 1, isHeld: true } },
    { row: 4, kind: 'RESOLVE', atMs: AT_MS + 5, commandId, body: resolved },
    { row: 5, kind: 'RESOLVE', atMs: AT_MS + 6, commandId, body: { ...resolved, by: 'eve' } },
    { row: 6, kind: 'RESOLVE', atMs: AT_MS, commandId: 'unknown', body: resolved },
    { row: 7, kind: 'RESOLVE', atMs: AT_MS, commandId, body: { happened: 'perhaps' } },
  ];
  await shipJournalRows(db, 'b', rows.slice(0, 2));
  expect((await getRun(db, runId))?.counts.commands.uncertain).toBe(1);
  await shipJournalRows(db, 'b', rows);
  await shipJournalRows(
    db,
    'other',
    rows.map((row) => ({ ...row })),
  );
  expect((await listCommands(db, runId, { limit: 9 })).items).toMatchObject([
    { status: 'resolved', resolution: { happened: 'partly', by: 'ada', note: 'Half of it.', at: new Date(AT_MS + 5).toISOString() } },
  ]);
  expect((await getRun(db, runId))?.counts.commands.uncertain).toBe(0);
  expect((await listEvents('command.resolved')).map(({ data }) => [data['happened'], data['by']])).toEqual([['partly', 'ada']]);
  const skipped = await db
    .selectFrom('journal_row')
    .select('row')
    .where('bridge_id', '=', 'b')
    .where('skipped', 'is not', null)
    .orderBy('row')
    .execute();
  expect(skipped.map(({ row }) => row)).toEqual([6, 7]);
});

test('a replacement says who asked for it, where that is known', async () => {
  await noteRequester(db, 'r1', 'ada');
  const rows = ['r1', 'r2'].map((requestId, i): JournalRow => {
    return { row: i + 1, kind: 'REPLACE', atMs: AT_MS, commandId: null, body: { requestId, runId, labware: ['tips_1'] } };
  });
  await shipJournalRows(db, 'b', rows);
  expect((await listEvents('labware.replaced')).map(({ data }) => data['by'])).toEqual(['ada', undefined]);
});
