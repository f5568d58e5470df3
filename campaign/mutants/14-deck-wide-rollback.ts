// A command that fails takes back what every command on the deck has left pending, another machine's too.

import type { MutantOfLab } from './mutant.js';

/** The command of the first machine is under way for so long; below the time at which it would be in doubt. */
const LATE_MS = 2_000;
const FAILURES = 40;
const BETWEEN_MS = 150;

export const deckWideRollback: MutantOfLab = {
  number: 14,
  name: 'deck-wide rollback',
  caughtBy: ['I7'],
  replacements: [
    {
      file: 'bridge/praxis_bridge/plr/pending.py',
      old: 'changes = [self._by_machine.pop(key, None) for key in (machine, None)]',
      new: 'changes = [self._by_machine.get(key) for key in list(self._by_machine)]',
    },
  ],
  provoke: async ({ start, planFault, waitForEnd }) => {
    // What the lab believes of the well is seen to be wrong where it believes anything of it.
    const stroke = { do: 'stroke', well: 'E2', volumeUl: 5 };
    await waitForEnd(await start('liquid_program', [stroke]));
    await planFault({ device: 'star', op: 'dispense', mode: 'late-reply', delayMs: LATE_MS });
    // Fails all the time, also while the other one's command is under way.
    const beside = await start(
      'neighbour_program',
      Array.from({ length: FAILURES }, () => [
        { do: 'fail', volumeUl: 5 },
        { do: 'delay', ms: BETWEEN_MS },
      ]).flat(),
    );
    const first = await start('liquid_program', [stroke]);
    await waitForEnd(first);
    await waitForEnd(beside);
  },
};
