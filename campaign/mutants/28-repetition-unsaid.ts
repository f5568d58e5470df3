// A command that the next execution asks for again does not say so: a bridge whose journal was lost sends it a second time.

import type { MutantOfTest } from './mutant.js';

export const repetitionUnsaid: MutantOfTest = {
  number: 28,
  name: 'repetition unsaid',
  replacements: [{ file: 'workflows/command/first-asking.ts', old: '...(isAgain && { isAgain })', new: '...(isAgain && {})' }],
  test: { file: 'test/continuing.test.ts', title: 'is asked for as of the first time by every execution' },
};
