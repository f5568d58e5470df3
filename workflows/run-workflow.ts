// The run workflow: waits for assets where it must, executes the protocol as the root call, and ends the
// run in Postgres whatever happened. One workflow serves every protocol; its type is the protocol's name.

import { ApplicationFailure, CancellationScope, condition, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { FinishRequest } from '../activities/activity-types.js';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import type { RunEnvelope } from '../domain/run.js';
import { isProtocolFunction, type AssetSpecs, type ProtocolFunction } from '../protocols/sdk/protocol-function.js';
import type { ParameterSpecs } from '../protocols/sdk/parameters.js';
import { installRuntime } from '../protocols/sdk/runtime.js';
import { createControlActivities } from './activity-stubs.js';
import { createCallLog } from './call-log.js';
import { toErrorRecord } from './failures.js';
import { createGate } from './gate.js';
import { assetsFreed } from './messages.js';
import { createCallTracker } from './track-call.js';

/** How long a waiting run sleeps between claims when no hint reaches it. */
const CLAIM_INTERVAL_MS = 30_000;

export type RunWorkflow = (envelope: RunEnvelope) => Promise<Json>;
type AnyProtocol = ProtocolFunction<ParameterSpecs, AssetSpecs, Json>;

/** Builds the workflow over every protocol function that the given modules export. */
export function createRunWorkflow(modules: readonly Readonly<Record<string, unknown>>[]): RunWorkflow {
  const protocols = new Map<string, AnyProtocol>();
  for (const exported of modules.flatMap((module) => Object.values(module))) {
    if (isProtocolFunction(exported)) protocols.set(exported.definition.name, exported);
  }
  return async (envelope) => {
    const protocol = protocols.get(workflowInfo().workflowType);
    if (!protocol) throw ApplicationFailure.nonRetryable(`This worker holds no protocol ${workflowInfo().workflowType}`, 'NO_WORKER');
    return runProtocol(protocol, envelope);
  };
}

async function runProtocol(protocol: AnyProtocol, envelope: RunEnvelope): Promise<Json> {
  const control = createControlActivities(envelope.workcell);
  const callLog = createCallLog(workflowInfo().workflowId);
  let fence = envelope.fence;
  const world = { envelope, callLog, gate: createGate(CancellationScope.current()), fence: () => requireFence(fence) };
  const tracker = createCallTracker(world);
  installRuntime({ call: (request, body) => tracker.callNested(request, body) });

  const finish = (ending: Pick<FinishRequest, 'status' | 'result' | 'error'>): Promise<void> =>
    CancellationScope.nonCancellable(() =>
      control.finishRun({
        runId: envelope.runId,
        ...ending,
        calls: callLog.take() ?? null,
        labware: Object.values(envelope.assets).filter((asset) => asset.kind === 'labware').map((asset) => asset.name),
        fence,
        quarantineMachines: tracker.cleanupFailures.length === 0 ? [] : listMachines(envelope),
      }),
    );

  try {
    fence ??= await waitForAssets(envelope.runId, control.reserveAssets);
    const { parameters, assets } = envelope;
    const result = await tracker.callRoot({ definition: protocol.definition, parameters, assets }, (call) => protocol.execute(call, parameters, assets));
    await finish({ status: 'completed', result, error: null });
    return result;
  } catch (error) {
    const record = toErrorRecord(error, envelope.protocol);
    const message = [record.message, ...tracker.cleanupFailures].join(' · ');
    const isCancelled = isCancellation(error);
    await finish({ status: isCancelled ? 'cancelled' : 'failed', result: null, error: { ...record, message } });
    if (isCancelled) throw error;
    throw ApplicationFailure.create({ message, type: record.code, nonRetryable: true, cause: error as Error });
  }
}

async function waitForAssets(runId: string, reserve: (runId: string) => Promise<number | null>): Promise<number> {
  let hasHint = false;
  setHandler(assetsFreed, () => { hasHint = true; });
  for (;;) {
    hasHint = false;
    const fence = await reserve(runId);
    if (fence !== null) return fence;
    await condition(() => hasHint, CLAIM_INTERVAL_MS);
  }
}

function listMachines(envelope: RunEnvelope): readonly string[] {
  return Object.values(envelope.assets).filter((asset) => asset.kind === 'machine').map((asset) => asset.name);
}

function requireFence(fence: number | null): number {
  if (fence === null) throw new LabError('INTERNAL', { message: 'A command was given before the run held its assets.' });
  return fence;
}
