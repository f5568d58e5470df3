// Events get their positions in the order in which their transactions began, and not in that of their locks.

import type { MutantOfTest } from './mutant.js';

const FILE = 'db/migrations/0012-event-positions.ts';

export const orderOfTransactions: MutantOfTest = {
  number: 23,
  name: 'events in the order of transactions',
  replacements: [
    {
      file: FILE,
      old: 'select was.last_pos + row_number() over (order by f.id), f.id, f.run_id,',
      new: 'select was.last_pos + row_number() over (order by (select x.xid from event_row x where x.id = f.id), f.id), f.id, f.run_id,',
    },
    {
      file: FILE,
      old: 'row_number() over (partition by f.run_id order by f.id) end',
      new: 'row_number() over (partition by f.run_id order by (select x.xid from event_row x where x.id = f.id), f.id) end',
    },
  ],
  test: { file: 'db/history/run-sequencer.test.ts', title: 'no reader sees a gap that fills later' },
};
