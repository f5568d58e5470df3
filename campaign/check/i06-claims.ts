// I6: ended runs hold nothing, live ones all that they claimed for themselves, and no asset is held twice.

import type { Evidence, Invariant, Violation } from './evidence.js';
import { groupBy } from './trails.js';

/** A run that has ended this long ago has given everything back. */
const RELEASE_LIMIT_MS = 10_000;

export const claims: Invariant = {
  id: 'I6',
  says: 'Ended runs hold nothing, live runs what they claimed, no asset is held twice.',
  check: (evidence) => [...checkEnded(evidence), ...checkLive(evidence), ...checkTwice(evidence)],
};

function checkEnded({ database, readAtMs }: Evidence): readonly Violation[] {
  return database.runs.flatMap(({ id, endedAtMs, status }) => {
    const held = database.reservations.filter(({ runId }) => runId === id).length;
    if (endedAtMs === null || held === 0 || readAtMs - endedAtMs <= RELEASE_LIMIT_MS) return [];
    return [{ what: `Run ${id} (${status}) holds ${held} assets ${Math.round((readAtMs - endedAtMs) / 1000)} s after its end.`, tape: [] }];
  });
}

function checkLive({ database }: Evidence): readonly Violation[] {
  return database.runs.flatMap(({ id, endedAtMs, startedAtMs, fence, status }) => {
    if (endedAtMs !== null || startedAtMs === null || fence === null || status === 'queued') return [];
    const held = new Set(database.reservations.filter(({ runId, useId }) => runId === id && useId === '').map(({ assetId }) => assetId));
    const lost = database.runAssets.filter(({ runId, hold, assetId }) => runId === id && hold === 'perRun' && !held.has(assetId));
    return lost.length === 0 ? [] : [{ what: `Run ${id} is ${status} and does not hold ${lost.map(({ name }) => name).join(', ')}.`, tape: [] }];
  });
}

function checkTwice({ database }: Evidence): readonly Violation[] {
  return [...groupBy(database.reservations, ({ assetId }) => assetId)].flatMap(([assetId, held]) =>
    held.length === 1 ? [] : [{ what: `Asset ${assetId} is held by ${held.map(({ runId }) => runId).join(' and ')}.`, tape: [] }],
  );
}
