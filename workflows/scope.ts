// The scope of a call: its path, its counters, what is under way in it, and its cleanups.
// Found through the sandbox's AsyncLocalStorage, so parallel branches never see each other's.

import { AsyncLocalStorage } from '@temporalio/workflow';

export interface Cleanup {
  readonly name: string;
  readonly when: 'failed' | 'always';
  readonly run: () => Promise<void>;
}

/** A call that has not ended, as its caller sees it. */
export interface OpenCall {
  /** The caller has failed: the call ends its running commands and cleans up. */
  abandon(): void;
  readonly ended: Promise<unknown>;
}

export interface Scope {
  readonly path: string;
  readonly calls: Map<string, number>;
  commands: number;
  readonly runningCommands: Set<Promise<unknown>>;
  readonly openCalls: Set<OpenCall>;
  cleanups: Cleanup[];
  /** The author's function has returned or thrown, or is no longer waited for; only cleanups may still act. */
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
  return { path, calls: new Map(), commands: 0, runningCommands: new Set(), openCalls: new Set(), cleanups: [], isBodyOver: false };
}

/** `<parent>/<name>.<k>`, counting per name within the parent, at the time of the call. */
export function nextCallPath(scope: Scope, name: string): string {
  const count = (scope.calls.get(name) ?? 0) + 1;
  scope.calls.set(name, count);
  return `${scope.path}/${name}.${count}`;
}

/** Ends the body of a scope, and with it every call that its failing body leaves open. */
export function abandonScope(scope: Scope): void {
  scope.isBodyOver = true;
  for (const call of scope.openCalls) call.abandon();
}

/** Waits for all that is under way; commands and calls that the author never awaited included. */
export async function settleScope(scope: Scope): Promise<void> {
  while (scope.runningCommands.size + scope.openCalls.size > 0) {
    await Promise.allSettled([...scope.runningCommands, ...[...scope.openCalls].map((call) => call.ended)]);
  }
}

/** Adds to a set until the promise settles, whatever becomes of it. */
export function keepUntilSettled<T>(set: Set<T>, member: T, promise: Promise<unknown>): void {
  set.add(member);
  const forget = (): void => { set.delete(member); };
  promise.then(forget, forget);
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
