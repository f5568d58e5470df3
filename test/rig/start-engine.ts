// The engine alone on a real Temporal: workflow workers over a bundle of test protocols, and activities that note what
// they are asked instead of moving anything. Whole labs are slower to start and cannot say what a workflow asked for.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { ApplyControlRequest, BlockRequest, CloseItemRequest, FinishRequest, HandWorkRequest, OpenItemRequest, RecoverRequest, ResolveRequest, Stopping, UseClaim } from '../../activities/activity-types.js';
import { readCancellation } from '../../activities/cancellation.js';
import { createCommandActivities } from '../../activities/execute-command.js';
import { requireRequests } from '../../activities/require-request.js';
import { runAsActivity } from '../../activities/run-as-activity.js';
import { listToldEntries, readCallLog, type CallLog } from '../../domain/runs/call.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { CommandOutcome, CommandRequest } from '../../domain/wire/wire.js';
import { openBlobStore } from '../../platform/blob-store.js';
import { toDataConverter, type DataConverter } from '../../platform/large-payloads.js';
import { installWorkflowSlots, ISOLATION } from '../../slots/workflow-slots.js';
import type { Asked } from './asked.js';
import type { EngineOptions, EngineRig } from './engine-rig.js';
import { bundleFixtures, enterFixtures } from './bundle-fixtures.js';
import { startTestTemporal, type TestTemporal } from './start-test-temporal.js';

const WORKCELL = 'engine';
const QUEUE = 'px.engine';

const READER: BoundAsset = { id: '00000000-0000-7000-8000-000000000002', name: 'reader', kind: 'machine', type: 'PlateReader' };
const OTHER: BoundAsset = { id: '00000000-0000-7000-8000-000000000003', name: 'other', kind: 'machine', type: 'LiquidHandler' };
const LIQUID_HANDLER: BoundAsset = { id: '00000000-0000-7000-8000-000000000001', name: 'star', kind: 'machine', type: 'LiquidHandler' };

export async function startEngine(given: EngineOptions = {}): Promise<EngineRig> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  installWorkflowSlots(given.slots);
  const temporal = await startTestTemporal();
  const code = await bundleFixtures(given.entry ?? enterFixtures);
  const blobFolder = await mkdtemp(path.join(tmpdir(), 'praxis-blobs-'));
  const dataConverter = toDataConverter(openBlobStore(blobFolder));
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
  const asked: Asked = { commands: [], attached: [], stopped: [], left: [], controls: [], items: [], closed: [], resolved: [], recovered: [], handWork: [], finished: [], entries: new Map(), logs: [], reads: [], inUse: new Set(), uses: [], released: [] };
  const running = new Map<string, { workers: Worker[]; ended: Promise<unknown> }>();
  let lastId = 0;

  const rig: EngineRig = {
    client,
    place: { address: temporal.address, namespace: temporal.namespace, dataConverter },
    asked,
    holdBlockAt: undefined,
    claimDelayMs: 0,
    bridge: undefined,
    onCommand: () => Promise.resolve(null),
    onReserve: () => Promise.resolve(1),
    onRecord: () => Promise.resolve(),
    onRead: () => Promise.resolve(),
    onFinish: () => Promise.resolve(),
    onControl: () => Promise.resolve(),
    isDeaf: false,
    onStop: () => undefined,
    resultOf: (commandId) => commandId,
    start: async (protocol, parameters, { runId = `run-${process.pid}-${++lastId}`, ...options } = {}) => {
      const input = { v: 2, runId, protocol, version: '1.0.0', mode: 'simulation', user: 'test', workcell: WORKCELL, parameters, assets: { lh: LIQUID_HANDLER, reader: READER, other: OTHER }, fence: 1, ...options };
      await client.workflow.start(protocol, { workflowId: runId, taskQueue: QUEUE, args: [input], workflowTaskTimeout: 5_000 });
      return runId;
    },
    result: (runId) => client.workflow.getHandle(runId).result(),
    endOf: async (workflowId) => {
      const handle = client.workflow.getHandle(workflowId);
      await handle.result().catch(() => undefined);
      return (await handle.describe()).status.name;
    },
    replay: async (runId) => Worker.runReplayHistory({ workflowBundle: { code }, ...ISOLATION, dataConverter }, await client.workflow.getHandle(runId).fetchHistory(), runId),
    countExecutions: async (workflowId) => {
      let count = 0;
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      let runId = raw.workflowExecutionInfo?.firstRunId ?? undefined;
      while (runId) {
        count += 1;
        const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
        runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
      }
      return count;
    },
    replaceWorkers: async (which) => {
      await rig.stopWorkers(which);
      await rig.startWorkers(which);
    },
    stopWorkers: async (which) => {
      const { workers, ended } = running.get(which) ?? { workers: [], ended: Promise.resolve() };
      running.delete(which);
      for (const worker of workers) worker.shutdown();
      await ended;
    },
    startWorkers: async (which) => {
      const workers = which === 'workflows' ? [await createWorkflowWorker(native, temporal, { code, dataConverter, keptRuns: given.keptRuns })] : await createActivityWorkers(native, temporal, { asked, rig, client, dataConverter, calculate: given.calculate });
      running.set(which, { workers, ended: Promise.all(workers.map((worker) => worker.run())) });
    },
    end: async () => {
      await rig.stopWorkers('workflows');
      await rig.stopWorkers('activities');
      await native.close();
      await connection.close();
      await temporal.stop();
      await rm(blobFolder, { recursive: true, force: true });
    },
  };
  await rig.startWorkers('workflows');
  await rig.startWorkers('activities');
  return rig;
}

function createWorkflowWorker(connection: NativeConnection, { namespace }: TestTemporal, { code, dataConverter, keptRuns = ISOLATION.maxCachedWorkflows }: { code: string; dataConverter: DataConverter; keptRuns?: number | undefined }): Promise<Worker> {
  return Worker.create({ connection, namespace, dataConverter, taskQueue: QUEUE, workflowBundle: { code }, ...ISOLATION, maxCachedWorkflows: keptRuns, stickyQueueScheduleToStartTimeout: 1_000 });
}

interface ActivityWorld {
  readonly asked: Asked;
  readonly rig: EngineRig;
  readonly client: Client;
  readonly dataConverter: DataConverter;
  readonly calculate: EngineOptions['calculate'];
}

async function createActivityWorkers(connection: NativeConnection, { namespace }: TestTemporal, world: ActivityWorld): Promise<Worker[]> {
  const activities = createActivities(world);
  const options = { connection, namespace, activities, dataConverter: world.dataConverter, maxHeartbeatThrottleInterval: 200, defaultHeartbeatThrottleInterval: 200 };
  return Promise.all([`workcell.${WORKCELL}`, `workcell.${WORKCELL}.ctl`, `${QUEUE}.calc`].map((taskQueue) => Worker.create({ ...options, taskQueue })));
}

function createActivities({ asked, rig, client, calculate }: ActivityWorld) {
  const note = (calls: CallLog | null | undefined): void => {
    if (calls) asked.logs.push({ runId: calls.workflowId, bytes: Buffer.byteLength(JSON.stringify(calls)) });
    for (const entry of calls ? listToldEntries(calls) : []) asked.entries.set(`${entry.workflowId ?? calls?.workflowId} ${entry.n}`, entry);
  };
  const running = new Map<string, Promise<Json>>();
  const begin = (request: CommandRequest): Promise<Json> => {
    note(request.calls && readCallLog(request.calls));
    asked.commands.push(request);
    const outcome = rig.onCommand(request);
    running.set(request.id, outcome);
    // What fails may be asked for again under its id; a bridge that refused it does not know it.
    outcome.catch(() => { running.delete(request.id); });
    return outcome;
  };
  const noteStop = (id: string): void => { asked.stopped.push(id); rig.onStop(id); };
  const execute = ({ shallStop = false, ...request }: CommandRequest & Stopping): Promise<Json> =>
    runAsActivity(async (signal) => {
      const { stop, leave } = readCancellation(signal, shallStop);
      if (stop.aborted) noteStop(request.id);
      if (!rig.isDeaf) stop.addEventListener('abort', () => { noteStop(request.id); });
      leave.addEventListener('abort', () => { asked.left.push(`${request.id} ${(signal.reason as Error).message}`); });
      const known = running.get(request.id);
      if (known) asked.attached.push(request.id);
      if (shallStop && !known) throw ApplicationFailure.nonRetryable('not begun', 'COMMAND_STOPPED');
      return await (known ?? begin(request));
    });
  return requireRequests({
    executeCommand: (request: CommandRequest & Stopping) => (rig.bridge ? createCommandActivities(rig.bridge).executeCommand(request) : execute(request)),
    calculate: ({ protocol, parameters }: { protocol: string; parameters: JsonObject }) =>
      calculate ? calculate(protocol, parameters) : Promise.reject(ApplicationFailure.nonRetryable(`Nothing calculates ${protocol}.`, 'INTERNAL')),
    executeBlock: async ({ commands }: BlockRequest) => {
      const outcomes: CommandOutcome[] = [];
      for (const command of commands) {
        if (command.n === rig.holdBlockAt) return { outcomes, isHeld: true };
        const result = await execute(command);
        outcomes.push({ status: 'completed', result, error: null, beganAtMs: 0, endedAtMs: 0, sends: 1 });
      }
      return { outcomes, isHeld: false };
    },
    reserveAssets: (runId: string) => rig.onReserve(runId),
    stopCommands: ({ commands }: { commands: readonly string[] }) => Promise.resolve(commands.map(noteStop)),
    applyControl: async ({ control, asked: by, stop = [] }: ApplyControlRequest) => {
      stop.forEach(noteStop);
      const beat = setInterval(() => { Context.current().heartbeat(); }, 100);
      try {
        // A newer wish ends the waiting for an older one.
        await Promise.race([rig.onControl(), Context.current().cancelled]);
        asked.controls.push({ ...control, ...(by && { asked: by }) });
      } finally {
        clearInterval(beat);
      }
    },
    openItem: (request: OpenItemRequest) => {
      note(request.calls);
      asked.items.push(request);
      return Promise.resolve();
    },
    closeItem: (request: CloseItemRequest) => Promise.resolve(void asked.closed.push(request)),
    resolveCommand: keepUnless(asked.resolved, 'contradiction', 'More than the well holds.'),
    recoverCommand: keepUnless(asked.recovered, 'contradiction', 'More than the well holds.'),
    endLook: () => Promise.resolve(),
    endHandWork: keepUnless(asked.handWork, 'taken', 'Something stands there.'),
    recordCalls: async ({ calls }: { calls: CallLog }) => {
      await rig.onRecord();
      note(calls);
    },
    readResults: async ({ runId, commandIds, callPaths }: { runId: string; commandIds: readonly string[]; callPaths: readonly string[] }) => {
      await rig.onRead();
      asked.reads.push(runId);
      const calls = Object.fromEntries(callPaths.map((path) => [path, [...asked.entries.values()].find((entry) => entry.path === path && entry.phase === 'completed')?.result ?? null]));
      return { commands: Object.fromEntries(commandIds.map((id) => [id, rig.resultOf(id)])), calls };
    },
    requestCancellation: async ({ workflowId }: { workflowId: string }) => { await client.workflow.getHandle(workflowId).cancel(); },
    claimUse: async ({ useId }: UseClaim) => {
      await new Promise((resolve) => setTimeout(resolve, rig.claimDelayMs));
      if (asked.inUse.size > 0) return null;
      asked.inUse.add(useId);
      asked.uses.push(useId);
      return 2;
    },
    releaseUse: async ({ useId, runId }: UseClaim) => {
      asked.inUse.delete(useId);
      asked.released.push(useId);
      await client.workflow.getHandle(runId).signal('px.assetsFreed');
    },
    finishRun: async (request: FinishRequest) => {
      await rig.onFinish(request);
      note(request.calls);
      asked.finished.push(request);
    },
  });
}

/** Refuses what a person states with that note. */
function keepUnless<T extends ResolveRequest | RecoverRequest | HandWorkRequest>(list: T[], note: string, message: string) {
  return (request: T): Promise<void> => {
    if (request.given.note === note) throw ApplicationFailure.nonRetryable(message, 'BAD_STATEMENT');
    return Promise.resolve(void list.push(request));
  };
}
