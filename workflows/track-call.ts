// A tracked call: path at call time, log entries at start and end, cleanups at its end whatever happened. It is executed
// inline, as a child workflow or as a calculation; for its caller it means the same.

import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { CallKind } from '../domain/call.js';
import { LabError } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import { toJson } from '../protocols/sdk/codec.js';
import type { CallRequest, CallWorld } from '../protocols/sdk/runtime.js';
import { createCalculationActivities } from './activity-stubs.js';
import { callChild, toChildWorkflowId } from './call-child.js';
import { createRun } from './create-run.js';
import type { Engine } from './engine.js';
import { throwAsLabError, toError, toErrorRecord, toLabError } from './failures.js';
import { createAbandonment, isAbandonment, runScope, type Abandonment } from './run-scope.js';
import { createScope, isLeftOver, isShielded, keepUntilSettled, listPrefixes, markOperated, nextCallPath, standings, waitForEver, type Scope } from './scope.js';
import { sendCommand } from './send-command.js';
import type { ChildEnd } from './messages.js';
import type { StatePatch, StateView } from './state-view.js';

export type Body = (world: CallWorld) => Promise<Json>;

export interface CallTracker {
  /** The call that this workflow is: the root of the tree, or a nested call that its parent tracks. */
  callRoot(request: CallRequest, body: Body, options: { path: string; state: StateView; kind: 'run' | 'child' }): Promise<Json>;
  /** A call made by the call that is running. */
  callNested(request: CallRequest, body: Body): Promise<Json>;
  /** A child says goodbye before it ends as cancelled. */
  hearGoodbye(end: ChildEnd): void;
}

/** A call on its way. */
interface Tracked {
  readonly request: CallRequest;
  readonly path: string;
  readonly caller: Scope;
  readonly kind: CallKind;
  /** The caller's state when the call was made. */
  readonly forkedAt: number;
}

export function createCallTracker(engine: Engine): CallTracker {
  const { gate, callLog } = engine;
  const goodbyes = new Map<string, ChildEnd>();

  const logStart = ({ request, path, kind }: Pick<Tracked, 'request' | 'path' | 'kind'>): void => {
    const { name, version } = request.definition;
    const childWorkflowId = kind === 'child' ? { childWorkflowId: toChildWorkflowId(engine.input.runId, path) } : {};
    callLog.add({ phase: 'started', path, atMs: gate.now(), name, version, kind, arguments: request.parameters, ...childWorkflowId });
  };
  const logEnd = (path: string, ended: { result: Json } | { error: unknown }): void => {
    if ('result' in ended) {
      callLog.add({ phase: 'completed', path, atMs: gate.now(), result: ended.result });
      return;
    }
    const phase = isCancellation(ended.error) || isAbandonment(ended.error) ? 'cancelled' : 'failed';
    callLog.add({ phase, path, atMs: gate.now(), error: toErrorRecord(ended.error, path) });
  };
  /** What was changed reaches the caller, also when the call failed; then its own error is the one that counts. */
  const mergeState = (call: Tracked, patch: StatePatch | null | undefined, hasFailed: boolean): void => {
    try {
      if (patch) call.caller.state.merge(patch, call.forkedAt);
    } catch (error) {
      if (!hasFailed) throw error;
    }
  };

  const runInline = async (call: Tracked, body: Body, { scope, abandonment }: { scope: Scope; abandonment: Abandonment }): Promise<Json> => {
    const { path } = call;
    logStart(call);
    gate.ledger.noteStart(path, scope.sinceSeq);
    try {
      const world = toCallWorld(engine, scope);
      const result = await runScope(engine, scope, { body: () => body(world), abandoned: abandonment.promise });
      logEnd(path, { result });
      const { patch } = scope.state;
      // What has not operated is simply done again on re-entry.
      if (!scope.hasOperated) gate.ledger.forgetStart(path);
      else {
        await gate.conclude({ id: path, ok: result, patch, keptAs: { call: path }, prefixes: listPrefixes(path), sinceSeq: scope.sinceSeq });
      }
      mergeState(call, patch, false);
      return result;
    } catch (error) {
      logEnd(path, { error });
      mergeState(call, scope.state.patch, true);
      // Errors pass the same codec in every kind of call, so that a caller can rely on the code alone.
      throw isCancellation(error) || isAbandonment(error) ? error : toLabError(toErrorRecord(error, path));
    }
  };
  const hearInline = async (call: Tracked): Promise<Json> => {
    markOperated(call.caller);
    logStart(call);
    gate.ledger.noteStart(call.path, gate.seq);
    const { ok, patch } = await gate.hear(call.path);
    logEnd(call.path, { result: ok });
    mergeState(call, patch, false);
    return ok;
  };

  const runChild = async (call: Tracked, state: StateView): Promise<Json> => {
    const { path, request } = call;
    let end: ChildEnd | undefined;
    const takeOver = (left: ChildEnd): void => {
      end ??= left;
      engine.cleanupFailures.push(...left.cleanupFailures);
    };
    logStart(call);
    gate.ledger.noteStart(path, gate.seq);
    markOperated(call.caller);
    try {
      const result = await gate.step<Json>({
        id: path,
        isShielded: false,
        keptAs: () => (end?.patch ? undefined : { child: path }),
        run: async () => {
          const given = await callChild(engine, { request, callPath: path, state: state.all(), goodbye: () => goodbyes.get(path) }, takeOver);
          // The patch travels with the result, so that the ledger has it too.
          return { result: given, patch: (end?.patch ?? null) as unknown as Json };
        },
      });
      const { result: value, patch } = result as unknown as { result: Json; patch: StatePatch | null };
      callLog.adopt(end?.entries ?? []);
      logEnd(path, { result: value });
      mergeState(call, patch, false);
      return value;
    } catch (error) {
      callLog.adopt(end?.entries ?? []);
      logEnd(path, { error });
      mergeState(call, end?.patch, true);
      throw error;
    }
  };

  const calculate = async (call: Tracked): Promise<Json> => {
    const { request, path } = call;
    const { name } = request.definition;
    logStart(call);
    markOperated(call.caller);
    const calculation = createCalculationActivities(workflowInfo().taskQueue, path);
    try {
      const result = await gate.step<Json>({
        id: path,
        isShielded: isShielded(),
        keptAs: () => ({ call: path }),
        run: () => calculation.calculate({ protocol: name, parameters: request.parameters }).catch((error: unknown) => throwAsLabError(error, path)),
      });
      logEnd(path, { result });
      return result;
    } catch (error) {
      logEnd(path, { error });
      throw error;
    }
  };

  const open = (call: Tracked, body: Body, caller: Scope): { ended: Promise<Json>; abandon: () => void } => {
    const state = caller.state.fork();
    const scope = createScope({ path: call.path, caller, state, sinceSeq: gate.seq });
    const abandonment = createAbandonment(scope);
    switch (call.kind) {
      case 'child':
        return { ended: runChild(call, state), abandon: () => void engine.control.cancelChild(toChildWorkflowId(engine.input.runId, call.path)) };
      case 'activity':
        return { ended: calculate(call), abandon: () => undefined };
      default:
        if (gate.willHear(call.path)) return { ended: hearInline(call), abandon: () => undefined };
        return { ended: runInline(call, body, { scope, abandonment }), abandon: abandonment.abandon };
    }
  };

  return {
    hearGoodbye: (end) => { goodbyes.set(end.callPath, end); },
    callRoot: async (request, body, { path, state, kind }) => {
      const scope = createScope({ path, state, sinceSeq: 0 });
      if (kind === 'run') logStart({ request, path, kind });
      try {
        const world = toCallWorld(engine, scope);
        const result = toJson(await runScope(engine, scope, { body: () => body(world) }), `the result of ${request.definition.name}`);
        if (kind === 'run') logEnd(path, { result });
        return result;
      } catch (error) {
        if (kind === 'run') logEnd(path, { error });
        else toErrorRecord(error, path);
        throw error;
      }
    },
    callNested: (request, body) => {
      const standing = standings.getStore();
      if (!standing || isLeftOver(standing.scope)) return waitForEver();
      const { scope: caller } = standing;
      // A cleanup must end with its call, whatever happens outside: what it calls runs inside.
      const kind = standing.isShielded && request.kind === 'child' ? 'inline' : request.kind;
      if (kind === 'activity' && Object.keys(request.assets).length > 0) {
        return Promise.reject(new LabError('PROTOCOL_ERROR', { message: `${request.definition.name} is a calculation and can't have assets.` }));
      }
      const path = nextCallPath(caller, request.definition.name);
      const opened = open({ request, path, caller, kind, forkedAt: caller.state.moment }, body, caller);
      keepUntilSettled(caller.openCalls, opened, opened.ended);
      return hideAbandonment(opened.ended);
    },
  };
}

/** The author's code that made an abandoned call is left over itself: it hears nothing more. */
function hideAbandonment(ended: Promise<Json>): Promise<Json> {
  const seen = new Promise<Json>((resolve, reject) => {
    ended.then(resolve, (error: unknown) => { if (!isAbandonment(error)) reject(toError(error)); });
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
