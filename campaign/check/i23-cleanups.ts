// I23: where a cleanup failed, nobody knows in which state the machines were left, so a person looks at them first. However
// often the run continued as new since, and in whichever of its calls it was.

import type { EventRow, Evidence, Invariant, Violation } from './evidence.js';
import { fieldsOf } from './trails.js';

const ENDED = ['run.completed', 'run.failed', 'run.cancelled'];
/** As a program of a campaign says of itself, just before its cleanup throws. */
const SAID = { title: 'cleanup', text: 'fails' };
/** How the error of a run tells of one. */
const IN_ERROR = /\bCleanup '/u;

export const cleanups: Invariant = {
  id: 'I23',
  says: 'A run of which a cleanup failed leaves its machines to be looked at.',
  check: (evidence) =>
    evidence.database.runs.flatMap(({ id, errorMessage }): readonly Violation[] => {
      const end = evidence.database.events.find(({ runId, type }) => runId === id && ENDED.includes(type));
      if (end === undefined) return [];
      if (!hasSaid(evidence, id) && !wasTold(evidence, id) && !IN_ERROR.test(errorMessage ?? '')) return [];
      return evidence.database.runAssets
        .filter(({ runId, kind, hold }) => runId === id && kind === 'machine' && hold === 'perRun')
        .filter(({ name }) => !isOut(evidence.database.events, { machine: name, end }))
        .map(({ name }) => ({ what: `A cleanup of run ${id} failed, and ${name} went back into service unseen.`, tape: [] }));
    }),
};

function hasSaid({ database }: Evidence, id: string): boolean {
  return database.events.some(
    ({ runId, type, data }) => runId === id && type === 'run.notified' && data['title'] === SAID.title && data['text'] === SAID.text,
  );
}

/** By one of its workflows to another one, or to its next execution. */
function wasTold({ executions }: Evidence, id: string): boolean {
  return executions.some(
    ({ workflowId, cleanupFailures }) => (workflowId === id || workflowId.startsWith(`${id}/`)) && cleanupFailures.length > 0,
  );
}

/** Because of this run, or still because of something earlier. */
function isOut(events: readonly EventRow[], { machine, end }: { machine: string; end: EventRow }): boolean {
  const about = events.filter(({ type, data }) => type.startsWith('machine.') && fieldsOf(data)['machine'] === machine);
  const before = about.findLast(({ type, pos }) => pos < end.pos && (type === 'machine.quarantined' || type === 'machine.released'));
  return about.some(({ type, runId }) => type === 'machine.quarantined' && runId === end.runId) || before?.type === 'machine.quarantined';
}
