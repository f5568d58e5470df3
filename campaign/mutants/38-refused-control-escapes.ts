// What the outside refuses of a pause is not asked for again: whoever tells it gives up.

import type { MutantOfTest } from './mutant.js';

export const refusedControlEscapes: MutantOfTest = {
  number: 38,
  name: 'refused control given up',
  replacements: [
    {
      file: 'workflows/execution/outside-control.ts',
      old: "      requireOutcome(error, 'The control of the run');\n      return true;",
      new: "      throw requireOutcome(error, 'The control of the run');",
    },
  ],
  test: { file: 'test/control.test.ts', title: 'that is refused for good is asked for again' },
};
