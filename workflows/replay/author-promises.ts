// Promises that author code is given, and what becomes of them. Author code is looked at when it is at rest: what it asked
// for and nobody waits for by then was forgotten, and what it left open when its call returns was forgotten too; then
// the call ends with an error that names the lines, and nothing of what was asked for begins.

import { LabError } from '../../domain/errors/error.js';
import { toThrown } from '../../domain/values/thrown.js';
import { atPlace, describeGiven, findPlace, notePlace } from './author-place.js';
import { createOpenCommands, type OpenCommands } from './open-commands.js';
import { isOver, NativePromise, standings, type GivenPromise, type Scope, type Standing } from './scope.js';

const REMEDY = 'Write await in front of it. To begin it now and await it later: const begun = run.begin(() => …); … await begun.';

export interface AuthorPromises {
  /** Asks for something in the name of the author, who gets the promise of it. */
  readonly give: <T>(what: string, ask: () => Promise<T>, options?: { readonly isBegun?: boolean }) => Promise<T>;
  /** What is being asked for just now. */
  readonly current: GivenPromise | undefined;
  /** A command that author code has asked for, until the promise settles. */
  readonly noteCommand: OpenCommands['note'];
  /** What author code has in the place of Promise: it sees what is put together by all, race, any and allSettled. */
  readonly joinable: PromiseConstructor;
  /** The scope of the call that the workflow is: what nobody holds ends it. */
  readonly watchRoot: (scope: Scope) => void;
  /** Something was rejected in author code and nobody holds it; the call ends with it when author code is next at rest. */
  readonly hearUnheld: (error: unknown) => void;
  /** Author code is at rest: ends every call that has forgotten something. */
  judge(): void;
}

const given = new WeakMap<object, GivenPromise>();
/** Whoever waits for a promise, by await, then or Promise.all, reads its constructor first. */
const watched: object = Object.create(NativePromise.prototype, {
  constructor: {
    get(this: object) {
      const promise = given.get(this);
      if (promise) promise.isHeld = true;
      return NativePromise;
    },
  },
}) as object;

export function createAuthorPromises(): AuthorPromises {
  /** Given since author code was last at rest. */
  let fresh: GivenPromise[] = [];
  let current: GivenPromise | undefined;
  let root: Scope | undefined;
  let unheld: Error | undefined;
  const commands = createOpenCommands(() => current);

  const give: AuthorPromises['give'] = (what, ask, { isBegun = false } = {}) => {
    const standing = standings.getStore();
    if (!standing || isOver(standing)) return ask();
    const { scope } = standing;
    const one: GivenPromise = { what, place: notePlace(give), standing, scope, isBegun, isHeld: false, isOpen: true };
    const outer = current;
    current = one;
    try {
      const promise = watch(ask(), one);
      fresh.push(one);
      scope.given.add(one);
      return promise;
    } finally {
      current = outer;
    }
  };

  return {
    give,
    get current() {
      return current;
    },
    joinable: createJoinable(give),
    noteCommand: commands.note,
    watchRoot: (scope) => {
      root = scope;
    },
    hearUnheld: (error) => {
      unheld ??= toThrown(error);
    },
    judge: () => {
      const all = fresh;
      fresh = [];
      const forgotten = new Set<Scope>();
      all.forEach((one, index) => {
        if (one.isHeld || one.isBegun || isOver(one.standing) || forgotten.has(one.scope)) return;
        // What has ended by now was computed at once and moved nothing.
        if (!one.isOpen && one.failure === undefined) return;
        forgotten.add(one.scope);
        const next = all.slice(index + 1).find(({ scope }) => scope === one.scope);
        one.scope.breakOff?.(one.failure ? toThrown(one.failure.error) : toForgotten(one, next));
      });
      commands.judge();
      // Once its body is over, whatever is left of it fails nothing any more.
      if (unheld && root?.isBodyOver === false) root.breakOff?.(unheld);
      unheld = undefined;
    },
  };
}

/** Throws PROTOCOL_ERROR where the code that stood there has ended and left something open, or let something fail that nobody heard of. */
export function requireNothingOpen(standing: Standing): void {
  const { scope } = standing;
  const all = [...scope.given].filter((one) => one.standing === standing);
  const open = all.filter(({ isOpen }) => isOpen);
  const [first] = open;
  // What was put together by Promise.race or all may be left over.
  if (first && open.length > scope.joined) throw toForgotten(first, undefined);
  const unheard = all.find(({ failure, isHeld }) => failure !== undefined && !isHeld);
  if (unheard?.failure) throw toThrown(unheard.failure.error);
}

/** What author code gets: it settles as the promise does, but tells nothing to code that is over. */
function watch<T>(promise: Promise<T>, one: GivenPromise): Promise<T> {
  const inner = given.get(promise);
  if (inner) inner.isHeld = true;
  const shown = new NativePromise<T>((resolve, reject) => {
    promise.then(
      (value) => {
        end(one);
        if (!isOver(one.standing)) resolve(value);
      },
      (error: unknown) => {
        one.failure = { error };
        end(one);
        if (!isOver(one.standing)) reject(toThrown(error));
      },
    );
  });
  // Whoever forgets it is told by the error of its call, and not by a task that fails.
  shown.catch(() => undefined);
  given.set(shown, one);
  return Object.setPrototypeOf(shown, watched) as Promise<T>;
}

/** What was begun and has failed is remembered: the call that returns without having heard of it fails with it. */
function end(one: GivenPromise): void {
  one.isOpen = false;
  if (!one.isBegun || one.failure === undefined) one.scope.given.delete(one);
}

function toForgotten(one: GivenPromise, next: GivenPromise | undefined): LabError {
  const end = next ? `before ${describeGiven(next)}` : `before the end of ${one.scope.path}`;
  const place = findPlace(one.place);
  const error = new LabError('PROTOCOL_ERROR', {
    message: `${describeGiven(one)} was not awaited ${end}.`,
    remedy: REMEDY,
    ...(place !== undefined && { details: { place } }),
  });
  return atPlace(error, one.place);
}

const COMBINATORS = ['all', 'allSettled', 'any', 'race'] as const;
type Combine = (inputs: Iterable<unknown>) => Promise<unknown>;

/** Promise itself stays as it is: contexts may share it. */
function createJoinable(give: AuthorPromises['give']): PromiseConstructor {
  function JoinablePromise(this: unknown, ...executor: [never]): unknown {
    return Reflect.construct(NativePromise, executor, new.target === JoinablePromise ? NativePromise : (new.target ?? NativePromise));
  }
  Object.setPrototypeOf(JoinablePromise, NativePromise);
  JoinablePromise.prototype = NativePromise.prototype as unknown;
  const toOwner = (asked: unknown): unknown => (asked === JoinablePromise ? NativePromise : asked);
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(JoinablePromise, name, { value, writable: true, configurable: true });
  };
  define('name', 'Promise');
  for (const name of ['resolve', 'reject', 'withResolvers'] as const) {
    const plain = (NativePromise as unknown as Readonly<Record<string, ((value: unknown) => unknown) | undefined>>)[name];
    if (plain)
      define(name, function settle(this: unknown, value: unknown) {
        return plain.call(toOwner(this), value);
      });
  }
  for (const name of COMBINATORS) {
    const plain = Reflect.get(NativePromise, name) as Combine;
    define(name, function combine(this: unknown, inputs: Iterable<unknown>) {
      const all = [...inputs];
      const together = (): Promise<unknown> => plain.call(toOwner(this), all);
      join(all);
      return all.some((input) => given.has(input as object)) ? give(`Promise.${name}`, together) : together();
    });
  }
  return JoinablePromise as unknown as PromiseConstructor;
}

/** Branches of author code that somebody waits for together: so many may go on beside each other. */
function join(inputs: readonly unknown[]): void {
  const scope = standings.getStore()?.scope;
  if (!scope) return;
  for (const input of inputs) {
    if (!(input instanceof NativePromise)) continue;
    scope.joined += 1;
    const end = (): void => {
      scope.joined -= 1;
    };
    input.then(end, end);
  }
}
