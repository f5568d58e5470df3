// I9: the status that people see is the one of the workflow, and an end is an end.

import type { EventRow, Evidence, Invariant, Violation } from './evidence.js';
import { lastExecutions } from './i08-history.js';
import { groupBy } from './trails.js';

const ENDED = ['completed', 'failed', 'cancelled'];
/** Postgres follows Temporal, and Temporal the last activity, within this time. */
const LAG_LIMIT_MS = 5_000;
const END_EVENTS = ENDED.map((status) => `run.${status}`);
/** Told of a run by others after its end: its journal arrives late, its inbox is cleared, its data is kept. */
const AFTER_THE_END = /^(alarm|command|inbox|labware|machine|call)\.|^run\.(data|notified)$/u;

export const status: Invariant = {
  id: 'I9',
  says: 'Postgres shows the status of Temporal, and no run comes back from its end.',
  check: (evidence) => [...checkAgreement(evidence), ...checkEvents(evidence), ...checkSeen(evidence)],
};

function checkAgreement({ database, executions, readAtMs }: Evidence): readonly Violation[] {
  const last = lastExecutions(executions);
  return database.runs.flatMap((run) => {
    const root = last.get(run.id);
    const shown = ENDED.includes(run.status) ? run.status : 'running';
    if (!root)
      return run.startedAtMs === null ? [] : [{ what: `Run ${run.id} is ${run.status}, and Temporal does not know it.`, tape: [] }];
    if (shown === root.status || (shown === 'failed' && ['terminated', 'timed-out'].includes(root.status))) return [];
    const changedAtMs = Math.max(root.closedAtMs ?? 0, run.endedAtMs ?? 0);
    return readAtMs - changedAtMs <= LAG_LIMIT_MS
      ? []
      : [{ what: `Run ${run.id} is ${run.status} in Postgres and ${root.status} in Temporal.`, tape: [] }];
  });
}

function checkEvents({ database }: Evidence): readonly Violation[] {
  const ofRuns = database.events.filter((event): event is EventRow & { runId: string } => event.runId !== null);
  return [...groupBy(ofRuns, ({ runId }) => runId)].flatMap(([runId, events]) => {
    const inOrder = [...events].sort((a, b) => a.pos - b.pos);
    const end = inOrder.findIndex(({ type }) => END_EVENTS.includes(type));
    const late = end === -1 ? [] : inOrder.slice(end + 1).filter(({ type }) => !AFTER_THE_END.test(type));
    const isLate = inOrder[0]?.type !== 'run.created';
    return [
      ...late.map(({ type }) => ({ what: `Run ${runId} was told as ${type} after its ${inOrder[end]?.type}.`, tape: [] })),
      ...(isLate ? [{ what: `The first event of run ${runId} is ${inOrder[0]?.type}.`, tape: [] }] : []),
    ];
  });
}

function checkSeen({ observations }: Evidence): readonly Violation[] {
  const ended = new Map<string, string>();
  return observations.flatMap((seen) => {
    if (seen.what !== 'status') return [];
    const before = ended.get(seen.runId);
    if (ENDED.includes(seen.status)) ended.set(seen.runId, seen.status);
    return before !== undefined && before !== seen.status
      ? [{ what: `Run ${seen.runId} was shown as ${seen.status} after ${before}.`, tape: [] }]
      : [];
  });
}
