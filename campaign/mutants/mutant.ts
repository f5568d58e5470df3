// What a mutant is: a bug that the engine must not have, as a change of its sources, the smallest scenario in which it does
// harm, and the invariants of which at least one must catch it.

import type { Scenario } from './scenario.js';

export interface Replacement {
  /** Relative to the project: a TypeScript source, or one of the bridge. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly old: string;
  readonly new: string;
}

export interface Mutant {
  readonly number: number;
  readonly name: string;
  readonly caughtBy: readonly string[];
  /** More than one where the engine has several lines of defence. */
  readonly replacements: readonly Replacement[];
  /** On the engine as it is, nothing is violated by it. */
  readonly provoke: Scenario;
}
