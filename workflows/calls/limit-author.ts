// Once a run is ending, author code has a little time to come to its end too: so many refused operations, so many seconds.
// Then nobody waits for it any more, and cleanups run, whatever it catches or waits for.

import { condition } from '@temporalio/workflow';
import type { Engine } from '../execution/engine.js';
import { toEndingError } from './run-scope.js';
import type { Scope } from '../replay/scope.js';

const REFUSED_OPERATIONS_MAX = 100;
const AUTHOR_LIMIT_MS = 5_000;
/** Stands in the ledger where author code was abandoned, because what follows it are cleanups. */
const ABANDONED = 'abandoned';

/** Resolves when the body of the scope, which is that of the workflow's own call, is over one way or the other. */
export async function limitAuthor({ gate, control }: Engine, scope: Scope): Promise<void> {
  const id = `${scope.path}#x`;
  if (gate.willHear(id)) {
    await gate.hear(id, ABANDONED);
  } else {
    await condition(() => scope.isBodyOver || (!gate.isReentering && (control.isCancelled() || gate.ending !== undefined)));
    if (scope.isBodyOver) return;
    await condition(() => scope.isBodyOver || gate.refused >= REFUSED_OPERATIONS_MAX, AUTHOR_LIMIT_MS);
    if (scope.isBodyOver) return;
    await gate.conclude({ id, what: ABANDONED, ok: null, prefixes: [], sinceSeq: gate.seq });
  }
  // The body may have ended in this very turn; what could be broken off now is its first cleanup.
  if (scope.isBodyOver) return;
  scope.breakOff?.(toEndingError(gate.ending ?? 'cancelled'));
}
