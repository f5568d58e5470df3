// I6: ended runs hold nothing, live ones all that they claimed for themselves, and no asset is held twice.

import type { Evidence, EventRow, Invariant, Violation } from './evidence.js';
import { groupBy } from './trails.js';

const END_EVENTS = ['run.completed', 'run.failed', 'run.cancelled'];

/** A run that has ended this long ago has given everything back. */
const RELEASE_LIMIT_MS = 10_000;

export const claims: Invariant = {
  id: 'I6',
  says: 'Ended runs hold nothing, live runs what they claimed, no asset is held twice.',
  check: (evidence) => [...checkEnded(evidence), ...checkLive(evidence), ...checkTwice(evidence), ...checkTurns(evidence)],
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
    return lost.length === 0
      ? []
      : [{ what: `Run ${id} is ${status} and does not hold ${lost.map(({ name }) => name).join(', ')}.`, tape: [] }];
  });
}

function checkTwice({ database }: Evidence): readonly Violation[] {
  return [...groupBy(database.reservations, ({ assetId }) => assetId)].flatMap(([assetId, held]) =>
    held.length === 1 ? [] : [{ what: `Asset ${assetId} is held by ${held.map(({ runId }) => runId).join(' and ')}.`, tape: [] }],
  );
}

/** History tells the same when all is over: who was granted an asset had it until its run ended. */
function checkTurns({ database }: Evidence): readonly Violation[] {
  const events = groupBy(
    database.events.filter(({ runId }) => runId !== null),
    ({ runId }) => runId ?? '',
  );
  const turns = database.runAssets
    .filter(({ hold }) => hold === 'perRun')
    .flatMap(({ runId, assetId, name }) => findTurn(events.get(runId) ?? []).map((turn) => ({ ...turn, runId, assetId, name })));
  return [...groupBy(turns, ({ assetId }) => assetId).values()].flatMap((each) => {
    const inOrder = [...each].sort((a, b) => a.fromPos - b.fromPos);
    return inOrder.flatMap(({ runId, name, fromPos }, k) => {
      const before = inOrder[k - 1];
      return before && fromPos < before.toPos
        ? [{ what: `${name} was granted to run ${runId} before run ${before.runId} had ended.`, tape: [] }]
        : [];
    });
  });
}

/** From the grant, which a run that does not wait gets with its creation, to the end. Commands by hand under a waiting run claim nothing. */
function findTurn(events: readonly EventRow[]): readonly { fromPos: number; toPos: number }[] {
  const find = (...types: string[]): EventRow | undefined =>
    events.find(({ type, data }) => types.includes(type) && data['useId'] === undefined);
  const created = find('run.created');
  const granted = find('run.waiting') ? find('run.granted') : created;
  if (granted === undefined || created?.data['underRunId'] !== undefined) return [];
  return [{ fromPos: granted.pos, toPos: find(...END_EVENTS)?.pos ?? Infinity }];
}
