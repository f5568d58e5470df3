// Work side by side within one call: branches that end together.

import { toThrown } from '../../domain/values/thrown.js';
import type { CallEngine } from '../execution/engine.js';
import { isAbandonment, openPart } from '../calls/run-scope.js';
import { createScope, findScope, isLeftOver, NativePromise, waitForEver, type GivenPromise, type Scope } from '../replay/scope.js';

/** At the first error the other branches end what they are doing and clean up; then it is thrown. */
export async function runBranches(engine: CallEngine, call: Scope, branches: readonly (() => Promise<unknown>)[]): Promise<unknown[]> {
  const parent = findScope(call);
  if (isLeftOver(parent)) return waitForEver();
  const k = (parent.operations.get('p') ?? 0) + 1;
  parent.operations.set('p', k);
  const givenAs = engine.promises.current;
  const opened = branches.map((body, index) => openBranch(engine, parent, { path: `${parent.path}(${k}.${index + 1})`, body, givenAs }));
  let first: { error: unknown } | undefined;
  for (const { ended } of opened) {
    ended.catch((error: unknown) => {
      if (first || isAbandonment(error)) return;
      first = { error };
      for (const branch of opened) branch.abandon();
    });
  }
  const settled = await NativePromise.allSettled(opened.map(({ ended }) => ended));
  if (first) throw toThrown(first.error);
  // Abandoned from outside: the caller of this call has failed, and nobody hears what is returned here.
  if (settled.some(({ status }) => status === 'rejected')) return waitForEver();
  return settled.map((each) => (each as PromiseFulfilledResult<unknown>).value);
}

/** Begins work beside what follows; a call that returns must have awaited it. */
export function beginBranch<T>(engine: CallEngine, call: Scope, body: () => Promise<T>): Promise<T> {
  const parent = findScope(call);
  if (isLeftOver(parent)) return waitForEver();
  const k = (parent.operations.get('p') ?? 0) + 1;
  parent.operations.set('p', k);
  const { ended } = openBranch(engine, parent, { path: `${parent.path}(${k}.1)`, body, givenAs: engine.promises.current });
  return ended.catch((error: unknown) => {
    // The call has ended without it.
    if (isAbandonment(error)) return waitForEver<T>();
    throw error;
  });
}

interface Branch<T> {
  readonly path: string;
  readonly body: () => Promise<T>;
  /** What author code got for all branches together. */
  readonly givenAs: GivenPromise | undefined;
}

function openBranch<T>(engine: CallEngine, parent: Scope, { path, body, givenAs }: Branch<T>) {
  const scope = createScope({ path, caller: parent, isPart: true, state: parent.state, sinceSeq: engine.gate.seq, givenAs });
  return openPart(engine, scope, async () => {
    const result = await body();
    // What the branch guards, the call guards from now on.
    parent.cleanups.push(...scope.cleanups);
    scope.cleanups = [];
    return result;
  });
}
