// What a lost journal takes with it: commands that had ended, of which no row had reached Postgres, and the entries of the call log
// that travelled with them. Exactly these may stand in no list, and only where their run was told so.

import type { Evidence, Journal, JournalRow } from './evidence.js';
import { fieldsOf, listOf, listScheduled, textOf } from './trails.js';

const TOLD_TITLE = 'Commands may be missing';

export interface JournalGap {
  /** Their run has heard how they ended. */
  readonly commands: ReadonlySet<string>;
  /** Of calls whose start only such rows told. */
  readonly childWorkflows: ReadonlySet<string>;
  /** Numbers of entries by the workflow that wrote them. */
  readonly entries: ReadonlyMap<string, ReadonlySet<number>>;
}

export function findJournalGap(evidence: Evidence): JournalGap {
  const { events } = evidence.database;
  const told = new Set(
    events.filter(({ type, data }) => type === 'run.notified' && data['title'] === TOLD_TITLE).map(({ runId }) => runId),
  );
  const rows = evidence.journals
    .flatMap((journal) => listLostRows(evidence, journal))
    .filter(({ key }) => told.has((key ?? '').split('/')[0] ?? ''));
  const ended = new Set(rows.filter(({ kind }) => kind === 'END').map(({ key }) => key));
  const commands = listScheduled(evidence).filter(
    ({ request, activity, inBlock }) =>
      (inBlock !== undefined || activity.end === 'completed' || activity.end === 'failed') && ended.has(textOf(request['id'])),
  );
  const [childWorkflows, entries] = [new Set<string>(), new Map<string, Set<number>>()];
  for (const { workflowId, entry } of rows.flatMap(listEntries)) {
    const numbers = entries.get(workflowId) ?? new Set();
    entries.set(workflowId, numbers.add(Number(entry['n'])));
    const endedN = fieldsOf(entry['ended'])['n'];
    if (endedN !== undefined) numbers.add(Number(endedN));
    if (entry['phase'] === 'started') childWorkflows.add(textOf(entry['childWorkflowId']));
  }
  return { commands: new Set(commands.map(({ request }) => textOf(request['id']))), childWorkflows, entries };
}

/** Rows that Postgres never had, of a journal that was taken over from by one that began with its loss. */
function listLostRows({ journals, database }: Evidence, { bridgeId, rows }: Journal): readonly JournalRow[] {
  const isTakenOver = journals.some(
    (other) => other.bridgeId !== bridgeId && other.rows.some(({ kind, body }) => kind === 'LOST' && body['isWhole'] === false),
  );
  if (!isTakenOver) return [];
  const shippedRow = database.journalRows.reduce((last, row) => (row.bridgeId === bridgeId ? Math.max(last, row.row) : last), 0);
  return rows.filter(({ row, kind, key }) => row > shippedRow && key !== null && (kind === 'SENT' || kind === 'END'));
}

function listEntries({ body }: JournalRow): readonly { readonly workflowId: string; readonly entry: ReturnType<typeof fieldsOf> }[] {
  const calls = fieldsOf(body['calls']);
  const text = textOf(calls['text']);
  if (text === '') return [];
  return listOf(JSON.parse(text) as never)
    .map(fieldsOf)
    .map((entry) => ({ workflowId: textOf(entry['workflowId']) || textOf(calls['workflowId']), entry }));
}
