// I8: what people are shown of a run is what its histories say, one for one: commands, calls, parents, results.

import type { CallRow, Evidence, Execution, Invariant, Violation } from './evidence.js';
import { findJournalGap, type JournalGap } from './journal-gap.js';
import { groupBy, listScheduled, textOf, toCanonical } from './trails.js';

const ENDED = ['completed', 'failed', 'cancelled'];

export const history: Invariant = {
  id: 'I8',
  says: 'Commands and calls in Postgres are those of the histories, with the same parents and results.',
  check: (evidence) => {
    const gap = findJournalGap(evidence);
    return [...checkCommands(evidence, gap), ...checkCalls(evidence, gap), ...checkEntries(evidence, gap)];
  },
};

function checkCommands(evidence: Evidence, gap: JournalGap): readonly Violation[] {
  const scheduled = groupBy(listScheduled(evidence), ({ request }) => textOf(request['id']));
  const shown = new Map(evidence.database.commands.map((row) => [row.id, row]));
  const unasked = [...shown.keys()]
    .filter((id) => !scheduled.has(id))
    .map((id) => ({ what: `Command ${id} is in Postgres, and no history asked for it.`, tape: [] }));
  const lost = [...scheduled].flatMap(([id, each]) => {
    const hasEnded = each.some(({ activity, inBlock }) =>
      inBlock ? true : activity.type === 'executeCommand' && activity.end === 'completed',
    );
    return hasEnded && !shown.has(id) && !gap.commands.has(id)
      ? [{ what: `Command ${id} ended in its history and is not in Postgres.`, tape: [] }]
      : [];
  });
  const uncertain = [...scheduled].flatMap(([id, each]) => {
    const isDoubted = each.some(({ activity, inBlock }) => inBlock?.['status'] === 'uncertain' || activity.failure === 'UNCERTAIN');
    const status = shown.get(id)?.status ?? 'missing';
    return isDoubted && !['uncertain', 'resolved', 'missing'].includes(status)
      ? [{ what: `Command ${id} is uncertain in its history and ${status} in Postgres.`, tape: [] }]
      : [];
  });
  return [...unasked, ...lost, ...uncertain];
}

function checkCalls(evidence: Evidence, gap: JournalGap): readonly Violation[] {
  const { database, executions } = evidence;
  const last = lastExecutions(executions);
  const calls = groupBy(database.calls, ({ runId }) => runId);
  return database.runs.flatMap((run) => {
    const own = calls.get(run.id) ?? [];
    const root = last.get(run.id);
    const violations = own.flatMap((call) => [...checkParent(call, own), ...checkEnd(call, run.status)]);
    for (const call of own.filter(({ kind }) => kind === 'child')) {
      const child = last.get(call.workflowId ?? '');
      // Without a parent's call entry delivered twice, one row stands for one workflow; a child that never began has none.
      if (!child && call.status === 'completed')
        violations.push({ what: `Call ${run.id}/${call.path} completed, and its workflow ${call.workflowId} never ran.`, tape: [] });
      if (child?.parentWorkflowId === null)
        violations.push({ what: `Call ${run.id}/${call.path} has a workflow without a parent.`, tape: [] });
      if (child && ENDED.includes(child.status) && ENDED.includes(call.status) && child.status !== call.status)
        violations.push({ what: `Call ${run.id}/${call.path} is ${call.status}, its workflow ${child.status}.`, tape: [] });
    }
    if (root?.status === 'completed' && run.status === 'completed') violations.push(...checkResults(run, own, root));
    return [...violations, ...checkChildren(run.id, { calls: own, executions, gap })];
  });
}

function checkResults(run: Evidence['database']['runs'][number], calls: readonly CallRow[], root: Execution): readonly Violation[] {
  const wanted = toCanonical(root.result);
  const call = calls.find(({ kind }) => kind === 'run');
  return [
    ...(toCanonical(run.result) === wanted ? [] : [{ what: `Run ${run.id} shows another result than its history.`, tape: [] }]),
    ...(!call || toCanonical(call.result) === wanted
      ? []
      : [{ what: `The root call of run ${run.id} shows another result than its history.`, tape: [] }]),
  ];
}

/** Every child that a history started is a call that people see; but one that was ended from outside together with who had started it, and had come to nothing yet, was told of by nobody. */
function checkChildren(
  runId: string,
  { calls, executions, gap }: { calls: readonly CallRow[]; executions: readonly Execution[]; gap: JournalGap },
): readonly Violation[] {
  const shown = new Set(calls.map(({ workflowId }) => workflowId));
  const started = executions
    .filter(({ workflowId }) => workflowId === runId || workflowId.startsWith(`${runId}/`))
    .flatMap(({ children }) => children.filter(({ hasStarted }) => hasStarted));
  const last = lastExecutions(executions);
  const isWordless = (id: string): boolean => {
    const child = last.get(id);
    return (
      child?.status === 'terminated' &&
      !child.activities.some(({ end }) => end === 'completed') &&
      last.get(child.parentWorkflowId ?? '')?.status === 'terminated'
    );
  };
  return [...new Set(started.map(({ workflowId }) => workflowId))]
    .filter((id) => !shown.has(id) && !isWordless(id) && !gap.childWorkflows.has(id))
    .map((id) => ({ what: `The workflow ${id} ran, and no call shows it.`, tape: [] }));
}

/** Branches and iterations are scopes of their parent: `a/b.1(1.2)/c.1` is a call of `a/b.1`. */
function checkParent({ runId, path }: CallRow, calls: readonly CallRow[]): readonly Violation[] {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/'))).replace(/(?:\(\d+\.\d+\)|\[\d+\.\d+\])+$/u, '');
  if (parent === '') return [];
  return calls.some((call) => call.path === parent) ? [] : [{ what: `Call ${runId}/${path} has no parent.`, tape: [] }];
}

function checkEnd({ runId, path, status, startedN, endedN }: CallRow, runStatus: string): readonly Violation[] {
  const where = `Call ${runId}/${path}`;
  if (runStatus === 'completed' && status === 'running') return [{ what: `${where} runs in a run that has completed.`, tape: [] }];
  return startedN !== null && endedN !== null && endedN < startedN ? [{ what: `${where} ended before it started.`, tape: [] }] : [];
}

/** Entries of one workflow count from 1 without gaps once its run has completed. */
function checkEntries({ database }: Evidence, gap: JournalGap): readonly Violation[] {
  const completed = new Set(database.runs.filter(({ status }) => status === 'completed').map(({ id }) => id));
  return [
    ...groupBy(
      database.callEntries.filter(({ runId }) => completed.has(runId)),
      ({ workflowId }) => workflowId,
    ),
  ].flatMap(([workflowId, entries]) => {
    const numbers = new Set([
      ...entries.flatMap(({ n, endedN }) => (endedN === null ? [n] : [n, endedN])),
      ...(gap.entries.get(workflowId) ?? []),
    ]);
    const highest = Math.max(...numbers);
    return highest === numbers.size
      ? []
      : [{ what: `The call log of ${workflowId} has ${numbers.size} entries up to number ${highest}.`, tape: [] }];
  });
}

export function lastExecutions(executions: readonly Execution[]): ReadonlyMap<string, Execution> {
  return new Map([...executions].sort((a, b) => a.startedAtMs - b.startedAtMs).map((execution) => [execution.workflowId, execution]));
}
