// Calls, journal rows and events on a real Postgres: repeats, any order, foreign rows, gapless history.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Call, CallEntry } from '../../domain/runs/call.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { JournalRow } from '../../domain/wire/wire.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { getCallTree, recordCalls } from '../runs/call.queries.js';
import { listCommands } from '../runs/command.queries.js';
import { createRun } from '../runs/create-run.js';
import { lastShippedRow, shipJournalRows } from './journal.queries.js';
import { getRun } from '../runs/run.queries.js';
import { toCommandRows, toRequest, useTestLab, readHistory } from '../test-lab.js';
import { appendEvents } from '../history/append-events.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;
let runId: string;

useTestLab(async (lab) => {
  ({ db, definition } = lab);
  runId = (await createRun(db, toRequest(definition))).run.id;
});

/** A root with a branch of two calls, one of which fails; 1 … 8 in the order of the workflow. */
function toEntries(): CallEntry[] {
  const names = (name: string): Partial<CallEntry> => ({ name, version: '1', kind: 'inline', arguments: { vol: 1 } });
  const error = { code: 'TIP_MISSING', message: 'No tip.' };
  const given: readonly Omit<CallEntry, 'n' | 'atMs'>[] = [
    { phase: 'started', path: 'root', ...names('root'), kind: 'run' },
    { phase: 'started', path: 'root/mix.1', ...names('mix') },
    { phase: 'started', path: 'root/mix.2', ...names('mix') },
    { phase: 'started', path: 'root/mix.2/transfer.1', ...names('transfer') },
    { phase: 'failed', path: 'root/mix.2/transfer.1', error },
    { phase: 'cancelled', path: 'root/mix.2' },
    { phase: 'completed', path: 'root/mix.1', result: [1, 'µL', null] },
    { phase: 'completed', path: 'root', result: null },
  ];
  return given.map((entry, i) => ({ n: i + 1, atMs: AT_MS + Math.floor(i / 2), ...entry }));
}

describe('calls', () => {
  test('make a tree with children in the order of their start', async () => {
    expect(await getCallTree(db, runId)).toBeUndefined();
    await recordCalls(db, runId, { workflowId: runId, entries: toEntries() });
    const tree = await getCallTree(db, runId);
    expect(tree).toMatchObject({
      path: 'root',
      kind: 'run',
      status: 'completed',
      result: null,
      arguments: { vol: 1 },
      startedAt: new Date(AT_MS).toISOString(),
    });
    expect(tree?.children.map((call) => [call.path, call.status, call.result])).toEqual([
      ['root/mix.1', 'completed', [1, 'µL', null]],
      ['root/mix.2', 'cancelled', undefined],
    ]);
    expect(tree?.children[1]?.children).toMatchObject([
      { path: 'root/mix.2/transfer.1', status: 'failed', error: { code: 'TIP_MISSING' }, children: [] },
    ]);
    expect((await getRun(db, runId))?.counts.calls).toBe(4);
  });

  test('come out the same in any order, portion and repetition (seeded)', async () => {
    const whole = { workflowId: runId, entries: toEntries() };
    await recordCalls(db, runId, whole);
    const expected = await getCallTree(db, runId);
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = toRandom(seed);
      const other = (await createRun(db, toRequest(definition))).run.id;
      const shuffled = [...toEntries(), ...toEntries()].map((entry) => ({ entry, key: random() })).sort((a, b) => a.key - b.key);
      const log = shuffled.map(({ entry }) => entry);
      while (log.length > 0) await recordCalls(db, other, { workflowId: other, entries: log.splice(0, 1 + Math.floor(random() * 5)) });
      const events = (await readHistory(db, { runId: other, after: 0, limit: 99 })).filter((event) => event.type.startsWith('call.'));
      const told = events.map((event) => event.data['n']).sort();
      expect({ seed, tree: await getCallTree(db, other), told }).toEqual({ seed, tree: expected, told: [1, 2, 3, 4, 5, 6, 7, 8] });
    }
  });

  test('in parallel from eight writers lose and double nothing', async () => {
    const entries = toEntries();
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        recordCalls(db, runId, { workflowId: runId, entries: [...entries.slice(i), ...entries.slice(0, i)] }),
      ),
    );
    const events = await readHistory(db, { runId, after: 0, limit: 99 });
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await getCallTree(db, runId))?.status).toBe('completed');
  });

  test('an end that comes before its start and its parent is shown as far as it is known', async () => {
    const entries = toEntries();
    await recordCalls(db, runId, { workflowId: runId, entries: [entries[0], entries[4]].filter((entry) => entry !== undefined) });
    const tree: Call | undefined = await getCallTree(db, runId);
    expect(tree?.children).toMatchObject([{ path: 'root/mix.2/transfer.1', name: 'transfer', status: 'failed' }]);
  });
});

describe('journal', () => {
  test('rows become commands, counts and events, in order, with the calls they carry', async () => {
    const [first, ...others] = toEntries();
    const rows = toCommandRows(runId, 3);
    const withCalls = rows.map((row): JournalRow => {
      const entries = row.row === 1 ? [first] : row.row === 6 ? [first, ...others] : undefined;
      return entries === undefined ? row : { ...row, body: { ...row.body, calls: { workflowId: runId, text: JSON.stringify(entries) } } };
    });
    expect(await lastShippedRow(db, 'b')).toBe(0);
    expect(await shipJournalRows(db, 'b', withCalls.slice(0, 5))).toBe(5);
    expect((await listCommands(db, runId, { limit: 9 })).items.map((command) => command.status)).toEqual([
      'completed',
      'completed',
      'running',
    ]);
    expect(await shipJournalRows(db, 'b', withCalls.slice(3))).toBe(6);
    const page = await listCommands(db, runId, { limit: 2 });
    const rest = await listCommands(db, runId, { limit: 2, cursor: page.nextCursor });
    expect([...page.items, ...rest.items].map((command) => command.id)).toEqual([1, 2, 3].map((n) => `${runId}/serial_dilution/${n}/0`));
    expect(rest.items).toEqual([
      {
        id: `${runId}/serial_dilution/3/0`,
        callPath: 'serial_dilution',
        machine: 'star',
        method: 'aspirate',
        arguments: { vols: [2] },
        status: 'completed',
        retry: 0,
        beganAt: new Date(AT_MS + 20).toISOString(),
        endedAt: new Date(AT_MS + 25).toISOString(),
        result: { i: 2 },
      },
    ]);
    expect((await getRun(db, runId))?.counts).toEqual({ calls: 4, commands: { completed: 3, failed: 0, uncertain: 0 } });
    const types = (await readHistory(db, { runId, after: 0, limit: 99 })).map((event) => event.type);
    expect(types.slice(0, 4)).toEqual(['run.created', 'call.started', 'command.began', 'command.completed']);
    expect(types.slice(-8)).toEqual([...others.map((entry) => `call.${entry.phase}`), 'command.completed']);
  });

  test('the same rows again, overlapping or in parallel change nothing', async () => {
    const rows = toCommandRows(runId, 40);
    await Promise.all([rows.slice(0, 50), rows, rows.slice(0, 20), rows.slice(10)].map((part) => shipJournalRows(db, 'b', part)));
    expect(await shipJournalRows(db, 'b', rows)).toBe(80);
    const before = (await readHistory(db, { after: 0, limit: 999 })).length;
    expect(await shipJournalRows(db, 'b', rows.slice(30, 60))).toBe(80);
    expect((await readHistory(db, { after: 0, limit: 999 })).length).toBe(before);
    expect(before).toBe(81);
    expect((await getRun(db, runId))?.counts.commands.completed).toBe(40);
  });

  test('rows after a gap are not taken', async () => {
    const rows = toCommandRows(runId, 5);
    expect(await shipJournalRows(db, 'b', rows.slice(4))).toBe(0);
    expect(await shipJournalRows(db, 'b', [...rows.slice(0, 3), ...rows.slice(6)])).toBe(3);
    expect(await lastShippedRow(db, 'b')).toBe(3);
  });

  test('an end without SENT makes the command; every outcome is told; an outcome stays', async () => {
    const statuses = ['failed', 'stopped', 'uncertain'] as const;
    const rows = toCommandRows(runId, 3).filter((row) => row.kind === 'END');
    const ends = rows.map((row, i): JournalRow => {
      const command = {
        runId,
        callPath: 'serial_dilution',
        n: i + 1,
        retry: 0,
        machine: 'star',
        method: 'aspirate',
        arguments: {},
        fence: 1,
      };
      const error = { code: 'TIP_MISSING', message: 'No tip\u0000.', channels: { 0: 'x' } };
      const outcome = { status: statuses[i] ?? 'failed', result: null, error, beganAtMs: null, endedAtMs: AT_MS, sends: 0 };
      return { ...row, row: i + 1, body: { outcome, delta: {}, command } };
    });
    await shipJournalRows(db, 'b', ends);
    const late = toCommandRows(runId, 1, { firstRow: 4 });
    await shipJournalRows(db, 'b', late);
    const commands = (await listCommands(db, runId, { limit: 9 })).items;
    expect(commands.map((command) => [command.status, command.beganAt, command.error?.code])).toEqual(
      statuses.map((status) => [status, null, 'TIP_MISSING']),
    );
    expect(commands[0]?.error?.message).toBe('No tip\\u0000.');
    expect((await readHistory(db, { runId, after: 0, limit: 99 })).map((event) => event.type)).toEqual([
      'run.created',
      ...statuses.map((status) => `command.${status}`),
    ]);
  });

  test.each<[string, JsonObject]>([
    ['values, as older generations sent them', { entries: [{ n: 1 }, null, 'x'] }],
    ['a text', { text: '[{"n":1},null,"x"]' }],
    ['a text that is cut', { text: '[{"n":1' }],
  ])('foreign, broken and other rows are kept and block nothing; calls as %s', async (_how, calls) => {
    const foreign = toCommandRows(randomUUID(), 1);
    const rows: JournalRow[] = [
      { row: 1, kind: 'BOOT', atMs: AT_MS, commandId: null, body: {} },
      ...foreign.map((row, i) => ({ ...row, row: i + 2 })),
      { row: 4, kind: 'SENT', atMs: AT_MS, commandId: 'x', body: { command: { runId: 'no uuid', n: 'one' } } },
      { row: 5, kind: 'END', atMs: AT_MS, commandId: null, body: { outcome: 7 } },
      { row: 6, kind: 'REPLACE', atMs: AT_MS, commandId: null, body: { requestId: 'r', runId, labware: ['tips_1'] } },
      ...toCommandRows(runId, 1, { firstRow: 7, body: { calls: { workflowId: runId, ...calls } } }),
    ];
    expect(await shipJournalRows(db, 'b', rows)).toBe(8);
    const stored = await db.selectFrom('journal_row').select(['row', 'skipped']).orderBy('row').execute();
    expect(stored.filter((row) => row.skipped !== null).map((row) => row.row)).toEqual([2, 3, 4, 5]);
    const events = await readHistory(db, { runId, after: 0, limit: 99 });
    expect(events.map((event) => event.type)).toEqual(['run.created', 'labware.replaced', 'command.began', 'command.completed']);
    expect(events[1]?.data).toMatchObject({ labware: ['tips_1'], requestId: 'r' });
  });
});

describe('history', () => {
  test('positions are gapless and appear in order under eight writers, also when some roll back', async () => {
    const seen: number[] = [];
    let isDone = false;
    const reader = (async () => {
      for (let after = 0, wasDone = false; !wasDone; ) {
        wasDone = isDone;
        for (const event of await readHistory(db, { after, limit: 500 })) seen.push((after = event.pos));
      }
    })();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 20; i += 1) {
        const write = db.transaction().execute(async (tx) => {
          const target = writer % 2 === 0 ? runId : null;
          await appendEvents(
            tx,
            [1, 2].map((n) => ({ type: 'call.started', atMs: AT_MS, runId: target, data: { workflowId: `${writer}/${i}`, n } })),
          );
          if (i % 5 === 4) throw new Error('rolled back on purpose');
        });
        await write.catch((error: unknown) => {
          expect(String(error)).toBe('Error: rolled back on purpose');
        });
      }
    });
    await Promise.all(writers);
    isDone = true;
    await reader;
    expect(seen).toEqual(Array.from({ length: 1 + 8 * 16 * 2 }, (_, i) => i + 1));
    const ofRun = await readHistory(db, { runId, after: 0, limit: 500 });
    expect(ofRun.map((event) => event.seq)).toEqual(Array.from({ length: 1 + 4 * 16 * 2 }, (_, i) => i + 1));
  });

  test('cannot be changed', async () => {
    await readHistory(db, { after: 0, limit: 1 });
    await expect(db.deleteFrom('event').execute()).rejects.toThrow('append-only');
    await expect(db.updateTable('event').set({ pos: 9 }).execute()).rejects.toThrow('append-only');
    for (const change of [
      'delete from event_row',
      `update event_row set data = '{}'`,
      'delete from event_position',
      'update event_position set seq = 1',
    ]) {
      await expect(sql.raw(change).execute(db)).rejects.toThrow('append-only');
    }
  });
});

/** Mulberry32: small, and the same on every machine. */
function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
