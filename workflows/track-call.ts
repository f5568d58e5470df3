// Tracked calls: path at call time, log entries at start and end, cleanups at the end whatever happened. A nested call is
// executed inline, as a child workflow or as a calculation; for its caller it means the same.

import { CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { LabError } from '../domain/errors/error.js';
import type { Json } from '../domain/json/json.js';
import { inheritRecovery } from '../domain/protocols/recovery.js';
import { toThrown } from '../domain/values/thrown.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { CallRequest, CallWorld } from '../protocols/sdk/runtime.js';
import { createCalculationActivities } from './execution/activity-stubs.js';
import { callChild, toChildWorkflowId, type ChildOutcome } from './calls/call-child.js';
import { createRun } from './operations/create-run.js';
import type { Engine } from './execution/engine.js';
import { throwAsLabError, toErrorRecord, toLabError } from './replay/translate-errors.js';
import { hearInline, runInline } from './calls/inline-call.js';
import type { ChildEnd } from './execution/messages.js';
import { limitAuthor } from './calls/limit-author.js';
import { createAbandonment, isAbandonment, runScope } from './calls/run-scope.js';
import {
  createScope,
  isInSection,
  isLeftOver,
  isShielded,
  keepUntilSettled,
  markOperated,
  nextCallPath,
  standings,
  toLeftOverCheck,
  waitForEver,
  type Scope,
} from './replay/scope.js';
import { sendCommand } from './command/send-command.js';
import { countRequest, onTrip, restartSteps } from './replay/steps.js';
import type { StatePatch, StateView } from './replay/state-view.js';
import { describeCall, logEnd, logStart, mergeState, type TrackedCall } from './calls/tracked-call.js';

/** All calculations are done by the same threads. */
const CALCULATIONS = 'calculations';

export type Body = (world: CallWorld) => Promise<Json>;

export interface CallTracker {
  /** The call that this workflow is: the root of the tree, or a nested call that its parent tracks. */
  callRoot(request: CallRequest, body: Body, options: { path: string; state: StateView; kind: 'run' | 'child' }): Promise<Json>;
  /** A call made by the call that is running. */
  callNested(request: CallRequest, body: Body): Promise<Json>;
}

/** A call as its caller holds it. */
interface OpenedCall {
  readonly ended: Promise<Json>;
  readonly abandon: () => void;
}

export function createCallTracker(engine: Engine): CallTracker {
  const open = (call: TrackedCall, body: Body): OpenedCall => {
    const { path, caller, kind } = call;
    const state = caller.state.fork();
    if (kind === 'activity') return { ended: calculate(engine, call), abandon: () => undefined };
    if (kind === 'child') {
      const workflowId = toChildWorkflowId(engine.input.runId, path);
      const ended = runChild(engine, call, state);
      return { ended, abandon: () => void engine.control.cancelChild(workflowId) };
    }
    if (engine.gate.willHear(path)) return { ended: hearInline(engine, call), abandon: () => undefined };
    const scope = createScope({
      path,
      caller,
      state,
      recovery: call.request.definition.recovery,
      sinceSeq: engine.gate.seq,
      givenAs: engine.promises.current,
    });
    const abandonment = createAbandonment(scope);
    const world = toCallWorld(engine, scope);
    return { ended: runInline(engine, call, { scope, body: () => body(world), abandonment }), abandon: abandonment.abandon };
  };

  return {
    callRoot: async (request, body, { path, state, kind }) => {
      const { child } = engine.input;
      const recovery = inheritRecovery(child?.recovery ?? {}, request.definition.recovery);
      const scope = createScope({ path, isSection: child?.isInSection ?? false, state, recovery, sinceSeq: 0 });
      const isRun = kind === 'run';
      const abandonment = createAbandonment(scope);
      if (isRun) logStart(engine, { request, path, kind });
      const forget = onTrip(abandonment.abandon);
      restartSteps();
      engine.promises.watchRoot(scope);
      void limitAuthor(engine, scope);
      try {
        const world = toCallWorld(engine, scope);
        const result = toJson(
          await runScope(engine, scope, { body: () => body(world), abandonment }),
          `the result of ${request.definition.name}`,
        );
        if (isRun) logEnd(engine, path, { result });
        return result;
      } catch (error) {
        if (isRun) logEnd(engine, path, { error });
        else toErrorRecord(error, path);
        throw error;
      } finally {
        forget();
      }
    },
    callNested: (request, body) => {
      const standing = standings.getStore();
      if (!standing || isLeftOver(standing.scope)) return waitForEver();
      const { scope: caller } = standing;
      countRequest();
      // A cleanup must end with its call, whatever happens outside: what it calls runs inside.
      const kind = standing.isShielded && request.kind === 'child' ? 'inline' : request.kind;
      if (kind === 'activity' && Object.keys(request.assets).length > 0) {
        return Promise.reject(
          new LabError('PROTOCOL_ERROR', { message: `${request.definition.name} is a calculation and can't have assets.` }),
        );
      }
      const path = nextCallPath(caller, request.definition.name);
      const opened = open({ request, path, caller, kind, forkedAt: caller.state.moment }, body);
      keepUntilSettled(caller.openCalls, opened, opened.ended);
      return hideAbandonment(opened.ended);
    },
  };
}

/** A call as a workflow of its own. Its changes of state are part of the outcome, so that the ledger has them too. */
async function runChild(engine: Engine, call: TrackedCall, state: StateView): Promise<Json> {
  const { gate, callLog } = engine;
  const { path, request } = call;
  const isOver = toLeftOverCheck(false);
  let left: ChildEnd | undefined;
  const takeOver = (end: ChildEnd): void => {
    left = end;
    engine.cleanupFailures.push(...end.cleanupFailures);
    const [failure] = end.cleanupFailures;
    if (failure !== undefined) engine.sections.noteDoubt(failure);
  };
  logStart(engine, call);
  gate.ledger.noteStart(path, gate.seq);
  markOperated(call.caller);
  let patch: StatePatch | null = null;
  try {
    const outcome = await gate.step<Json>({
      id: path,
      what: describeCall(request),
      isShielded: false,
      keptAs: () => (left && 'result' in left.ended && !left.patch ? { child: path } : undefined),
      run: async (carried, underWay) => {
        const started = {
          request,
          callPath: path,
          state: state.all(),
          isInSection: isInSection(call.caller),
          recovery: call.caller.recovery,
          isLeftOver: isOver,
        };
        return (await callChild(engine, started, { carried, underWay, takeOver })) as unknown as Json;
      },
    });
    const ended = outcome as unknown as ChildOutcome;
    patch = ended.patch;
    callLog.adopt(left?.entries ?? []);
    const result = readOutcome(ended, path);
    logEnd(engine, path, { result });
    mergeState(call, patch, 'completed');
    return result;
  } catch (error) {
    logEnd(engine, path, { error });
    mergeState(call, patch, 'failed');
    throw error;
  }
}

function readOutcome(outcome: ChildOutcome, path: string): Json {
  if ('result' in outcome) return outcome.result;
  if ('error' in outcome) throw toLabError(outcome.error);
  throw new CancelledFailure(`${path} was cancelled`);
}

/** A call that computes, outside the workflow's thread. */
async function calculate(engine: Engine, call: TrackedCall): Promise<Json> {
  const { request, path, caller } = call;
  const { name } = request.definition;
  logStart(engine, call);
  markOperated(caller);
  const calculation = createCalculationActivities(workflowInfo().taskQueue, path);
  try {
    const result = await engine.gate.step<Json>({
      id: path,
      what: describeCall(request),
      isShielded: isShielded(),
      mustEnd: true,
      place: CALCULATIONS,
      keptAs: () => ({ call: path }),
      run: () =>
        calculation.calculate({ protocol: name, parameters: request.parameters }).catch((error: unknown) => throwAsLabError(error, path)),
    });
    logEnd(engine, path, { result });
    return result;
  } catch (error) {
    logEnd(engine, path, { error });
    throw error;
  }
}

/** The author's code that made an abandoned call is left over itself: it hears nothing more. */
function hideAbandonment(ended: Promise<Json>): Promise<Json> {
  const seen = ended.catch((error: unknown) => {
    if (isAbandonment(error)) return waitForEver<Json>();
    throw toThrown(error);
  });
  // A call that the author never awaits must not fail the workflow task when it fails.
  seen.catch(() => undefined);
  return seen;
}

function toCallWorld(engine: Engine, scope: Scope): CallWorld {
  return {
    run: createRun(engine, scope),
    sender: (machine) => (method, given) => sendCommand(engine, scope, { machine, method, given }),
  };
}
