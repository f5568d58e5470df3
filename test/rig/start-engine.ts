// The engine alone on a real Temporal: workflow workers over a bundle of test protocols, and activities that note what
// they are asked instead of moving anything. Whole labs are slower to start and cannot say what a workflow asked for.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BoundAsset } from '../../domain/runs/run.js';
import { openBlobStore } from '../../platform/blob-store.js';
import { toDataConverter, type DataConverter } from '../../platform/large-payloads.js';
import { installWorkflowSlots, ISOLATION } from '../../slots/workflow-slots.js';
import type { Asked } from './asked.js';
import { createActivities, type ActivityWorld } from './engine-activities.js';
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
  const asked: Asked = {
    commands: [],
    attached: [],
    stopped: [],
    left: [],
    controls: [],
    items: [],
    closed: [],
    resolved: [],
    recovered: [],
    handWork: [],
    finished: [],
    entries: new Map(),
    logs: [],
    reads: [],
    inUse: new Set(),
    uses: [],
    released: [],
    doubts: [],
  };
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
      const input = {
        v: 2,
        runId,
        protocol,
        version: '1.0.0',
        mode: 'simulation',
        user: 'test',
        workcell: WORKCELL,
        parameters,
        assets: { lh: LIQUID_HANDLER, reader: READER, other: OTHER },
        fence: 1,
        ...options,
      };
      await client.workflow.start(protocol, { workflowId: runId, taskQueue: QUEUE, args: [input], workflowTaskTimeout: 5_000 });
      return runId;
    },
    result: (runId) => client.workflow.getHandle(runId).result(),
    endOf: async (workflowId) => {
      const handle = client.workflow.getHandle(workflowId);
      await handle.result().catch(() => undefined);
      return (await handle.describe()).status.name;
    },
    replay: async (runId) =>
      Worker.runReplayHistory(
        { workflowBundle: { code }, ...ISOLATION, dataConverter },
        await client.workflow.getHandle(runId).fetchHistory(),
        runId,
      ),
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
      const workers =
        which === 'workflows'
          ? [await createWorkflowWorker(native, temporal, { code, dataConverter, keptRuns: given.keptRuns })]
          : await createActivityWorkers(native, temporal, { asked, rig, client, dataConverter, calculate: given.calculate });
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

function createWorkflowWorker(
  connection: NativeConnection,
  { namespace }: TestTemporal,
  {
    code,
    dataConverter,
    keptRuns = ISOLATION.maxCachedWorkflows,
  }: { code: string; dataConverter: DataConverter; keptRuns?: number | undefined },
): Promise<Worker> {
  return Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue: QUEUE,
    workflowBundle: { code },
    ...ISOLATION,
    maxCachedWorkflows: keptRuns,
    stickyQueueScheduleToStartTimeout: 1_000,
  });
}

async function createActivityWorkers(connection: NativeConnection, { namespace }: TestTemporal, world: ActivityWorld): Promise<Worker[]> {
  const activities = createActivities(world);
  const options = {
    connection,
    namespace,
    activities,
    dataConverter: world.dataConverter,
    maxHeartbeatThrottleInterval: 200,
    defaultHeartbeatThrottleInterval: 200,
  };
  return Promise.all(
    [`workcell.${WORKCELL}`, `workcell.${WORKCELL}.ctl`, `${QUEUE}.calc`].map((taskQueue) => Worker.create({ ...options, taskQueue })),
  );
}
