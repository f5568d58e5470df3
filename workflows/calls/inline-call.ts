// A nested call inside its caller's workflow: tracked like any other, without events of its own. Once it has ended, one
// entry of the ledger stands for all that happened in it.

import { isCancellation } from '@temporalio/workflow';
import type { Json } from '../../domain/json/json.js';
import type { CallEngine } from '../execution/engine.js';
import { toErrorRecord, toLabError } from '../replay/translate-errors.js';
import { isAbandonment, runScope, type Abandonment } from './run-scope.js';
import { listPrefixes, markOperated, type Scope } from '../replay/scope.js';
import { describeCall, logEnd, logStart, mergeState, type TrackedCall } from './tracked-call.js';

export async function runInline(
  engine: CallEngine,
  call: TrackedCall,
  options: { scope: Scope; body: () => Promise<Json>; abandonment: Abandonment },
): Promise<Json> {
  const { gate } = engine;
  const { path } = call;
  const { scope, body, abandonment } = options;
  logStart(engine, call);
  gate.ledger.noteStart(path, scope.sinceSeq);
  try {
    const result = await runScope(engine, scope, { body, abandonment });
    logEnd(engine, path, { result });
    const { patch } = scope.state;
    // What has not operated is simply done again on re-entry.
    if (!scope.hasOperated) gate.ledger.forgetStart(path);
    else
      await gate.conclude({
        id: path,
        ok: result,
        patch,
        keptAs: { call: path },
        prefixes: listPrefixes(path),
        sinceSeq: scope.sinceSeq,
        what: describeCall(call.request),
      });
    mergeState(call, patch, 'completed');
    return result;
  } catch (error) {
    logEnd(engine, path, { error });
    mergeState(call, scope.state.patch, 'failed');
    // Errors pass the same codec in every kind of call, so that a caller can rely on the code alone.
    throw isCancellation(error) || isAbandonment(error) ? error : toLabError(toErrorRecord(error, path));
  }
}

/** A call that had ended before the workflow continued as new. */
export async function hearInline(engine: CallEngine, call: TrackedCall): Promise<Json> {
  const { gate } = engine;
  markOperated(call.caller);
  logStart(engine, call);
  gate.ledger.noteStart(call.path, gate.seq);
  const { ok, patch } = await gate.hear(call.path, describeCall(call.request));
  logEnd(engine, call.path, { result: ok });
  mergeState(call, patch, 'completed');
  return ok;
}
