// I26: what events say of a row is told apart by its revision: the same revision says the same, and the highest says what the row says.

import type { EventRow, Evidence, Invariant, Violation } from './evidence.js';
import { fieldsOf, groupBy, textOf } from './trails.js';

export const revisions: Invariant = {
  id: 'I26',
  says: 'Events of a run that carry the same revision say the same of it, and the highest says how it is.',
  check(evidence) {
    const told = groupBy(
      evidence.database.events.filter(({ data }) => data['run'] !== undefined),
      ({ runId }) => runId ?? '',
    );
    return [...told].flatMap(([runId, events]) => [...findContradictions(runId, events), ...findStale(runId, events, evidence)]);
  },
};

function findContradictions(runId: string, events: readonly EventRow[]): readonly Violation[] {
  const said = new Map<number, string>();
  return events.flatMap(({ type, pos, data }) => {
    const rev = revOf(data);
    const text = JSON.stringify(data['run']);
    const before = said.get(rev) ?? text;
    said.set(rev, before);
    return before === text
      ? []
      : [{ what: `${type} at ${pos} says of revision ${rev} of ${runId} ${text}, and another event said ${before}.`, tape: [] }];
  });
}

function findStale(runId: string, events: readonly EventRow[], { database }: Evidence): readonly Violation[] {
  const run = database.runs.find(({ id }) => id === runId);
  const last = events.reduce((newest, event) => (revOf(event.data) > revOf(newest.data) ? event : newest));
  const { status } = fieldsOf(last.data['run']);
  if (run === undefined || run.status === status) return [];
  return [{ what: `${runId} is ${run.status}, and its newest revision was told as ${textOf(status)}.`, tape: [] }];
}

function revOf(data: EventRow['data']): number {
  return Number(fieldsOf(data['run'])['rev']);
}
