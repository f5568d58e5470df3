// What a mutant is: a bug that the engine must not have, as a change of its sources, and the cheapest check that must catch it:
// the smallest scenario in which it does harm, with the invariants of which one must be violated, or a test by its name.

import type { Scenario } from './scenario.js';

export interface Replacement {
  /** Relative to the project: a TypeScript source, or one of the bridge. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly old: string;
  readonly new: string;
}

interface Planted {
  readonly number: number;
  readonly name: string;
  /** More than one where the engine has several lines of defence. */
  readonly replacements: readonly Replacement[];
}

/** Caught on a whole lab. */
export interface MutantOfLab extends Planted {
  readonly caughtBy: readonly string[];
  /** On the engine as it is, nothing is violated by it. */
  readonly provoke: Scenario;
  /** Of the lab; its own choice where left out. */
  readonly historyBudgetEvents?: number;
}

/** Caught by a test, which passes on the engine as it is. */
export interface MutantOfTest extends Planted {
  readonly test: {
    readonly file: string;
    /** How its title begins, as it stands in the file. */
    readonly title: string;
  };
}

export type Mutant = MutantOfLab | MutantOfTest;

export function isOfTest(mutant: Mutant): mutant is MutantOfTest {
  return 'test' in mutant;
}
