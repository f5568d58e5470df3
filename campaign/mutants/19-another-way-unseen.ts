// On re-entry an operation of the ledger is served to whatever the author's code asks for at that place.

import type { MutantOfTest } from './mutant.js';

export const anotherWayUnseen: MutantOfTest = {
  number: 19,
  name: 'entry of the ledger not compared',
  replacements: [
    {
      file: 'workflows/replay/gate.ts',
      old: 'if (!heard || isOther(entry, heard))',
      new: 'if (!heard || toFingerprint(heard.what) === "")',
    },
  ],
  test: { file: 'test/author-faults.test.ts', title: 'a protocol that takes another way (' },
};
