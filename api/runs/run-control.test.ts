// Control, answers and continuation on real Temporal and real Postgres: what reaches the workflow, what is refused, and
// that nothing changes where nobody is there to take it.

import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import path from 'node:path';
import { controlRun } from './control-run.js';
import { createRunIdSource } from './new-run-id.js';
import { connectTemporal } from '../temporal/temporal-client.js';
import { createRun } from '../../db/runs/create-run.js';
import { findDefinition } from '../../db/protocols/definition.queries.js';
import { openItem } from '../../db/inbox/inbox.queries.js';
import { closeRun } from '../../db/runs/run-status.js';
import type { LabEvent } from '../../domain/history/event.js';
import type { InboxItem, InboxSubject } from '../../domain/inbox/inbox.js';
import type { Page, Problem } from '../../domain/json/page.js';
import { checkParameters } from '../../domain/protocols/parameter.js';
import type { Run } from '../../domain/runs/run.js';
import { findProjectRoot } from '../../platform/paths.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { startTestTemporal, type TestTemporal } from '../../test/rig/start-test-temporal.js';

const POLL_INTERVAL_MS = 20;
const DEADLINE_MS = 30_000;
const RUNS = '/api/v1/runs';
const INBOX = '/api/v1/inbox';
const QUESTION: InboxSubject = { kind: 'confirm', text: 'Is the plate foamy?' };
const UNCERTAIN: InboxSubject = {
  kind: 'uncertain-command',
  text: 'Did it move?',
  commandId: 'c',
  machine: 'star',
  method: 'aspirate',
  arguments: {},
  known: 'sent',
};

let server: TestTemporal;
let api: TestApi;
let connection: Connection;
let client: Client;
let nativeConnection: NativeConnection;
let bundle: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startTestTemporal();
  api = await serveTestApi({ temporalAddress: server.address, temporalNamespace: server.namespace });
  connection = Connection.lazy({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
  nativeConnection = await NativeConnection.connect({ address: server.address });
  bundle = (await api.get<{ bundle: string }>('/api/v1/protocols/serial_dilution')).body.bundle;
});
afterAll(async () => {
  await api.stop();
  await connection.close();
  await nativeConnection.close();
  await server.stop();
});

async function withWorker<T>(work: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace: server.namespace,
    taskQueue: `px.${bundle}`,
    workflowsPath: path.join(findProjectRoot(), 'test', 'fixtures', 'workflows', 'waiting-run.ts'),
  });
  return worker.runUntil(work);
}

async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

async function startRun(): Promise<Run> {
  const { body } = await api.post<Run>(RUNS, { protocol: 'serial_dilution' });
  return until('the start', async () => {
    const run = (await api.get<Run>(`${RUNS}/${body.id}`)).body;
    return run.startedAt === null ? undefined : run;
  });
}

/** A row as a dead API leaves it: committed, and Temporal not told. */
async function commitRow(): Promise<Run> {
  const definition = await findDefinition(api.db, 'serial_dilution');
  if (definition === undefined) throw new Error('the library has no serial_dilution');
  const { values } = checkParameters(definition.parameters, {});
  const request = {
    id: createRunIdSource(Date.now)(),
    definition,
    parameters: values,
    requestedAssets: {},
    createdBy: 'test',
    priority: 0,
    requestHash: 'x',
    atMs: Date.now(),
  };
  return (await createRun(api.db, request)).run;
}

async function ask(run: Run, name: string, subject: InboxSubject = QUESTION): Promise<string> {
  const itemId = `${run.id}/serial_dilution/${name}`;
  await openItem(api.db, { itemId, runId: run.id, callPath: 'serial_dilution', workflowId: run.id, subject, atMs: Date.now() });
  return `${INBOX}/${encodeURIComponent(itemId)}`;
}

/** Ends the workflow, if it still runs, and closes the row as the run itself would have. */
async function endRun(run: Run, status: 'cancelled' | 'completed' = 'cancelled'): Promise<void> {
  await client.workflow
    .getHandle(run.id)
    .terminate('end of the test')
    .catch(() => undefined);
  await closeRun(api.db, { runId: run.id, status, atMs: Date.now() });
}

describe('control', () => {
  test('every wish reaches the workflow as a signal with who and why, also without a worker, and repeating it is harmless', async () => {
    const run = await startRun();
    for (const [control, reason] of [
      ['pause', 'coffee'],
      ['pause', 'again'],
      ['resume', ''],
      ['cancel', 'wrong plate'],
      ['cancel', 'really'],
    ] as const) {
      const answer = await api.post<Run>(`${RUNS}/${run.id}/${control}`, { reason });
      expect([answer.status, answer.body.id]).toEqual([202, run.id]);
    }
    expect((await api.get<Run>(`${RUNS}/${run.id}`)).body.status).toBe('cancelling');
    const heard = await withWorker(() => client.workflow.getHandle(run.id).result() as Promise<string[]>);
    expect(heard).toEqual([
      'pause by local: coffee',
      'pause by local: again',
      'resume by local: ',
      'cancel by local: wrong plate',
      'cancel by local: really',
    ]);
    await endRun(run);
  });

  test.each(['pause', 'resume', 'cancel'])('%s of an ended run is refused', async (control) => {
    const run = await startRun();
    await endRun(run);
    const { body } = await api.post<Problem>(`${RUNS}/${run.id}/${control}`, {});
    expect(body).toMatchObject({ status: 409, code: 'RUN_ENDED', field: 'id' });
  });

  test('a run whose workflow was ended outside is RUN_ENDED', async () => {
    const run = await startRun();
    await client.workflow.getHandle(run.id).terminate('from outside');
    expect((await api.post<Problem>(`${RUNS}/${run.id}/pause`, {})).body.code).toBe('RUN_ENDED');
    await endRun(run);
  });

  test('a run that Temporal does not have yet is started with the wish: it hears it before it begins anything', async () => {
    for (const control of ['pause', 'cancel'] as const) {
      let run: Run | undefined;
      await api.restart(async () => {
        run = await commitRow();
        const temporal = connectTemporal(server);
        const world = { db: api.db, temporal, now: Date.now };
        const shown = await controlRun(world, run, { control, reason: 'wrong plate', by: 'ada' });
        expect(shown.status).toBe(control === 'cancel' ? 'cancelling' : 'queued');
        // Once more, before the row says that it was started.
        await controlRun(world, run, { control, reason: 'again', by: 'ada' });
        await temporal.close();
      });
      if (run === undefined) throw new Error('no row was committed');
      const { id } = run;
      // The starter loop finds the workflow that is there.
      await until('the start', async () => ((await api.get<Run>(`${RUNS}/${id}`)).body.startedAt === null ? undefined : true));
      const events = (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
      const kinds = events.map(({ eventType }) => Number(eventType));
      expect(events[1]?.workflowExecutionSignaledEventAttributes?.signalName).toBe(control);
      expect(kinds.filter((kind) => kind === Number(events[0]?.eventType))).toHaveLength(1);
      await endRun(run);
      await expect(
        controlRun({ db: api.db, temporal: connectTemporal(server), now: Date.now }, run, { control, reason: '', by: 'ada' }),
      ).rejects.toMatchObject({ code: 'RUN_ENDED' });
    }
  });

  test('with Temporal down nothing is changed', async () => {
    const run = await startRun();
    const item = await ask(run, 'q1');
    await server.pause();
    const before = await api.countRows();
    const status = (await api.get<Run>(`${RUNS}/${run.id}`)).body.status;
    for (const control of ['pause', 'resume', 'cancel']) {
      expect((await api.post<Problem>(`${RUNS}/${run.id}/${control}`, {})).body).toMatchObject({
        status: 503,
        code: 'TEMPORAL_UNAVAILABLE',
      });
    }
    expect((await api.post<Problem>(`${item}/answer`, { answer: true })).body).toMatchObject({ status: 503, code: 'TEMPORAL_UNAVAILABLE' });
    expect((await api.get<Run>(`${RUNS}/${run.id}`)).body.status).toBe(status);
    expect(await api.countRows()).toEqual(before);
    await server.resume();
    await endRun(run);
  });
});

describe('an answer', () => {
  test('without a worker is 503, and the same answer counts once when the worker is back', async () => {
    const run = await startRun();
    const item = await ask(run, 'q1');
    const before = await api.countRows();
    const silent = await api.post<Problem>(`${item}/answer`, { answer: true });
    expect(silent.body).toMatchObject({ status: 503, code: 'NO_WORKER' });
    expect(await api.countRows()).toEqual(before);
    expect((await api.get<InboxItem>(item)).body.status).toBe('open');
    await withWorker(async () => {
      const taken = await api.post<InboxItem>(`${item}/answer`, { answer: true, note: 'all over' });
      expect(taken.status).toBe(200);
      expect(taken.body).toMatchObject({ status: 'answered', answer: true, answeredBy: 'local', runId: run.id });
      expect((await api.post<InboxItem>(`${item}/answer`, { answer: true })).status).toBe(200);
    });
    await endRun(run);
  });

  test('the first one counts: the others are told who was first, when and what', async () => {
    const run = await startRun();
    const item = await ask(run, 'q1');
    await withWorker(async () => {
      const answers = await Promise.all([true, false].map((answer) => api.post<Problem>(`${item}/answer`, { answer })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const first = answers.findIndex(({ status }) => status === 200) === 0;
      const refused = answers.find(({ status }) => status === 409);
      expect(refused?.body).toMatchObject({
        code: 'ITEM_ANSWERED',
        detail: expect.stringMatching(new RegExp(`^local answered this at 20.*Z with ${first}\\.$`, 'u')) as string,
      });
    });
    await endRun(run);
  });

  test('that nobody waits for is refused with the words of the workflow', async () => {
    const run = await startRun();
    const item = await ask(run, 'q2');
    const { body } = await withWorker(() => api.post<Problem>(`${item}/answer`, { answer: true }));
    expect(body).toMatchObject({ status: 404, code: 'ITEM_NOT_FOUND', detail: 'Nothing waits for that.' });
    await endRun(run);
    expect((await api.post<Problem>(`${item}/answer`, { answer: true })).body).toMatchObject({ status: 409, code: 'ITEM_WITHDRAWN' });
  });

  test('that contradicted the deck may be given again once the deck is as it says', async () => {
    const run = await startRun();
    const item = await ask(run, 'q1', UNCERTAIN);
    const answer = { happened: 'not-done', then: 'abort' };
    await withWorker(async () => {
      const refused = await api.post<Problem>(`${item}/answer`, { answer });
      expect(refused.body).toMatchObject({
        status: 422,
        code: 'BAD_STATEMENT',
        detail: expect.stringContaining('No tip on channel 0') as string,
      });
      expect((await api.get<InboxItem>(item)).body.status).toBe('open');
      expect((await api.post<InboxItem>(`${item}/answer`, { answer })).body).toMatchObject({ status: 'answered', answer });
    });
    await endRun(run);
  });

  test.each<[string, InboxSubject, unknown]>([
    ['a word for yes or no', QUESTION, 'yes'],
    ['a number out of range', { kind: 'number', text: 'How many?', min: 1, max: 8 }, 9],
    ['what was not offered', { kind: 'choose', text: 'Which?', choices: ['A', 'B'] }, 'C'],
    ['no object for a command', UNCERTAIN, true],
    ['a retry of what was done', UNCERTAIN, { happened: 'done', then: 'retry' }],
  ])('of the wrong form is refused before anybody is asked: %s', async (_name, subject, answer) => {
    const run = await startRun();
    const item = await ask(run, 'q1', subject);
    const before = await api.countRows();
    expect((await api.post<Problem>(`${item}/answer`, { answer })).body).toMatchObject({
      status: 422,
      code: 'ANSWER_TYPE',
      field: 'answer',
    });
    expect(await api.countRows()).toEqual(before);
    expect((await api.get<InboxItem>(item)).body.status).toBe('open');
    await endRun(run);
  });

  test('items are listed by run and status, and a run tells how many are open', async () => {
    const run = await startRun();
    await ask(run, 'q1');
    await ask(run, 'q2');
    expect((await api.get<Run>(`${RUNS}/${run.id}`)).body).toMatchObject({ openItems: 2, status: 'needs-operator' });
    const open = await api.get<Page<InboxItem>>(`${INBOX}?status=open&runId=${run.id}&limit=1`);
    const rest = await api.get<Page<InboxItem>>(`${INBOX}?status=open&runId=${run.id}&limit=1&cursor=${open.body.nextCursor}`);
    expect([...open.body.items, ...rest.body.items].map(({ id }) => id)).toEqual([
      `${run.id}/serial_dilution/q1`,
      `${run.id}/serial_dilution/q2`,
    ]);
    await endRun(run);
    expect((await api.get<Page<InboxItem>>(`${INBOX}?status=open&runId=${run.id}`)).body.items).toEqual([]);
    expect((await api.get<Page<InboxItem>>(`${INBOX}?runId=${run.id}`)).body.items.map(({ status }) => status)).toEqual([
      'withdrawn',
      'withdrawn',
    ]);
  });
});

describe('a run that continues another', () => {
  const from = 'serial_dilution/mix_down.2';

  test('has its protocol, parameters and items, and takes the ledger along', async () => {
    const old = (await api.post<Run>(RUNS, { protocol: 'serial_dilution', parameters: { numDilutions: 3 }, priority: 7, timeScale: 10 }))
      .body;
    await until('the start', async () => ((await api.get<Run>(`${RUNS}/${old.id}`)).body.startedAt === null ? undefined : true));
    await withWorker(async () => {
      await client.workflow.getHandle(old.id).signal('cancel');
      await client.workflow.getHandle(old.id).result();
      await closeRun(api.db, { runId: old.id, status: 'failed', atMs: Date.now() });
      const refused = await api.post<Problem>(`${RUNS}/${old.id}/continue`, { from: 'serial_dilution/nowhere.1', isDeckConfirmed: true });
      expect(refused.body).toMatchObject({
        status: 409,
        code: 'NOT_CONTINUABLE',
        field: 'from',
        detail: expect.stringContaining('There was no such call') as string,
      });
      const elsewhere = await api.post<Problem>(`${RUNS}/${old.id}/continue`, { from: 'serial_dilution', isDeckConfirmed: true });
      expect(elsewhere.body).toMatchObject({
        status: 409,
        code: 'NOT_CONTINUABLE',
        field: 'from',
        detail: expect.stringContaining('serial_dilution/mix_down.2') as string,
      });
      const key = { 'idempotency-key': 'continue-1' };
      const continued = await api.post<Run>(`${RUNS}/${old.id}/continue`, { from, isDeckConfirmed: true, reason: 'new tips' }, key);
      expect(continued.status).toBe(201);
      expect(continued.body).toMatchObject({
        continuesRunId: old.id,
        version: old.version,
        parameters: old.parameters,
        assets: old.assets,
        priority: 7,
        timeScale: 10,
      });
      const again = await api.post<Run>(`${RUNS}/${old.id}/continue`, { from, isDeckConfirmed: true, reason: 'new tips' }, key);
      expect([again.status, again.body.id]).toEqual([200, continued.body.id]);
      const { body: told } = await api.get<Page<LabEvent>>(`${RUNS}/${continued.body.id}/events?limit=1`);
      expect(told.items[0]).toMatchObject({ type: 'run.created', data: { continuesRunId: old.id, from, reason: 'new tips' } });
      const [envelope] = await until('the workflow', async () => {
        const { events } = await client.workflow
          .getHandle(continued.body.id)
          .fetchHistory()
          .catch(() => ({ events: undefined }));
        const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
        return payloads?.map(({ data }) => JSON.parse(Buffer.from(data ?? []).toString('utf8')) as unknown);
      });
      expect(envelope).toMatchObject({ continues: { runId: old.id, ledger: { upTo: from } }, timeScale: 10 });
      await endRun(continued.body);
    });
    const before = await api.countRows();
    expect((await api.post<Problem>(`${RUNS}/${old.id}/continue`, { from, isDeckConfirmed: true })).body).toMatchObject({
      status: 503,
      code: 'NO_WORKER',
    });
    expect(await api.countRows()).toEqual(before);
  });

  test('is refused while the old one lives, after it has completed, and before somebody has looked at the deck', async () => {
    const run = await startRun();
    const before = await api.countRows();
    const go = (body: object) => api.post<Problem>(`${RUNS}/${run.id}/continue`, { from, ...body });
    expect((await go({ isDeckConfirmed: true })).body).toMatchObject({ status: 409, code: 'NOT_CONTINUABLE', field: 'id' });
    expect(await api.countRows()).toEqual(before);
    await endRun(run);
    const ended = await api.countRows();
    const unconfirmed = await go({});
    expect(unconfirmed.body).toMatchObject({ status: 422, code: 'DECK_NOT_CONFIRMED', field: 'isDeckConfirmed' });
    for (const { name } of Object.values(run.assets)) expect(unconfirmed.body.detail).toContain(name);
    expect((await go({ isDeckConfirmed: true })).body).toMatchObject({
      status: 409,
      code: 'NOT_CONTINUABLE',
      detail: expect.stringContaining('nothing to take over') as string,
    });
    expect(await api.countRows()).toEqual(ended);
    const completed = await startRun();
    await endRun(completed, 'completed');
    const refused = await api.post<Problem>(`${RUNS}/${completed.id}/continue`, { from, isDeckConfirmed: true });
    expect(refused.body).toMatchObject({ status: 409, code: 'NOT_CONTINUABLE', remedy: 'Start a new run.' });
  });
});
