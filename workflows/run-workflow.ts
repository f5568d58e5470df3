// The workflow behind every run and every nested call of kind `child`. A run waits for its assets, executes its protocol as
// the root call, and ends in Postgres whatever happened; a child hands its end to its parent. Both continue as new when
// their history is full. One workflow serves every protocol; its type is the protocol's name.

import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { FinishRequest } from '../activities/activity-types.js';
import type { EndedLedger } from '../domain/runs/ended-ledger.js';
import type { ErrorRecord } from '../domain/errors/error.js';
import type { Json } from '../domain/json/json.js';
import { cutText, MESSAGE_LIMIT_CHARACTERS } from '../domain/values/thrown.js';
import { isManualProtocol } from '../domain/protocols/manual.js';
import type { BoundAsset } from '../domain/runs/run.js';
import { listProtocolFunctions, type AssetSpecs, type ProtocolFunction } from '../protocols/sdk/protocol-function.js';
import type { ParameterSpecs } from '../protocols/sdk/parameters.js';
import { installRuntime } from '../protocols/sdk/runtime.js';
import { askAboutOtherWay } from './calls/another-way.js';
import { continueAsNew, waitUntilDue } from './calls/continue-as-new.js';
import { endBroken, lightenLog, type CallEnding } from './calls/end-broken.js';
import type { ChildInput, Engine, WorkflowInput } from './execution/engine.js';
import { requireOutcome, toErrorRecord, toWorkflowFailure } from './replay/translate-errors.js';
import type { Ledger } from './replay/ledger.js';
import { joinPortions, type LedgerPortion } from './replay/ledger-portions.js';
import { manualCommand } from './manual-command.js';
import { openEngine, readKeptResults, type OpenedEngine } from './open-engine.js';
import { endChild, failChild, type EndedChild } from './run-child.js';
import { createStateView } from './replay/state-view.js';

/** How long a waiting run sleeps between claims when no hint reaches it. */
const CLAIM_INTERVAL_MS = 30_000;

/** Portions are those of the carried ledger that are closed. */
export type RunWorkflow = ((input: WorkflowInput, ...portions: LedgerPortion[]) => Promise<Json>) & {
  readonly protocols: ReadonlyMap<string, AnyProtocol>;
};
export type AnyProtocol = ProtocolFunction<ParameterSpecs, AssetSpecs, Json>;

/** Builds the workflow over every protocol function that the given modules export. */
export function createRunWorkflow(modules: readonly Readonly<Record<string, unknown>>[]): RunWorkflow {
  const protocols = new Map(
    [...modules.flatMap(listProtocolFunctions), manualCommand].map((protocol) => [protocol.definition.name, protocol] as const),
  );
  const workflow = async (given: WorkflowInput, ...portions: LedgerPortion[]): Promise<Json> => {
    const input = joinLedger(given, portions);
    const protocol = protocols.get(workflowInfo().workflowType);
    if (!protocol) {
      const failure = ApplicationFailure.nonRetryable(
        `This worker holds no protocol ${workflowInfo().workflowType}: a protocol function that others call must be exported from its file`,
        'NO_WORKER',
      );
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

function joinLedger(input: WorkflowInput, portions: readonly LedgerPortion[]): WorkflowInput {
  const { carried } = input;
  return carried === undefined ? input : { ...input, carried: { ...carried, ledger: joinPortions(portions, carried.ledger) } };
}

async function runRoot(opened: OpenedEngine, protocol: AnyProtocol): Promise<Json> {
  const { engine, becomeCancelled } = opened;
  const reached = await waitForAssets(engine).then(
    (fence) => runProtocol(opened, protocol, fence),
    (error: unknown) => ({ ending: { error: requireOutcome(error, 'The claim of its assets') }, fence: null }),
  );
  const ending = await finish(engine, reached);
  // Commands behind the end of a workflow are refused by Temporal, and the end with them: what people ask of a run that has ended
  // comes too late, and whoever was heard before is answered first.
  engine.control.close();
  engine.inbox.close();
  await condition(allHandlersFinished);
  if ('result' in ending) return ending.result;
  const record = describeFailure(engine, ending.error);
  if (!isCancellation(ending.error)) throw toWorkflowFailure(ending.error, record);
  await becomeCancelled();
  throw new CancelledFailure(record.message);
}

async function runChild(opened: OpenedEngine, protocol: AnyProtocol, child: ChildInput): Promise<Json> {
  return endChild(opened, child, await runProtocol(opened, protocol, opened.engine.input.fence));
}

interface Reached {
  readonly ending: CallEnding;
  readonly fence: number | null;
}

/** Executes the author's function to its end, or ends what it has left open where the engine cannot. */
async function runProtocol(opened: OpenedEngine, protocol: AnyProtocol, fence: number | null): Promise<EndedChild & Reached> {
  opened.engine.fence = fence;
  try {
    return { ...(await leadToEnd(opened, protocol)), fence };
  } catch (error) {
    return { ending: await endBroken(opened.engine, error), fence, patch: null };
  }
}

/** Over as many executions of the workflow as it takes. */
async function leadToEnd({ engine, tracker }: OpenedEngine, protocol: AnyProtocol): Promise<EndedChild> {
  const { input, gate, callLog } = engine;
  const { parameters, assets, child } = input;
  await readKeptResults(engine);
  const path = child?.callPath ?? protocol.definition.name;
  const state = createStateView(child?.state ?? {}, () => {
    if (!child)
      callLog.noteState(
        path,
        () => state.all(),
        () => gate.now(),
      );
  });
  gate.enter();
  const request = { definition: protocol.definition, kind: protocol.definition.kind, parameters, assets };
  const ended = tracker
    .callRoot(request, (world) => protocol.execute(world, parameters, assets), { path, state, kind: child ? 'child' : 'run' })
    .then(
      (result): CallEnding => ({ result }),
      (error: unknown): CallEnding => ({ error }),
    )
    // An end that comes before all of the past was heard of is no end.
    .then(async (ending) => {
      await condition(() => !gate.isReentering);
      return ending;
    });
  const lost = gate.broken.catch((error: unknown): Promise<CallEnding> => askAboutOtherWay(engine, path, error));
  gate.start();
  for (;;) {
    const ending = await Promise.race([ended, waitUntilDue(engine), lost]);
    if (ending !== undefined) return { ending, patch: state.patch ?? null };
    await continueAsNew(engine);
  }
}

async function waitForAssets(engine: Engine): Promise<number> {
  const { input, control, activities } = engine;
  if (input.fence !== null) return input.fence;
  for (;;) {
    if (control.isCancelled()) throw new CancelledFailure('The run was cancelled while it waited for its assets');
    const seen = control.freed;
    const reserved = await activities.reserveAssets({ runId: input.runId });
    // Workers of before answer with the fence alone.
    if (typeof reserved === 'number') return reserved;
    if (reserved !== null) {
      engine.input = { ...input, assets: reserved.assets };
      return reserved.fence;
    }
    await condition(() => control.freed !== seen || control.isCancelled(), CLAIM_INTERVAL_MS);
    await continueAsNew(engine);
  }
}

/** Ends the run in Postgres. Returns how it has ended: what could not be written down makes a failure of it. */
async function finish(engine: Engine, { ending: reached, fence }: Reached): Promise<CallEnding> {
  const { activities, callLog } = engine;
  const { ending, isLogLost } = await lightenLog(engine, reached);
  const calls = isLogLost ? null : (callLog.take() ?? null);
  try {
    await activities.finishRun({ ...toFinishRequest(engine, ending, fence), calls });
    return ending;
  } catch (error) {
    const reason = requireOutcome(error, 'The end of the run');
    // Whatever of it was refused, the run ends: one whose row stays open holds its machines.
    const refused = 'error' in ending ? ending : { error: reason };
    if (calls) {
      callLog.putBack(calls);
      await callLog.flush().catch((failure: unknown) => requireOutcome(failure, 'The call log'));
    }
    await activities.finishRun({ ...toFinishRequest(engine, refused, fence), calls: null, labware: [] });
    return refused;
  }
}

function toFinishRequest(engine: Engine, ending: CallEnding, fence: number | null): FinishRequest {
  const { input, cleanupFailures } = engine;
  return {
    runId: input.runId,
    ...('result' in ending
      ? { status: 'completed', result: ending.result, error: null }
      : {
          status: isCancellation(ending.error) ? 'cancelled' : 'failed',
          result: null,
          error: describeFailure(engine, ending.error),
          ledger: toEndedLedger(engine.gate.ledger),
        }),
    fence,
    calls: null,
    // What was used by hand stays as it is: the person at the machine goes on with it.
    labware: isManualProtocol(input.protocol) ? [] : listNames(input, 'labware'),
    quarantineMachines: cleanupFailures.length === 0 ? [] : listNames(input, 'machine'),
  };
}

function listNames({ assets }: WorkflowInput, wanted: BoundAsset['kind']): readonly string[] {
  return Object.values(assets).flatMap(({ kind, name }) => (kind === wanted ? [name] : []));
}

function toEndedLedger(ledger: Ledger): EndedLedger {
  return {
    entries: ledger.list() as unknown as readonly Json[],
    starts: [...ledger.starts].map(([callPath, seq]) => [callPath, ledger.listBefore(seq).length]),
  };
}

function describeFailure({ input, cleanupFailures, callLog }: Engine, error: unknown): ErrorRecord {
  const record = toErrorRecord(error, input.protocol);
  // A run that fails by its cleanup alone has said so already.
  const others = [...new Set([...cleanupFailures, ...(callLog.unsaid === undefined ? [] : [callLog.unsaid])])].filter(
    (failure) => !record.message.includes(failure),
  );
  return { ...record, message: cutText([record.message, ...others].join(' · '), 2 * MESSAGE_LIMIT_CHARACTERS) };
}

function listSharedAssets({ definition }: AnyProtocol, { assets }: WorkflowInput): readonly string[] {
  return Object.entries(definition.assets).flatMap(([name, spec]) => {
    const asset = assets[name];
    return spec.kind === 'machine' && spec.hold === 'perUse' && asset ? [asset.id] : [];
  });
}
