// A run that took another way is put before a person, and its calls move on meanwhile.

import type { MutantOfTest } from './mutant.js';

export const otherWayUnheld: MutantOfTest = {
  number: 30,
  name: 'another way holds nothing',
  replacements: [{ file: 'workflows/calls/another-way.ts', old: '  await control.hold({ ...holder, isHeld: true });\n', new: '' }],
  test: { file: 'test/another-way.test.ts', title: 'a call of it that is ended from outside meanwhile is not waited for' },
};
