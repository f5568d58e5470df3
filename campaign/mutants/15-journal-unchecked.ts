// Whatever journal a bridge greets with is taken for the lab's: what it has never heard of is sent once more.

import { acceptJournal, loseJournal } from '../run/lose-journal.js';
import type { MutantOfLab } from './mutant.js';

/** Within what the driver waits; long enough to end the lab in. */
const LATE_MS = 2_500;
/** A lab that looks finds it in far less. */
const FOUND_LIMIT_MS = 60_000;

export const journalUnchecked: MutantOfLab = {
  number: 15,
  name: 'journal identity unchecked',
  caughtBy: ['I1', 'I18'],
  replacements: [
    {
      file: 'station/journal-keeper.ts',
      old: 'return judgeJournal(keeping.workcell, { ...hello, lastRow }, { known: what, kept });',
      new: "const verdict = judgeJournal(keeping.workcell, { ...hello, lastRow }, { known: what, kept });\n    return verdict.is === 'lost' ? { is: 'known' } : verdict;",
    },
  ],
  provoke: async ({ rig, start, planFault, waitForAct }) => {
    await planFault({ device: 'sealer', op: 'seal', mode: 'late-reply', delayMs: LATE_MS });
    const runId = await start('instrument_program', [{ do: 'seal' }]);
    await waitForAct(runId, 'seal');
    await loseJournal(rig);
    await acceptJournal(rig, FOUND_LIMIT_MS);
  },
};
