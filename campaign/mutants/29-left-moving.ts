// What an execution has left moving is known to nobody until it is attached to.

import type { MutantOfTest } from './mutant.js';

export const leftMoving: MutantOfTest = {
  number: 29,
  name: 'left moving',
  replacements: [{ file: 'workflows/calls/continue-as-new.ts', old: '    ...(moving.length > 0 && { moving }),\n', new: '' }],
  test: { file: 'test/broken-engine.test.ts', title: 'what an earlier execution has left moving is stopped before the run ends' },
};
