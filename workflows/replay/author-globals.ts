// The clock and chance that author code finds in the language itself. Temporal's are the same under replay, but not when
// the author's function is run again from the top; the run's are.

import { CapturedDate } from './workflow-clock.js';

/** Puts the run's clock, chance and promises in the place of the language's for all code of this workflow. */
export function installAuthorGlobals(world: {
  readonly now: () => number;
  readonly random: () => number;
  readonly promise: PromiseConstructor;
  readonly hearUnheld: (error: unknown) => void;
}): void {
  function AuthorDate(this: unknown, ...given: []): unknown {
    // Called without new, Date says the time as a text.
    if (new.target === undefined) return new CapturedDate(world.now()).toString();
    return given.length === 0 ? new CapturedDate(world.now()) : new CapturedDate(...given);
  }
  AuthorDate.prototype = CapturedDate.prototype;
  Object.assign(AuthorDate, { now: world.now, parse: CapturedDate.parse, UTC: CapturedDate.UTC });
  const own = { configurable: true, writable: true, enumerable: false };
  Object.defineProperty(globalThis, 'Date', { ...own, value: AuthorDate });
  const math: unknown = Object.create(Math, { random: { value: world.random } });
  Object.defineProperty(globalThis, 'Math', { ...own, value: math });
  Object.defineProperty(globalThis, 'Promise', { ...own, value: world.promise });
  // Called from outside (slots/unheld-rejections.cjs), because only the process hears of them.
  Object.defineProperty(globalThis, '__praxisHearUnheld', { ...own, value: world.hearUnheld });
}
