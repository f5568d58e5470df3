// A reader of the feed gets what is younger than what it had, and not what comes after it: of two events of one moment it
// misses the second.

import { setTimeout as sleep } from 'node:timers/promises';
import { followFeed } from '../run/observer.js';
import type { MutantOfLab } from './mutant.js';

const READERS = 8;
const READS_FOR_MS = 400;

export const feedByTime: MutantOfLab = {
  number: 11,
  name: 'feed resumes by time instead of sequence',
  caughtBy: ['I14'],
  replacements: [
    {
      file: 'db/history/event.queries.ts',
      old: `.where('pos', '>', filter.after)`,
      new: `.where(sql<boolean>\`at > coalesce((select e.at from event e where e.pos = \${filter.after}), '-infinity')\`)`,
    },
  ],
  provoke: async ({ rig, start, waitForEnd }) => {
    const runId = await start('instrument_program', [
      { do: 'shake', speedRpm: 200 },
      { do: 'call', kind: 'inline', steps: [{ do: 'scan' }] },
      { do: 'peel' },
    ]);
    for (let reader = 0; reader < READERS; reader++) {
      await followFeed(rig.api, { client: `reader ${reader} of ${runId}`, note: rig.note, signal: AbortSignal.timeout(READS_FOR_MS) });
      await sleep(0);
    }
    await waitForEnd(runId);
  },
};
