// A slot that is replaced is only killed: when its exit is heard of it is the turn of whoever came next, who gets the strike.

import type { MutantOfTest } from './mutant.js';

export const strikeForTheNext: MutantOfTest = {
  number: 40,
  name: 'strike for the next',
  replacements: [
    {
      file: 'slots/slot-process.ts',
      old: 'lose(turn.life, { runId: turn.runId, why });\n        try {',
      new: "{ if (turn.life === life && why !== '') child.kill(); };\n        try {",
    },
  ],
  test: { file: 'slots/slot-process.test.ts', title: 'a slot that is replaced: the run for which it is' },
};
