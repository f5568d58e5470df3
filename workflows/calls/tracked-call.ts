// A nested call on its way, and what every kind of call does alike: its entries in the call log, and the state that it
// hands back to its caller.

import { isCancellation } from '@temporalio/workflow';
import type { CallKind } from '../../domain/runs/call.js';
import type { Json } from '../../domain/json/json.js';
import type { CallRequest } from '../../protocols/sdk/runtime.js';
import { toChildWorkflowId } from './call-child.js';
import type { CallEngine } from '../execution/engine.js';
import { toErrorRecord } from '../replay/translate-errors.js';
import { isAbandonment } from './run-scope.js';
import type { Scope } from '../replay/scope.js';
import type { StatePatch } from '../replay/state-view.js';
import { readWorkflowTimeMs } from '../replay/workflow-clock.js';

export interface TrackedCall {
  readonly request: CallRequest;
  readonly path: string;
  readonly caller: Scope;
  readonly kind: CallKind;
  /** The moment of the caller's state at which the call was made. */
  readonly forkedAt: number;
}

/** What a call is, as its ledger entry has it. */
export function describeCall({ definition, parameters, assets }: CallRequest): Json {
  return [definition.name, parameters, Object.values(assets).map(({ name }) => name)];
}

export function logStart(
  { callLog, gate, input }: CallEngine,
  { request, path, kind }: Pick<TrackedCall, 'request' | 'path' | 'kind'>,
): void {
  const { name, version } = request.definition;
  const childWorkflowId = kind === 'child' ? { childWorkflowId: toChildWorkflowId(input.runId, path) } : {};
  // A run that continues another is led through what that one did; what is not taken over begins now.
  const atMs = gate.isReentering && !gate.willHear(path) ? readWorkflowTimeMs() : gate.now();
  callLog.add({ phase: 'started', path, atMs, name, version, kind, arguments: request.parameters, ...childWorkflowId });
}

export function logEnd({ callLog, gate }: CallEngine, path: string, ended: { readonly result: Json } | { readonly error: unknown }): void {
  if ('result' in ended) {
    callLog.addEnd(path, { phase: 'completed', atMs: gate.now(), result: ended.result });
    return;
  }
  const phase = isCancellation(ended.error) || isAbandonment(ended.error) ? 'cancelled' : 'failed';
  callLog.addEnd(path, { phase, atMs: gate.now(), error: toErrorRecord(ended.error, path) });
}

/** What was changed reaches the caller, also when the call failed; then its own error is the one that counts. */
export function mergeState(call: TrackedCall, patch: StatePatch | null | undefined, ended: 'completed' | 'failed'): void {
  try {
    if (patch) call.caller.state.merge(patch, call.forkedAt);
  } catch (error) {
    if (ended === 'completed') throw error;
  }
}
