// The API on real Postgres with Temporal down: every bad input is told by code, field and remedy and writes nothing;
// good requests are answered from the database alone.

import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import type { LabEvent } from '../domain/history/event.js';
import type { CallStatistics } from '../domain/runs/call-statistics.js';
import type { Page, Problem } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { recordCalls } from '../db/runs/call.queries.js';
import { closeRun } from '../db/runs/run-status.js';

const RUNS = '/api/v1/runs';
const UNKNOWN_ID = '01989f2c-0000-7000-8000-000000000000';

let api: TestApi;

beforeAll(async () => {
  api = await serveTestApi();
});
afterAll(async () => {
  await api.stop();
});

async function endRun(run: Run): Promise<void> {
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
}

describe('a refused request', () => {
  const protocol = 'serial_dilution';
  const cases: [name: string, body: unknown, status: number, code: string, field: string | undefined][] = [
    ['unknown protocol', { protocol: 'serial_dilutoin' }, 404, 'PROTOCOL_NOT_FOUND', 'protocol'],
    ['unknown version', { protocol, version: '99.0.0' }, 404, 'PROTOCOL_NOT_FOUND', 'version'],
    ['protocol that is not top-level', { protocol: 'mix_down' }, 404, 'PROTOCOL_NOT_FOUND', 'protocol'],
    ['unknown parameter', { protocol, parameters: { dilutions: 3 } }, 422, 'UNKNOWN_PARAMETER', 'parameters.dilutions'],
    ['parameter out of range', { protocol, parameters: { numDilutions: 12 } }, 422, 'PARAMETER_RANGE', 'parameters.numDilutions'],
    ['parameter of the wrong type', { protocol, parameters: { numDilutions: 'eight' } }, 422, 'PARAMETER_TYPE', 'parameters.numDilutions'],
    ['inherited name as a parameter', { protocol, parameters: { constructor: 1 } }, 422, 'UNKNOWN_PARAMETER', 'parameters.constructor'],
    ['unknown item', { protocol, assets: { plate: 'no_such_plate' } }, 422, 'UNKNOWN_ASSET', 'assets.plate'],
    ['unknown asset name', { protocol, assets: { centrifuge: 'plate_1' } }, 422, 'UNKNOWN_ASSET', 'assets.centrifuge'],
    ['missing protocol', {}, 400, 'INVALID_REQUEST', 'protocol'],
    ['unknown body key', { protocol, paramters: {} }, 400, 'INVALID_REQUEST', 'paramters'],
    ['time scale below one', { protocol, timeScale: 0.5 }, 400, 'INVALID_REQUEST', 'timeScale'],
    ['time scale out of range', { protocol, timeScale: 100_001 }, 400, 'INVALID_REQUEST', 'timeScale'],
    ['priority out of range', { protocol, priority: 1e9 }, 400, 'INVALID_REQUEST', 'priority'],
    ['body that is an array', [], 400, 'INVALID_REQUEST', 'body'],
    ['body that is null', null, 400, 'INVALID_REQUEST', 'body'],
    ['malformed JSON', '{"protocol":', 400, 'MALFORMED_JSON', 'body'],
    ['__proto__ in the body', '{"protocol":"serial_dilution","__proto__":{"priority":9}}', 400, 'INVALID_REQUEST', '__proto__'],
    [
      '__proto__ in the parameters',
      '{"protocol":"serial_dilution","parameters":{"__proto__":{}}}',
      400,
      'INVALID_REQUEST',
      'parameters.__proto__',
    ],
    [
      'deep nesting',
      `{"protocol":"serial_dilution","parameters":{"x":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
      400,
      'INVALID_REQUEST',
      'parameters.x.0',
    ],
    ['body of 17 MB', JSON.stringify({ protocol, parameters: { x: 'y'.repeat(17 * 1024 * 1024) } }), 413, 'BODY_TOO_LARGE', 'body'],
  ];
  test.each(cases)('%s', async (_name, body, status, code, field) => {
    const before = await api.countRows();
    const answer = await api.post<Problem>(RUNS, body);
    expect(answer.body).toMatchObject({
      status,
      code,
      ...(field !== undefined && { field }),
      remedy: expect.stringMatching(/\w/u) as string,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/u);
    expect(answer.body.detail).toMatch(/\w/u);
    expect(await api.countRows()).toEqual(before);
  });

  const unknownRun = `${RUNS}/${UNKNOWN_ID}`;
  const item = `/api/v1/inbox/${encodeURIComponent(`${UNKNOWN_ID}/serial_dilution/q1`)}`;
  test.each([
    ...['pause', 'resume', 'cancel'].flatMap((control): [string, unknown, number, string, string][] => [
      [`${unknownRun}/${control}`, {}, 404, 'RUN_NOT_FOUND', 'id'],
      [`${RUNS}/last/${control}`, {}, 404, 'RUN_NOT_FOUND', 'id'],
      [`${unknownRun}/${control}`, { reson: 'typo' }, 400, 'INVALID_REQUEST', 'reson'],
      [`${unknownRun}/${control}`, { reason: 'x'.repeat(1001) }, 400, 'INVALID_REQUEST', 'reason'],
      [`${unknownRun}/${control}?force=1`, {}, 400, 'INVALID_REQUEST', 'query.force'],
    ]),
    [`${unknownRun}/continue`, { from: 'serial_dilution', isDeckConfirmed: true }, 404, 'RUN_NOT_FOUND', 'id'],
    [`${unknownRun}/continue`, { isDeckConfirmed: true }, 400, 'INVALID_REQUEST', 'from'],
    [`${unknownRun}/continue`, { from: 'serial_dilution', isDeckConfirmed: 'yes' }, 400, 'INVALID_REQUEST', 'isDeckConfirmed'],
    [`${unknownRun}/continue`, { from: 'serial_dilution', parameters: {} }, 400, 'INVALID_REQUEST', 'parameters'],
    [`${item}/answer`, { answer: true }, 404, 'ITEM_NOT_FOUND', 'id'],
    [`${item}/answer`, {}, 400, 'INVALID_REQUEST', 'answer'],
    [`${item}/answer`, { answer: true, by: 'somebody else' }, 400, 'INVALID_REQUEST', 'by'],
    [`${item}/answer`, '{"answer":{"__proto__":1}}', 400, 'INVALID_REQUEST', 'answer.__proto__'],
  ])('POST %s %j', async (route, body, status, code, field) => {
    const before = await api.countRows();
    const answer = await api.post<Problem>(route, body);
    expect(answer.body).toMatchObject({ status, code, field, remedy: expect.stringMatching(/\w/u) as string });
    expect(await api.countRows()).toEqual(before);
  });

  test('names what was probably meant', async () => {
    const { body } = await api.post<Problem>(RUNS, { protocol: 'serial_dilutoin' });
    expect(body.remedy).toContain('serial_dilution');
  });

  test('an asset of the wrong kind', async () => {
    const before = await api.countRows();
    const machines = await api.get<Page<{ name: string }>>('/api/v1/machines');
    const answer = await api.post<Problem>(RUNS, { protocol, assets: { plate: machines.body.items[0]?.name } });
    expect(answer.body).toMatchObject({ status: 422, code: 'ASSET_MISMATCH', field: 'assets.plate' });
    expect(await api.countRows()).toEqual(before);
  });

  test('every problem is listed, the first one is the document', async () => {
    const { body } = await api.post<Problem>(RUNS, { protocol, parameters: { numDilutions: 0, factor: 'two', nothing: 1 } });
    expect(body.problems?.map(({ code, field }) => [code, field])).toEqual(
      expect.arrayContaining([
        ['UNKNOWN_PARAMETER', 'parameters.nothing'],
        ['PARAMETER_RANGE', 'parameters.numDilutions'],
        ['PARAMETER_TYPE', 'parameters.factor'],
      ]),
    );
    expect(body).toMatchObject(body.problems?.[0] ?? { code: 'no problems' });
  });

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/json; charset=latin1']])(
    'content type %s',
    async (contentType) => {
      const answer = await api.post<Problem>(RUNS, { protocol }, { 'content-type': contentType });
      expect(answer.body).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', field: 'body' });
    },
  );

  test.each([
    [`${RUNS}/${UNKNOWN_ID}`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/${UNKNOWN_ID}/calls`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/${UNKNOWN_ID}/commands`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/${UNKNOWN_ID}/events?waitMs=30000`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/not-a-uuid`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/%00`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/%zz`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?limit=201`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?limit=`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?limit=1e2`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?status=sleeping`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?statsu=queued`, 400, 'INVALID_REQUEST'],
    [`${RUNS}?cursor=nonsense`, 400, 'INVALID_REQUEST'],
    [`${RUNS}/${UNKNOWN_ID}/state`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/${UNKNOWN_ID}/data`, 404, 'RUN_NOT_FOUND'],
    [`${RUNS}/${UNKNOWN_ID}/data?after=1`, 400, 'INVALID_REQUEST'],
    ['/api/v1/inbox?status=closed', 400, 'INVALID_REQUEST'],
    ['/api/v1/inbox?cursor=nonsense', 400, 'INVALID_REQUEST'],
    [`/api/v1/inbox/${encodeURIComponent(`${UNKNOWN_ID}/serial_dilution/q1`)}`, 404, 'ITEM_NOT_FOUND'],
    ['/api/v1/inbox/%00', 404, 'ITEM_NOT_FOUND'],
    ['/api/v1/protocols/none', 404, 'PROTOCOL_NOT_FOUND'],
    ['/api/v1/protocols/none/statistics', 404, 'PROTOCOL_NOT_FOUND'],
    ['/api/v1/protocols/%00/statistics', 404, 'PROTOCOL_NOT_FOUND'],
    ['/api/v1/protocols/serial_dilution/statistics?version=1.0.0', 400, 'INVALID_REQUEST'],
    ['/api/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
  ])('GET %s', async (route, status, code) => {
    const { body } = await api.get<Problem>(route);
    expect(body).toMatchObject({ status, code, remedy: expect.stringMatching(/\w/u) as string });
  });

  test('a foreign Host, as after DNS rebinding', async () => {
    const status = await new Promise((resolve, reject) => {
      http
        .get(`${api.url}/api/v1/health`, { headers: { host: 'lab.example.org' } }, (response) => resolve(response.resume().statusCode))
        .on('error', reject);
    });
    expect(status).toBe(403);
  });

  test('a write by a page of another origin', async () => {
    const before = await api.countRows();
    const { body } = await api.post<Problem>(RUNS, { protocol }, { origin: 'http://lab.example.org' });
    expect(body).toMatchObject({ status: 403, code: 'FOREIGN_ORIGIN', field: 'headers.origin' });
    expect(await api.countRows()).toEqual(before);
  });
});

describe('a run', () => {
  test('is created with its defaults, and the same key gives it again', async () => {
    const key = { 'idempotency-key': 'test-key-1' };
    const request = { protocol: 'serial_dilution', parameters: { numDilutions: 3 } };
    const first = await api.post<Run>(RUNS, request, key);
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`${RUNS}/${first.body.id}`);
    expect(first.body.parameters).toMatchObject({ numDilutions: 3, startRow: 'A', factor: 2 });
    const repeated = await api.post<Run>(RUNS, { ...request, priority: 0 }, key);
    expect([repeated.status, repeated.body.id]).toEqual([200, first.body.id]);
    const other = await api.post<Problem>(RUNS, { protocol: 'serial_dilution', parameters: { numDilutions: 4 } }, key);
    expect(other.body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_MISMATCH' });
    await endRun(first.body);
  });

  test('waits for assets in use, and the resource says who holds them', async () => {
    const holder = (await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body;
    const waiter = await api.post<Run>(RUNS, { protocol: 'serial_dilution' });
    expect(waiter.status).toBe(201);
    const { body } = await api.get<Run>(`${RUNS}/${waiter.body.id}`);
    expect(body.status).toBe('queued');
    expect(body.waitingFor?.[0]).toMatchObject({ heldByRunId: holder.id, heldByProtocol: 'serial_dilution', reason: 'held' });
    const machines = await api.get<Page<{ status: string; heldByRunId: string }>>('/api/v1/machines');
    expect(machines.body.items.map(({ heldByRunId }) => heldByRunId)).toContain(holder.id);
    const reservations = await api.get<Page<{ runId: string }>>('/api/v1/reservations');
    expect(reservations.body.items.map(({ runId }) => runId)).toEqual(expect.arrayContaining([holder.id]));
    await endRun(waiter.body);
    await endRun(holder);
  });

  test('is found in pages, the newest first', async () => {
    const runs: Run[] = [];
    for (let count = 0; count < 3; count += 1) runs.push((await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body);
    const first = await api.get<Page<Run>>(`${RUNS}?limit=2`);
    expect(first.body.items.map(({ id }) => id)).toEqual([runs[2]?.id, runs[1]?.id]);
    const second = await api.get<Page<Run>>(`${RUNS}?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.items[0]?.id).toBe(runs[0]?.id);
    for (const run of runs.reverse()) await endRun(run);
  });

  test('has no state and no data before its first call, and no inbox item', async () => {
    const run = (await api.post<Run>(RUNS, { protocol: 'serial_dilution', timeScale: 100 })).body;
    expect(run).toMatchObject({ pauseReasons: [], openItems: 0, timeScale: 100 });
    expect((await api.get(`${RUNS}/${run.id}/state`)).body).toEqual({});
    expect((await api.get(`${RUNS}/${run.id}/data`)).body).toEqual({ items: [] });
    expect((await api.get(`/api/v1/inbox?runId=${run.id}`)).body).toEqual({ items: [] });
    await endRun(run);
  });

  test('wakes a long poll when something happens to it', async () => {
    const run = (await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body;
    const past = await api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events`);
    expect(past.body.items[0]).toMatchObject({ type: 'run.created', seq: 1, runId: run.id });
    const poll = api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events?after=${past.body.nextCursor}&waitMs=30000`);
    await endRun(run);
    const { items } = (await poll).body;
    expect(items.at(-1)?.type).toBe('run.cancelled');
  });

  test('each answer tells a position up to which its rows are new, and what follows from there misses nothing', async () => {
    const run = (await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body;
    const { headers, body } = await api.get<Run>(`${RUNS}/${run.id}`);
    const told = (await api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events`)).body.items;
    const pos = Number(headers.get('praxis-pos'));
    expect(Number.isInteger(pos)).toBe(true);
    await endRun(run);
    const later = await api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events?after=${pos}`);
    expect(later.body.items.at(-1)?.type).toBe('run.cancelled');
    expect([body.status, pos <= Number(later.headers.get('praxis-pos'))]).toEqual(['queued', true]);
    expect(told.every((event) => event.pos <= pos || later.body.items.some((again) => again.pos === event.pos))).toBe(true);
    expect((await api.get('/api/v1/health')).headers.get('praxis-pos')).toBeNull();
  });

  test('a long poll ends when the API closes', async () => {
    const run = (await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body;
    const { nextCursor } = (await api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events`)).body;
    const poll = api.get<Page<LabEvent>>(`${RUNS}/${run.id}/events?after=${nextCursor}&waitMs=30000`);
    // The request must have been taken before the API stops taking any.
    await api.get('/api/v1/health');
    await api.restart();
    expect((await poll).body.items).toEqual([]);
    await endRun(run);
  });
});

describe('the reference', () => {
  test('is a valid OpenAPI document of the routes that are served', async () => {
    const { body } = await api.get<{ paths: object; openapi: string }>('/api/v1/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/u);
    // The validator loads ES modules by require, which jest's loader on Node 20 cannot: it runs in a process of its own.
    const script = `import parser from '@apidevtools/swagger-parser'; await parser.validate('${api.url}/api/v1/openapi.json', { resolve: { http: { safeUrlResolver: false } } });`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining([RUNS, `${RUNS}/{id}/events`, '/api/v1/protocols/{name}']));
  });

  test('is also a page', async () => {
    const response = await fetch(`${api.url}/api/v1/docs`);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/u);
    expect(await response.text()).toContain('/api/v1/runs/{id}/events');
  });

  test('health tells that Temporal is down and serves all the same', async () => {
    const { status, body } = await api.get('/api/v1/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', database: 'ok', temporal: 'unavailable' });
  });

  test('protocols are listed and shown', async () => {
    const { body } = await api.get<Page<{ name: string }>>('/api/v1/protocols');
    expect(body.items.map(({ name }) => name)).toContain('serial_dilution');
    const one = await api.get('/api/v1/protocols/serial_dilution');
    expect(one.body).toMatchObject({
      name: 'serial_dilution',
      isTopLevel: true,
      parameters: { numDilutions: { type: 'integer', max: 11 } },
    });
  });

  test('statistics tell of nested protocols, of none that was not called yet, and of what is published no more', async () => {
    expect((await api.get('/api/v1/protocols/mix_down/statistics')).body).toEqual({ items: [] });
    const run = (await api.post<Run>(RUNS, { protocol: 'serial_dilution' })).body;
    const names = ['mix_down', 'gone_since'];
    const entries = names.map((name, index) => ({
      n: index + 1,
      phase: 'started' as const,
      path: `serial_dilution/${name}.1`,
      atMs: Date.now(),
      name,
      version: '1.0.0',
      kind: 'inline' as const,
    }));
    await recordCalls(api.db, run.id, { workflowId: run.id, entries });
    for (const name of names) {
      const { status, body } = await api.get<Page<CallStatistics>>(`/api/v1/protocols/${name}/statistics`);
      expect([status, body.items]).toMatchObject([
        200,
        [{ name, version: '1.0.0', calls: 1, running: 1, durationMs: null, commandsPerCall: 0 }],
      ]);
    }
    await endRun(run);
    const { body } = await api.get<Page<CallStatistics>>('/api/v1/protocols/mix_down/statistics');
    expect(body.items).toMatchObject([{ cancelled: 1, running: 0, durationMs: { max: expect.any(Number) as number } }]);
  });
});
