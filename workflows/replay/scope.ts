// The scope of a call, or of a part of one (a branch, an iteration): its path, its counters, what is under way in it, and
// its cleanups. Found through the sandbox's AsyncLocalStorage, so parallel branches never see each other's.

import { AsyncLocalStorage } from '@temporalio/workflow';
import { CALL_PATH_LIMIT_CHARACTERS } from '../../domain/runs/call-path.js';
import { LabError } from '../../domain/errors/error.js';
import { inheritRecovery, type RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { StateView } from './state-view.js';

/** Of a path that is too long. */
const SHOWN_PATH_CHARACTERS = 200;

export interface Cleanup {
  readonly name: string;
  readonly when: 'failed' | 'always';
  readonly run: () => Promise<void>;
}

/** A promise that author code was given. */
export interface GivenPromise {
  /** What was asked for, as an author writes it. */
  readonly what: string;
  readonly place: { readonly stack?: string };
  readonly scope: Scope;
  readonly standing: Standing;
  /** Begun to be awaited later. */
  readonly isBegun: boolean;
  /** Somebody waits for it. */
  isHeld: boolean;
  isOpen: boolean;
  failure?: { readonly error: unknown };
}

/** A call that has not ended, as its caller sees it. */
export interface OpenCall {
  /** The caller has failed: the call ends its running commands and cleans up. */
  abandon(): void;
  readonly ended: Promise<unknown>;
}

/** What an operation is named after, within its scope: `#` for commands, a letter for the others. */
export type OperationLetter = '' | 'd' | 't' | 'q' | 'e' | 'p' | 'u' | 'b' | 'w';

export interface Scope {
  /** Names what happens in it. Of a call `run/name.2`, of its branches `run/name.2(1.3)`, of its iterations `run/name.2[1.57]`, of its sections `run/name.2{1}`. */
  readonly path: string;
  /** The call it belongs to: itself, where it is one. */
  readonly call: Scope;
  readonly caller: Scope | undefined;
  /** Its code runs while shared machines are held; sections do not nest, also not through calls. */
  readonly isSection: boolean;
  readonly state: StateView;
  /** What becomes of its commands that fail. */
  readonly recovery: RecoveryPolicy;
  /** Sequence number of the ledger at which it began. */
  readonly sinceSeq: number;
  readonly calls: Map<string, number>;
  readonly operations: Map<OperationLetter, number>;
  readonly runningCommands: Set<Promise<unknown>>;
  readonly openCalls: Set<OpenCall>;
  /** How many commands and calls have not ended. */
  readonly underWay: number;
  /** Waits that end when the scope is abandoned. */
  readonly waits: Set<() => void>;
  /** Promises that its code was given and that have not settled. */
  readonly given: Set<GivenPromise>;
  /** The promise by which the code that opened it waits for it. */
  readonly givenAs: GivenPromise | undefined;
  /** Promises of its code that are put together by Promise.all and its like, and have not settled. */
  joined: number;
  /** Ends the code that runs in it, body or cleanup, with an error. */
  breakOff?: ((error: Error) => void) | undefined;
  cleanups: Cleanup[];
  /** Drawn from a seed of its own; made at the first draw. */
  random?: () => number;
  /** It or something in it has passed the gate. What has not is simply done again on re-entry. */
  hasOperated: boolean;
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

/** Author code gets another one, which counts what it puts together. */
export const NativePromise = Promise;

export const standings = new AsyncLocalStorage<Standing>();

interface ScopeOptions {
  readonly path: string;
  readonly caller?: Scope | undefined;
  readonly isPart?: boolean;
  readonly isSection?: boolean;
  readonly state: StateView;
  readonly recovery?: RecoveryPolicy | undefined;
  readonly sinceSeq: number;
  readonly givenAs?: GivenPromise | undefined;
}

export function createScope(options: ScopeOptions): Scope {
  return new OwnScope(options);
}

/** Of very many calls most do nothing that they would have to remember: collections are made when they are needed. */
class OwnScope implements Scope {
  readonly path: string;
  readonly call: Scope;
  readonly caller: Scope | undefined;
  readonly isSection: boolean;
  readonly state: StateView;
  readonly recovery: RecoveryPolicy;
  readonly sinceSeq: number;
  readonly givenAs: GivenPromise | undefined;
  joined = 0;
  breakOff?: ((error: Error) => void) | undefined;
  cleanups: Cleanup[] = [];
  random?: () => number;
  hasOperated = false;
  isBodyOver = false;
  #calls: Map<string, number> | undefined;
  #operations: Map<OperationLetter, number> | undefined;
  #runningCommands: Set<Promise<unknown>> | undefined;
  #openCalls: Set<OpenCall> | undefined;
  #waits: Set<() => void> | undefined;
  #given: Set<GivenPromise> | undefined;

  constructor({ path, caller, isPart = false, isSection = false, state, recovery, sinceSeq, givenAs }: ScopeOptions) {
    this.givenAs = givenAs;
    this.path = path;
    this.caller = caller;
    this.isSection = isSection;
    this.state = state;
    this.recovery = inheritRecovery(caller?.recovery ?? {}, recovery);
    this.sinceSeq = sinceSeq;
    this.call = isPart && caller !== undefined ? caller.call : this;
  }

  get calls(): Map<string, number> {
    return (this.#calls ??= new Map());
  }

  get operations(): Map<OperationLetter, number> {
    return (this.#operations ??= new Map());
  }

  get runningCommands(): Set<Promise<unknown>> {
    return (this.#runningCommands ??= new Set());
  }

  get openCalls(): Set<OpenCall> {
    return (this.#openCalls ??= new Set());
  }

  get waits(): Set<() => void> {
    return (this.#waits ??= new Set());
  }

  get given(): Set<GivenPromise> {
    return (this.#given ??= new Set());
  }

  get underWay(): number {
    return (this.#openCalls?.size ?? 0) + (this.#runningCommands?.size ?? 0);
  }
}

/** `<parent>/<name>.<k>`, counting per name within the parent, at the time of the call. Throws CALL_TOO_DEEP. */
export function nextCallPath(scope: Scope, name: string): string {
  const count = (scope.calls.get(name) ?? 0) + 1;
  const path = `${scope.path}/${name}.${count}`;
  if (path.length > CALL_PATH_LIMIT_CHARACTERS) {
    throw new LabError('CALL_TOO_DEEP', {
      message: `The path of the call ${name} has ${path.length} characters; the limit is ${CALL_PATH_LIMIT_CHARACTERS}. It is called by ${scope.path.slice(0, SHOWN_PATH_CHARACTERS)}…`,
    });
  }
  scope.calls.set(name, count);
  return path;
}

/** `<scope>#<letter><k>`: the id of the next operation of its kind, at the time it is asked for. */
export function nextOperation(scope: Scope, letter: OperationLetter): { id: string; n: number } {
  const n = (scope.operations.get(letter) ?? 0) + 1;
  scope.operations.set(letter, n);
  markOperated(scope);
  return { id: `${scope.path}#${letter}${n}`, n };
}

export function markOperated(scope: Scope): void {
  for (let each: Scope | undefined = scope; each && !each.hasOperated; each = each.caller) each.hasOperated = true;
}

export function isInSection(scope: Scope): boolean {
  return scope.isSection || (scope.caller !== undefined && isInSection(scope.caller));
}

/** Beginnings of the ids of everything that happens in a scope. */
export function listPrefixes(path: string): readonly string[] {
  return [`${path}/`, `${path}#`, `${path}(`, `${path}[`, `${path}{`];
}

/** The part of the call in which the code that is running stands; the call itself where it stands elsewhere. */
export function findScope(call: Scope): Scope {
  const standing = standings.getStore();
  return standing?.scope.call === call ? standing.scope : call;
}

/** Ends the body of a scope, and with it every call that its failing body leaves open. */
export function abandonScope(scope: Scope): void {
  scope.isBodyOver = true;
  for (const call of scope.openCalls) call.abandon();
  for (const end of scope.waits) end();
}

/** Waits for all that is under way; commands and calls that the author never awaited included. */
export async function settleScope(scope: Scope): Promise<void> {
  while (scope.underWay > 0) {
    await NativePromise.allSettled([...scope.runningCommands, ...[...scope.openCalls].map((call) => call.ended)]);
  }
}

/** Adds to a set until the promise settles, whatever becomes of it. */
export function keepUntilSettled<T>(set: Set<T>, member: T, promise: Promise<unknown>): void {
  set.add(member);
  const forget = (): void => {
    set.delete(member);
  };
  promise.then(forget, forget);
}

/** Code left over from a body that is over waits for ever instead of acting: its call has ended without it. */
export function isLeftOver(scope: Scope): boolean {
  if (!scope.isBodyOver) return false;
  const standing = standings.getStore();
  return !(standing?.scope === scope && standing.isCleaning);
}

export function isShielded(): boolean {
  return standings.getStore()?.isShielded ?? false;
}

/** Runs work of the engine that belongs to no call, whichever call has caused it. */
export function outsideCalls<T>(work: () => T): T {
  return standings.run(undefined as unknown as Standing, work);
}

/** Where the code that is running was when it asked for something, and whether that place is over by now. */
export function toLeftOverCheck(isShieldedByEngine: boolean): () => boolean {
  const standing = standings.getStore();
  if (!standing || (isShieldedByEngine && !standing.isShielded)) return () => false;
  return () => isOver(standing);
}

/** The code that stands there acts no more. */
export function isOver({ scope, isCleaning }: Standing): boolean {
  return scope.isBodyOver && !isCleaning;
}

export function waitForEver<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}
