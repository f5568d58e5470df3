// The workflow behind every run and every nested call of kind `child`. A run waits for its assets, executes its protocol as
// the root call, and ends in Postgres whatever happened; a child hands its end to its parent. Both continue as new when
// their history is full. One workflow serves every protocol; its type is the protocol's name.

import { ApplicationFailure, CancellationScope, CancelledFailure, condition, ContinueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { FinishRequest } from '../activities/activity-types.js';
import type { EndedLedger } from '../domain/ended-ledger.js';
import type { ErrorRecord } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { cutText, MESSAGE_LIMIT_CHARACTERS } from '../domain/thrown.js';
import { isManualProtocol } from '../domain/manual.js';
import { listProtocolFunctions, type AssetSpecs, type ProtocolFunction } from '../protocols/sdk/protocol-function.js';
import type { ParameterSpecs } from '../protocols/sdk/parameters.js';
import { installRuntime } from '../protocols/sdk/runtime.js';
import { askAboutOtherWay } from './another-way.js';
import { continueAsNew, waitUntilDue } from './continue-as-new.js';
import type { ChildInput, Engine, WorkflowInput } from './engine.js';
import { toErrorRecord, toWorkflowFailure } from './failures.js';
import type { Ledger } from './ledger.js';
import { manualCommand } from './manual-command.js';
import { openEngine, readKeptResults, type OpenedEngine } from './open-engine.js';
import { endChild, failChild } from './run-child.js';
import { createStateView } from './state-view.js';

/** How long a waiting run sleeps between claims when no hint reaches it. */
const CLAIM_INTERVAL_MS = 30_000;

export type RunWorkflow = ((input: WorkflowInput) => Promise<Json>) & { readonly protocols: ReadonlyMap<string, AnyProtocol> };
export type AnyProtocol = ProtocolFunction<ParameterSpecs, AssetSpecs, Json>;

/** Builds the workflow over every protocol function that the given modules export. */
export function createRunWorkflow(modules: readonly Readonly<Record<string, unknown>>[]): RunWorkflow {
  const protocols = new Map([...modules.flatMap(listProtocolFunctions), manualCommand].map((protocol) => [protocol.definition.name, protocol] as const));
  const workflow = async (input: WorkflowInput): Promise<Json> => {
    const protocol = protocols.get(workflowInfo().workflowType);
    if (!protocol) {
      const failure = ApplicationFailure.nonRetryable(`This worker holds no protocol ${workflowInfo().workflowType}: a protocol function that others call must be exported from its file`, 'NO_WORKER');
      if (input.child) return failChild(input.child, failure);
      throw failure;
    }
    const opened = openEngine(input, listSharedAssets(protocol, input));
    installRuntime({ call: (request, body) => opened.tracker.callNested(request, body), give: opened.engine.promises.give });
    // Author code is never cancelled itself; its operations are, and cleanups follow.
    return CancellationScope.nonCancellable(() => (input.child ? runChild(opened, protocol, input.child) : runRoot(opened, protocol)));
  };
  return Object.assign(workflow, { protocols });
}

/** What became of the author's function. */
type Ending = { readonly result: Json } | { readonly error: unknown };

async function runRoot(opened: OpenedEngine, protocol: AnyProtocol): Promise<Json> {
  const { engine, becomeCancelled } = opened;
  const ending = await waitForAssets(engine).then(
    (fence) => runProtocol(opened, protocol, fence),
    (error: unknown): { ending: Ending; fence: null } => {
      if (error instanceof ContinueAsNew) throw error;
      return { ending: { error }, fence: null };
    },
  );
  if ('result' in ending.ending) {
    await finish(engine, { status: 'completed', result: ending.ending.result, error: null, fence: ending.fence });
    return ending.ending.result;
  }
  const { error } = ending.ending;
  const record = withCleanupFailures(engine, toErrorRecord(error, engine.input.protocol));
  const isCancelled = isCancellation(error);
  await finish(engine, { status: isCancelled ? 'cancelled' : 'failed', result: null, error: record, fence: ending.fence });
  if (isCancelled) {
    await becomeCancelled();
    throw new CancelledFailure(record.message);
  }
  throw toWorkflowFailure(error, record);
}

async function runChild(opened: OpenedEngine, protocol: AnyProtocol, child: ChildInput): Promise<Json> {
  return endChild(opened, child, await runProtocol(opened, protocol, opened.engine.input.fence));
}

/** Executes the author's function to its end, over as many executions of the workflow as it takes. */
async function runProtocol({ engine, tracker }: OpenedEngine, protocol: AnyProtocol, fence: number | null) {
  const { input, gate, callLog } = engine;
  const { parameters, assets, child } = input;
  engine.fence = fence;
  await readKeptResults(engine);
  const path = child?.callPath ?? protocol.definition.name;
  const state = createStateView(child?.state ?? {}, () => {
    if (!child) callLog.noteState(path, () => state.all(), () => gate.now());
  });
  gate.enter();
  const request = { definition: protocol.definition, kind: protocol.definition.kind, parameters, assets };
  const ended = tracker
    .callRoot(request, (world) => protocol.execute(world, parameters, assets), { path, state, kind: child ? 'child' : 'run' })
    .then((result): Ending => ({ result }), (error: unknown): Ending => ({ error }))
    // An end that comes before all of the past was heard of is no end.
    .then(async (ending) => {
      await condition(() => !gate.isReentering);
      return ending;
    });
  const lost = gate.broken.catch((error: unknown): Promise<Ending> => askAboutOtherWay(engine, path, error));
  gate.start();
  for (;;) {
    const ending = await Promise.race([ended, waitUntilDue(engine), lost]);
    if (ending !== undefined) return { ending, fence, patch: state.patch ?? null };
    await continueAsNew(engine);
  }
}

async function waitForAssets(engine: Engine): Promise<number> {
  const { input, control, activities } = engine;
  if (input.fence !== null) return input.fence;
  for (;;) {
    if (control.isCancelled()) throw new CancelledFailure('The run was cancelled while it waited for its assets');
    const seen = control.freed;
    const fence = await activities.reserveAssets(input.runId);
    if (fence !== null) return fence;
    await condition(() => control.freed !== seen || control.isCancelled(), CLAIM_INTERVAL_MS);
    await continueAsNew(engine);
  }
}

async function finish(engine: Engine, ending: Pick<FinishRequest, 'status' | 'result' | 'error' | 'fence'>): Promise<void> {
  const { input, activities, callLog, cleanupFailures } = engine;
  await callLog.lighten();
  await activities.finishRun({
    runId: input.runId,
    ...ending,
    ...(ending.status !== 'completed' && { ledger: toEndedLedger(engine.gate.ledger) }),
    calls: callLog.take() ?? null,
    // What was used by hand stays as it is: the person at the machine goes on with it.
    labware: isManualProtocol(input.protocol) ? [] : Object.values(input.assets).filter((asset) => asset.kind === 'labware').map((asset) => asset.name),
    quarantineMachines: cleanupFailures.length === 0 ? [] : Object.values(input.assets).filter((asset) => asset.kind === 'machine').map((asset) => asset.name),
  });
}

function toEndedLedger(ledger: Ledger): EndedLedger {
  return {
    entries: ledger.list() as unknown as readonly Json[],
    starts: [...ledger.starts].map(([callPath, seq]) => [callPath, ledger.listBefore(seq).length]),
  };
}

function withCleanupFailures({ cleanupFailures }: Engine, record: ErrorRecord): ErrorRecord {
  return { ...record, message: cutText([record.message, ...cleanupFailures].join(' · '), 2 * MESSAGE_LIMIT_CHARACTERS) };
}

function listSharedAssets({ definition }: AnyProtocol, { assets }: WorkflowInput): readonly string[] {
  return Object.entries(definition.assets).flatMap(([name, spec]) => {
    const asset = assets[name];
    return spec.kind === 'machine' && spec.hold === 'perUse' && asset ? [asset.id] : [];
  });
}
