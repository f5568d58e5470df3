// A claim ends by the clock, as a lease does: who comes later takes the machine from a run that still goes on.

import type { MutantOfLab } from './mutant.js';

const LEASE_S = 2;
const LONG_MS = 6_000;

export const claimsByTime: MutantOfLab = {
  number: 3,
  name: 'claims by TTL',
  caughtBy: ['I6'],
  replacements: [
    {
      file: 'db/runs/reservation.queries.ts',
      old: `    if (run.fence !== null) return { granted: true, fence: run.fence, assets: toRunAssets(bound), rankMs };\n`,
      new: `    if (run.fence !== null) return { granted: true, fence: run.fence, assets: toRunAssets(bound), rankMs };\n    await sql\`delete from reservation where granted_at < now() - interval '${LEASE_S} seconds'\`.execute(tx);\n`,
    },
  ],
  provoke: async ({ start, waitForAct }) => {
    const holder = await start('instrument_program', [
      { do: 'shake', speedRpm: 200 },
      { do: 'delay', ms: LEASE_S * 1_000 },
      { do: 'seal' },
      { do: 'delay', ms: LONG_MS },
      { do: 'peel' },
    ]);
    await waitForAct(holder, 'seal');
    await start('instrument_program', [{ do: 'shake', speedRpm: 300 }]);
  },
};
