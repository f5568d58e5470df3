// How runs meet Temporal, on the real server and real Postgres, with no worker on the queues: a row becomes exactly one
// workflow whatever dies in between, and a workflow that is ended from outside ends its run.

import { Client, Connection } from '@temporalio/client';
import { createRunIdSource } from './new-run-id.js';
import { startReconciler } from '../loops/reconciler.js';
import { startStarterLoop } from '../loops/starter-loop.js';
import { connectTemporal, type TemporalClient } from '../temporal/temporal-client.js';
import { createRun } from '../../db/runs/create-run.js';
import { findDefinition } from '../../db/protocols/definition.queries.js';
import { listMachines, releaseMachine } from '../../db/assets/asset.queries.js';
import { listReservations } from '../../db/runs/reservation.queries.js';
import { getRun, listUnstartedRuns } from '../../db/runs/run.queries.js';
import { closeRun } from '../../db/runs/run-status.js';
import { checkParameters } from '../../domain/protocols/parameter.js';
import type { Run } from '../../domain/runs/run.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';
import { startTestTemporal, type TestTemporal } from '../../test/rig/start-test-temporal.js';

/** Temporal's number of the command. */
const COMMAND_FAIL_WORKFLOW = 5;
const POLL_INTERVAL_MS = 20;
const DEADLINE_MS = 30_000;
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const newRunId = createRunIdSource(Date.now);

let server: TestTemporal;
let api: TestApi;
let temporal: TemporalClient;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  server = await startTestTemporal();
  api = await serveTestApi({ temporalAddress: server.address, temporalNamespace: server.namespace });
  temporal = connectTemporal(server);
  connection = Connection.lazy({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
});
afterAll(async () => {
  await api.stop();
  await temporal.close();
  await connection.close();
  await server.stop();
});

async function until<T>(what: string, read: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

/** A row as a dead API leaves it: committed, and nobody told. */
async function commitRow(): Promise<Run> {
  const definition = await findDefinition(api.db, 'serial_dilution');
  if (definition === undefined) throw new Error('the library has no serial_dilution');
  const { values } = checkParameters(definition.parameters, { numDilutions: 3 });
  const request = {
    id: newRunId(),
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

async function untilStarted(runId: string): Promise<Run> {
  return until(`start of ${runId}`, async () => {
    const run = await getRun(api.db, runId);
    return run?.startedAt === null ? undefined : run;
  });
}

/** Which a lost run leaves quarantined, all of them. */
async function releaseMachines(run: Run): Promise<void> {
  const held = Object.values(run.assets).filter(({ kind }) => kind === 'machine');
  const machines = await listMachines(api.db);
  expect(held.length).toBeGreaterThan(0);
  for (const { id } of held) {
    expect(machines.find((machine) => machine.id === id)?.status).toBe('quarantined');
    await releaseMachine(api.db, { machineId: id, atMs: Date.now(), releasedBy: 'test', note: 'looked at it' });
  }
}

async function countWorkflows(runId: string): Promise<number> {
  let count = 0;
  for await (const execution of client.workflow.list({ query: `WorkflowId = '${runId}'` })) if (execution.workflowId === runId) count += 1;
  return count;
}

async function endRun(runId: string): Promise<void> {
  await client.workflow.getHandle(runId).terminate('end of the test');
  await closeRun(api.db, { runId, status: 'cancelled', atMs: Date.now() });
}

test('a posted run becomes a workflow that says what it is', async () => {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 5 } });
  const started = await untilStarted(run.id);
  expect(started.status).toBe('running');
  const workflow = await client.workflow.getHandle(run.id).describe();
  expect(workflow).toMatchObject({ type: 'serial_dilution', taskQueue: `px.${run.bundle}`, memo: { version: run.version } });
  expect(await workflow.staticSummary()).toMatch(/^serial_dilution .*numDilutions=5/u);
  const attributes = Object.fromEntries(workflow.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  expect(attributes).toMatchObject({ PraxisProtocol: 'serial_dilution', PraxisBundle: run.bundle, PraxisUser: 'local' });
  await endRun(run.id);
});

test('starting the same run again is the same workflow, also when it has ended', async () => {
  await api.restart(async () => {
    const run = await commitRow();
    const unstarted = (await listUnstartedRuns(api.db, 10)).find(({ id }) => id === run.id);
    if (unstarted === undefined) throw new Error('the row is not among the unstarted ones');
    const start = () => temporal.startRun(unstarted.envelope, unstarted.bundle);
    const [first, ...repeats] = await Promise.all([start(), start(), start()]);
    for (const repeat of repeats) expect(repeat).toEqual(first);
    await client.workflow.getHandle(run.id).terminate('ended before the next attempt');
    expect(await start()).toEqual(first);
    await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
  });
});

test('a row whose API died before the start is started once, by any number of loops', async () => {
  let run: Run | undefined;
  await api.restart(async () => {
    run = await commitRow();
    expect(await temporal.describeRun(run.id)).toEqual({ phase: 'missing' });
  });
  // The served API has a loop; these are the loops of two more processes.
  const loops = [0, 1].map(() => startStarterLoop({ db: api.db, temporal, logger, now: Date.now }));
  await untilStarted(run?.id ?? '');
  await Promise.all(loops.map((loop) => loop.close()));
  await until('one workflow in the list', async () => (await countWorkflows(run?.id ?? '')) === 1);
  await endRun(run?.id ?? '');
});

test('a run that is posted while Temporal is down starts when it is back', async () => {
  await server.pause();
  const { status, body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  expect(status).toBe(201);
  expect((await api.get<{ temporal: string }>('/api/v1/health')).body.temporal).toBe('unavailable');
  await server.resume();
  await untilStarted(run.id);
  expect(await temporal.describeRun(run.id)).toEqual({ phase: 'open' });
  await endRun(run.id);
});

test('a terminated workflow ends its run, frees its assets and quarantines its machines', async () => {
  const run = await commitRow();
  await untilStarted(run.id);
  await client.workflow.getHandle(run.id).terminate('from outside');
  const reconciler = startReconciler({ db: api.db, temporal, logger, now: Date.now });
  await until('the run is closed', async () => {
    reconciler.poke();
    return (await getRun(api.db, run.id))?.endedAt !== null;
  });
  await reconciler.close();
  const closed = await getRun(api.db, run.id);
  expect(closed).toMatchObject({
    status: 'failed',
    error: { code: 'RUN_TERMINATED', message: expect.stringContaining('terminated') as string },
  });
  expect((await listReservations(api.db)).filter(({ runId }) => runId === run.id)).toEqual([]);
  await releaseMachines(run);
});

test('a workflow that failed by itself ends its run with what it failed with', async () => {
  const run = await commitRow();
  await untilStarted(run.id);
  const { workflowService } = connection;
  // There is no worker: the test takes the task, and gives the answer that a worker gives for code that failed.
  const taskToken = await until('its task', async () => {
    const task = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      workflowService.pollWorkflowTaskQueue({ namespace: server.namespace, taskQueue: { name: `px.${run.bundle}` } }),
    );
    return task.workflowExecution?.workflowId === run.id && task.taskToken;
  });
  const failure = {
    message: 'The code of the run emptied what its engine sends.',
    applicationFailureInfo: { type: 'PROTOCOL_ERROR', nonRetryable: true },
  };
  const command = { commandType: COMMAND_FAIL_WORKFLOW, failWorkflowExecutionCommandAttributes: { failure } };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enumeration is in a package that nothing else needs
  await workflowService.respondWorkflowTaskCompleted({ namespace: server.namespace, taskToken, commands: [command] });
  const reconciler = startReconciler({ db: api.db, temporal, logger, now: Date.now });
  const closed = await until('the run is closed', async () => {
    reconciler.poke();
    const found = await getRun(api.db, run.id);
    return found?.endedAt !== null && found;
  });
  await reconciler.close();
  expect(closed).toMatchObject({
    status: 'failed',
    error: { code: 'PROTOCOL_ERROR', message: `${failure.message} The run ended without its cleanups.` },
  });
  await releaseMachines(run);
});

test('nothing is closed while Temporal cannot be asked', async () => {
  const run = await commitRow();
  await untilStarted(run.id);
  await client.workflow.getHandle(run.id).terminate('from outside');
  await server.pause();
  const failures: string[] = [];
  const noting = { ...logger, warn: (_fields: object, message: string) => void failures.push(message) };
  const reconciler = startReconciler({ db: api.db, temporal, logger: noting, now: Date.now });
  await until('three failed looks', async () => {
    reconciler.poke();
    return failures.length >= 3;
  });
  await reconciler.close();
  expect((await getRun(api.db, run.id))?.endedAt).toBeNull();
  await server.resume();
  await closeRun(api.db, { runId: run.id, status: 'cancelled', atMs: Date.now() });
});

test('the run that waits is told when its assets are freed', async () => {
  const holder = await commitRow();
  const waiter = await commitRow();
  await untilStarted(holder.id);
  await untilStarted(waiter.id);
  expect((await getRun(api.db, waiter.id))?.status).toBe('queued');
  await endRun(holder.id);
  await until('the signal in the history', async () => {
    const { events } = await client.workflow.getHandle(waiter.id).fetchHistory();
    return events?.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'px.assetsFreed');
  });
  await endRun(waiter.id);
});
