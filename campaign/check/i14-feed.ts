// I14: a client of the live feed that reconnects where it stopped has seen history, all of it, once.

import type { Invariant, Violation } from './evidence.js';
import { groupBy } from './trails.js';

export const feed: Invariant = {
  id: 'I14',
  says: 'What a client of the feed received is history, without gap or repetition.',
  check({ observations, database }) {
    const received = observations.flatMap((seen) => (seen.what === 'feed' ? [seen] : []));
    const types = new Map(database.events.map(({ pos, type }) => [pos, type]));
    return [...groupBy(received, ({ client }) => client)].flatMap(([client, events]) =>
      events.flatMap(({ pos, type }, k): readonly Violation[] => {
        const before = events[k - 1]?.pos;
        const known = types.get(pos);
        if (before !== undefined && pos !== before + 1) return [{ what: `Client ${client} got event ${pos} after ${before}.`, tape: [] }];
        return known === type ? [] : [{ what: `Client ${client} got event ${pos} as ${type}; history has ${known ?? 'none'}.`, tape: [] }];
      }),
    );
  },
};
