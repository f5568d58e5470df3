// The scope of a call: its path, its counters, what is under way in it, and its cleanups.
// Found through the sandbox's AsyncLocalStorage, so parallel branches never see each other's.

import { AsyncLocalStorage } from '@temporalio/workflow';

export interface Cleanup {
  readonly name: string;
  readonly when: 'failed' | 'always';
  readonly run: () => Promise<void>;
}

export interface Scope {
  readonly path: string;
  readonly calls: Map<string, number>;
  commands: number;
  readonly underWay: Set<Promise<unknown>>;
  cleanups: Cleanup[];
  /** The author's function has returned or thrown; only cleanups may still act. */
  isBodyOver: boolean;
}

/** Where the code that is running stands. */
export interface Standing {
  readonly scope: Scope;
  /** Inside a cleanup, or in a call made by one: cancellation does not reach it. */
  readonly isShielded: boolean;
  /** Inside a cleanup of this very scope. */
  readonly isCleaning: boolean;
}

export const standings = new AsyncLocalStorage<Standing>();

export function createScope(path: string): Scope {
  return { path, calls: new Map(), commands: 0, underWay: new Set(), cleanups: [], isBodyOver: false };
}

/** `<parent>/<name>.<k>`, counting per name within the parent, at the time of the call. */
export function nextCallPath(scope: Scope, name: string): string {
  const count = (scope.calls.get(name) ?? 0) + 1;
  scope.calls.set(name, count);
  return `${scope.path}/${name}.${count}`;
}

/** Remembers a promise until it settles, whatever becomes of it. */
export function trackUnderWay<T>(scope: Scope, promise: Promise<T>): Promise<T> {
  scope.underWay.add(promise);
  const forget = (): void => { scope.underWay.delete(promise); };
  promise.then(forget, forget);
  return promise;
}

/** Waits for all that is under way; branches that the author never awaited included. */
export async function settleScope(scope: Scope): Promise<void> {
  while (scope.underWay.size > 0) await Promise.allSettled([...scope.underWay]);
}

/** Code left over from a body that is over waits for ever instead of acting: its call has ended without it. */
export function isLeftOver(scope: Scope): boolean {
  if (!scope.isBodyOver) return false;
  const standing = standings.getStore();
  return !(standing?.scope === scope && standing.isCleaning);
}

export function waitForEver<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}
