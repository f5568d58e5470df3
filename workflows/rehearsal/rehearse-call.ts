// Calls of a rehearsal: the same scopes, states, cleanups and errors as in a run. What would be a workflow of its own has a
// ledger of its own here too; a calculation is simply done.

import { AsyncLocalStorage } from '@temporalio/workflow';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { toThrown } from '../../domain/values/thrown.js';
import { toJson } from '../../protocols/sdk/codec.js';
import type { CallRequest, CallWorld } from '../../protocols/sdk/runtime.js';
import { toErrorRecord, toLabError } from '../replay/translate-errors.js';
import { runInline } from '../calls/inline-call.js';
import { createAbandonment, isAbandonment, runScope } from '../calls/run-scope.js';
import {
  createScope,
  isLeftOver,
  keepUntilSettled,
  markOperated,
  nextCallPath,
  standings,
  waitForEver,
  type Scope,
} from '../replay/scope.js';
import { countRequest, onTrip, restartSteps } from '../replay/steps.js';
import { createStateView } from '../replay/state-view.js';
import { describeCall, logEnd, logStart, mergeState, type TrackedCall } from '../calls/tracked-call.js';
import { toCalculationWorld, toCallWorld } from './rehearsed-world.js';
import type { Stage } from './stage.js';
import { createVirtualGate } from './virtual-gate.js';

/** Set while a calculation is done: what it calls is part of it. */
const calculating = new AsyncLocalStorage<true>();
/** How many calculations have not ended: what they do is not counted, because in a run they have a thread of their own. */
let calculations = 0;

export function isCalculating(): boolean {
  return calculations > 0;
}

type Body = (world: CallWorld) => Promise<Json>;

export async function rehearseRoot(stage: Stage, request: CallRequest, body: Body): Promise<Json> {
  const path = request.definition.name;
  const scope = createScope({ path, state: createStateView({}), recovery: request.definition.recovery, sinceSeq: 0 });
  logStart(stage, { request, path, kind: 'run' });
  const abandonment = createAbandonment(scope);
  const forget = onTrip(abandonment.abandon);
  restartSteps();
  try {
    const result = toJson(
      await runScope(stage, scope, { body: () => body(toCallWorld(stage, scope)), abandonment }),
      `the result of ${path}`,
    );
    logEnd(stage, path, { result });
    return result;
  } catch (error) {
    noteThrown(stage, error);
    logEnd(stage, path, { error });
    throw error;
  } finally {
    forget();
  }
}

/** Executes calls that author code makes. Each is made by the call that is running, and begins on the stage of that one. */
export function createCallRehearser(root: Stage): (request: CallRequest, body: Body) => Promise<Json> {
  const stages = new WeakMap<Scope, Stage>();
  return (request, body) => {
    if (calculating.getStore()) return body(toCalculationWorld(request.definition.name));
    const standing = standings.getStore();
    if (!standing || isLeftOver(standing.scope)) return waitForEver();
    const { scope: caller } = standing;
    countRequest();
    const stage = stages.get(caller.call) ?? root;
    const kind = standing.isShielded && request.kind === 'child' ? 'inline' : request.kind;
    const path = nextCallPath(caller, request.definition.name);
    const call: TrackedCall = { request, path, caller, kind, forkedAt: caller.state.moment };
    const { ended, abandon } = open({ stage, stages, call, body });
    const opened = { ended, abandon };
    keepUntilSettled(caller.openCalls, opened, ended);
    const seen = new Promise<Json>((resolve, reject) => {
      ended.then(resolve, (error: unknown) => {
        if (!isAbandonment(error)) reject(toThrown(error));
      });
    });
    seen.catch(() => undefined);
    return seen;
  };
}

function open({ stage, stages, call, body }: { stage: Stage; stages: WeakMap<Scope, Stage>; call: TrackedCall; body: Body }): {
  ended: Promise<Json>;
  abandon: () => void;
} {
  const { request, path, caller, kind } = call;
  if (kind === 'activity') return { ended: calculate(stage, call, body), abandon: () => undefined };
  const isChild = kind === 'child';
  const own = isChild ? { ...stage, gate: createVirtualGate(stage) } : stage;
  const scope = createScope({
    path,
    caller,
    state: caller.state.fork(),
    recovery: request.definition.recovery,
    sinceSeq: isChild ? 0 : stage.gate.seq,
  });
  stages.set(scope, own);
  const abandonment = createAbandonment(scope);
  const execute = async (): Promise<Json> => {
    try {
      return await body(toCallWorld(own, scope));
    } catch (error) {
      noteThrown(stage, error);
      throw error;
    }
  };
  const ended = isChild
    ? runChild(stage, { call, scope }, () => runScope(own, scope, { body: execute, abandonment }))
    : runInline(stage, call, { scope, body: execute, abandonment });
  return { ended, abandon: abandonment.abandon };
}

async function runChild(stage: Stage, { call, scope }: { call: TrackedCall; scope: Scope }, run: () => Promise<Json>): Promise<Json> {
  const { path, caller } = call;
  logStart(stage, call);
  markOperated(caller);
  try {
    const result = await stage.gate.step<Json>({
      id: path,
      what: describeCall(call.request),
      isShielded: false,
      keptAs: () => (scope.state.patch ? undefined : { child: path }),
      run,
    });
    logEnd(stage, path, { result });
    mergeState(call, scope.state.patch, 'completed');
    return result;
  } catch (error) {
    logEnd(stage, path, { error });
    mergeState(call, scope.state.patch, 'failed');
    throw isAbandonment(error) ? error : toLabError(toErrorRecord(error, path));
  }
}

async function calculate(stage: Stage, call: TrackedCall, body: Body): Promise<Json> {
  const { request, path, caller } = call;
  const { definition } = request;
  if (Object.keys(request.assets).length > 0)
    throw new LabError('PROTOCOL_ERROR', { message: `${definition.name} is a calculation and can't have assets.` });
  logStart(stage, call);
  markOperated(caller);
  try {
    const run = async (): Promise<Json> => {
      calculations += 1;
      try {
        return await calculating.run(true, () => body(toCalculationWorld(definition.name)));
      } finally {
        calculations -= 1;
      }
    };
    const result = await stage.gate.step<Json>({
      id: path,
      what: describeCall(request),
      isShielded: false,
      keptAs: () => ({ call: path }),
      run,
    });
    logEnd(stage, path, { result });
    return result;
  } catch (error) {
    noteThrown(stage, error);
    logEnd(stage, path, { error });
    throw toLabError(toErrorRecord(error, path));
  }
}

/** The place in author code that an error came from; of an operation that failed it is known already. */
function noteThrown({ noteFailure }: Stage, error: unknown): void {
  if (error instanceof Error && !isAbandonment(error)) noteFailure(error, error.stack ?? '');
}
