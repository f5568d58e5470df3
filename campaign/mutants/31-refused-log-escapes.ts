// A call log that is refused for good ends the workflow before it has told anybody of its end.

import type { MutantOfTest } from './mutant.js';

export const refusedLogEscapes: MutantOfTest = {
  number: 31,
  name: 'refused call log ends the workflow',
  replacements: [
    {
      file: 'workflows/calls/end-broken.ts',
      old: "    const reason = requireOutcome(error, 'The call log');\n    return { ending: 'error' in ending ? ending : { error: reason }, isLogLost: true };",
      new: "    throw requireOutcome(error, 'The call log');",
    },
  ],
  test: { file: 'test/broken-engine.test.ts', title: 'at the end of a call: it tells its caller, which goes on' },
};
