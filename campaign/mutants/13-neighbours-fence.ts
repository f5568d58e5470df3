// The end of one run notes its fence for the machine of the deck, which another run holds.

import type { MutantOfLab } from './mutant.js';

const STROKES = 30;

export const neighboursFence: MutantOfLab = {
  number: 13,
  name: "neighbour's fence",
  caughtBy: ['I19'],
  replacements: [
    {
      file: 'bridge/praxis_bridge/statements/replace_labware.py',
      old: '        delta = state.replace(wish.names)\n',
      new: '        if workcell.deck_machine is not None:\n            self._admission.note_fence(workcell.deck_machine.name, wish.fence)\n        delta = state.replace(wish.names)\n',
    },
  ],
  provoke: async ({ start, waitForAct, waitForEnd }) => {
    const first = await start(
      'liquid_program',
      Array.from({ length: STROKES }, () => ({ do: 'stroke', well: 'E1', volumeUl: 5 })),
    );
    await waitForAct(first, 'aspirate');
    await waitForEnd(await start('neighbour_program', [{ do: 'look' }]));
    await waitForEnd(first);
  },
};
