// A turn that went well where it was executed counts as done, whether Temporal records it or not: people never hear of a run
// whose turns are refused.

import type { MutantOfTest } from './mutant.js';

export const unrecordedTakenForWell: MutantOfTest = {
  number: 41,
  name: 'unrecorded taken for well',
  replacements: [{ file: 'slots/turn-record.ts', old: " ? 'overtaken' : 'unrecorded';", new: " ? 'overtaken' : 'recorded';" }],
  test: { file: 'test/unrecorded-turns.test.ts', title: 'each time is a failure, and none goes well' },
};
