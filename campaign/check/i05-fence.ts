// I5: whoever lost a machine moves it no more.

import type { Invariant, Violation } from './evidence.js';
import { groupBy, isAct } from './trails.js';

export const fence: Invariant = {
  id: 'I5',
  says: 'No act carries a lower fence than its machine has seen.',
  check: ({ tape }) =>
    [...groupBy(tape.filter(isAct), ({ device }) => device)].flatMap(([device, lines]) => {
      let highest = { fence: -1, n: 0 };
      return lines.flatMap((line): Violation[] => {
        const { fence: own, n } = line;
        if (own === null) return [];
        if (own < highest.fence)
          return [{ what: `${device} did ${line.op} under fence ${own} after fence ${highest.fence}.`, tape: [highest.n, n] }];
        highest = { fence: own, n };
        return [];
      });
    }),
};
