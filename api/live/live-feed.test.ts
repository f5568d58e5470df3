// The live feed on real Postgres: what readers see is exactly what history holds, whatever is cut, slow or restarted.

import http from 'node:http';
import { appendEvents } from '../../db/history/append-events.js';
import { listEventsAfter } from '../../db/history/event.queries.js';
import { closeRun } from '../../db/runs/run-status.js';
import type { LabEvent, NewEvent } from '../../domain/history/event.js';
import type { Problem } from '../../domain/json/page.js';
import type { Run } from '../../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';

const LIVE = '/api/v1/live';
const STREAMS_MAX = 500;

let api: TestApi;

beforeAll(async () => {
  api = await serveTestApi();
});
afterAll(async () => {
  await api.stop();
});

interface Reader {
  readonly status: number;
  /** What came so far. */
  readonly events: LabEvent[];
  lastId(): string;
  /** Until so many events have come, or the stream has ended. */
  untilCount(count: number): Promise<void>;
  readonly ended: Promise<void>;
  /** Takes nothing more from the connection, or goes on. */
  pause(): void;
  resume(): void;
  cut(): void;
}

async function read(query: string, headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const request = http.get(`${api.url}${LIVE}${query}`, { headers, agent: false });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject));
  const events: LabEvent[] = [];
  let lastId = '';
  let text = '';
  let wake = (): void => undefined;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const messages = (text + chunk).split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const fields = new Map(message.split('\n').map((line) => line.split(/: ?(.*)/su) as [string, string]));
      lastId = fields.get('id') ?? lastId;
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = JSON.parse(data) as LabEvent;
      expect([fields.get('id'), fields.get('event')]).toEqual([String(event.pos), event.type]);
      events.push(event);
    }
    wake();
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      hasEnded = true;
      wake();
      resolve();
    });
    response.once('error', () => undefined);
  });
  return {
    status: response.statusCode ?? 0,
    events,
    lastId: () => lastId,
    untilCount: async (count) => {
      while (events.length < count && !hasEnded) await new Promise<void>((resolve) => (wake = resolve));
    },
    ended,
    pause: () => response.pause(),
    resume: () => response.resume(),
    cut: () => request.destroy(),
  };
}

/** Events outside any run. */
async function write(count: number, text = ''): Promise<void> {
  const events = Array.from(
    { length: count },
    (_, i): NewEvent => ({
      type: 'machine.released',
      atMs: Date.now(),
      runId: null,
      data: { machine: `m${i}`, releasedBy: 'x', note: text },
    }),
  );
  await api.db.transaction().execute((tx) => appendEvents(tx, events));
}

async function readHistory(after: number): Promise<LabEvent[]> {
  const all: LabEvent[] = [];
  for (;;) {
    const page = await listEventsAfter(api.db, { after: all.at(-1)?.pos ?? after, limit: 1000 });
    all.push(...page);
    if (page.length < 1000) return all;
  }
}

const toPos = (events: readonly LabEvent[]): number[] => events.map(({ pos }) => pos);

test('a reader that is cut off after ten events resumes without gap or duplicate while more are written', async () => {
  await write(1000);
  const first = await read('?after=0');
  await first.untilCount(10);
  first.cut();
  const seen = first.events.slice(0, 10);
  const writing = (async () => {
    for (let round = 0; round < 40; round += 1) await write(5);
  })();
  const second = await read('?after=0', { 'last-event-id': String(seen.at(-1)?.pos) });
  await writing;
  const history = await readHistory(0);
  await second.untilCount(history.length - seen.length);
  second.cut();
  expect([...seen, ...second.events]).toEqual(history);
});

test('readers that come at any moment of a busy lab see everything after where they began', async () => {
  const writing = (async () => {
    for (let round = 0; round < 60; round += 1) await write(7);
  })();
  const readers: { from: number; reader: Reader }[] = [];
  for (let count = 0; count < 12; count += 1) {
    const reader = await read(count % 3 === 0 ? '' : `?after=${count * 40}`);
    readers.push({ from: count % 3 === 0 ? -1 : count * 40, reader });
    await write(3);
  }
  await writing;
  const newest = (await readHistory(0)).at(-1)?.pos ?? 0;
  for (const { from, reader } of readers) {
    while ((reader.events.at(-1)?.pos ?? 0) < newest) await reader.untilCount(reader.events.length + 1);
    const begun = from === -1 ? (reader.events[0]?.pos ?? 0) - 1 : from;
    expect(toPos(reader.events)).toEqual(toPos(await readHistory(begun)));
    reader.cut();
  }
});

test('without a position it begins now and says where that is, so that a reader without events resumes there', async () => {
  const newest = (await readHistory(0)).at(-1)?.pos ?? 0;
  const idle = await read('');
  await write(1);
  await idle.untilCount(1);
  expect(toPos(idle.events)).toEqual([newest + 1]);
  idle.cut();
  const quiet = await read('?after=0', { 'last-event-id': String(newest + 1) });
  await write(1);
  await quiet.untilCount(1);
  expect(toPos(quiet.events)).toEqual([newest + 2]);
  quiet.cut();
});

test('of one run only its events, the past first', async () => {
  const run = (await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' })).body;
  await write(300);
  const reader = await read(`?runId=${run.id}&after=0`);
  await write(300);
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
  while (reader.events.at(-1)?.type !== 'run.cancelled') await reader.untilCount(reader.events.length + 1);
  expect(toPos(reader.events)).toEqual(toPos((await readHistory(0)).filter(({ runId }) => runId === run.id)));
  reader.cut();
});

test('a reader that takes nothing is cut off, others are served on, and it misses nothing when it comes back', async () => {
  const before = (await readHistory(0)).at(-1)?.pos ?? 0;
  const slow = await read('');
  const quick = await read('');
  slow.pause();
  // More than the connection itself and the server's buffer hold together.
  for (let round = 0; round < 60; round += 1) await write(5, 'x'.repeat(100_000));
  await quick.untilCount(300);
  slow.resume();
  await slow.ended;
  expect(slow.events.length).toBeLessThan(300);
  const again = await read('', { 'last-event-id': slow.lastId() });
  await again.untilCount(300 - slow.events.length);
  expect(toPos([...slow.events, ...again.events])).toEqual(toPos(await readHistory(before)));
  expect(toPos(quick.events)).toEqual(toPos(await readHistory(before)));
  quick.cut();
  again.cut();
});

test('streams end when the API closes, and go on at the next one', async () => {
  const first = await read('');
  await write(1);
  await first.untilCount(1);
  await api.restart(() => write(3));
  await first.ended;
  const second = await read('', { 'last-event-id': first.lastId() });
  await second.untilCount(3);
  expect(toPos(second.events)).toEqual([1, 2, 3].map((more) => Number(first.lastId()) + more));
  second.cut();
});

test('no more than the limit are open at once; a place is free again when a reader goes', async () => {
  const readers = await Promise.all(Array.from({ length: STREAMS_MAX }, () => read('')));
  expect(readers.map(({ status }) => status)).toEqual(readers.map(() => 200));
  const { body } = await api.get<Problem>(LIVE);
  expect(body).toMatchObject({ status: 503, code: 'TOO_MANY_STREAMS', remedy: expect.stringMatching(/\w/u) as string });
  for (const reader of readers) reader.cut();
  let reader: Reader;
  do reader = await read('');
  while (reader.status !== 200);
  reader.cut();
});

test.each([
  ['?after=-1', {}, 400, 'query.after'],
  ['?after=x', {}, 400, 'query.after'],
  ['?before=1', {}, 400, 'query.before'],
  ['', { 'last-event-id': 'yesterday' }, 400, 'headers.last-event-id'],
  ['?runId=01989f2c-0000-7000-8000-000000000000', {}, 404, 'id'],
])('a bad request is told before anything is streamed: %s %j', async (query, headers, status, field) => {
  const { body } = await api.get<Problem>(`${LIVE}${query}`, headers);
  expect(body).toMatchObject({ status, field });
});
