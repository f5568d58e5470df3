// How evidence is spoilt: one thing that the engine must not do, or one that it may, put into the records of a sound lab.

import { RUN, actAgain, seeAt, toId, type Spoilable } from './test-evidence.js';

export type Case = readonly [
  invariant: string,
  name: string,
  change: (evidence: Spoilable) => void,
  words: RegExp,
  tape?: readonly number[],
];

export const rowsOf = (evidence: Spoilable): Spoilable['journals'][number]['rows'] => evidence.journals[0]!.rows;
export const addRow = (evidence: Spoilable, kind: string, key: string | null, body: object): void => {
  rowsOf(evidence).push({ row: rowsOf(evidence).length + 1, kind, atMs: 1, key, body: body as never });
};
export const sendAgain = (evidence: Spoilable, number: number): void => {
  addRow(
    evidence,
    'SENT',
    toId(number),
    structuredClone(rowsOf(evidence).find(({ key, kind }) => kind === 'SENT' && key === toId(number))!.body),
  );
};
export const doubt = (evidence: Spoilable, number: number): void => {
  const end = rowsOf(evidence).find(({ key, kind }) => kind === 'END' && key === toId(number))!;
  end.body = { outcome: { status: 'uncertain', result: null }, delta: {} };
  evidence.database.commands[number]!.status = 'uncertain';
};
/** The same command under its next retry number, acting. */
export const retry = (evidence: Spoilable, number: number, inbox: Partial<Spoilable['database']['inbox'][number]>[]): void => {
  doubt(evidence, number);
  const id = `${toId(number).slice(0, -1)}1`;
  actAgain(evidence, number, { commandId: id, before: {}, after: {} });
  const command = { ...(rowsOf(evidence).find(({ key }) => key === toId(number))!.body['command'] as object), retry: 1 };
  addRow(evidence, 'SENT', id, { command, step: 1 });
  evidence.database.commands.push({ ...evidence.database.commands[number]!, id, retry: 1, ordinal: 9, status: 'failed' });
  const activity = structuredClone(evidence.executions[0]!.activities[number]!);
  evidence.executions[0]!.activities.push({ ...activity, input: [{ ...(activity.input[0] as object), id }], end: 'failed' });
  for (const item of inbox)
    evidence.database.inbox.push({
      id: toId(number),
      runId: RUN,
      status: 'answered',
      subject: { commandId: toId(number) },
      answer: { happened: 'not-done', then: 'retry' },
      answeredBy: 'ada',
      ...item,
    });
};
export const pauseAt = (evidence: Spoilable, monoNs: number): void =>
  void evidence.observations.push({ ...seeAt(monoNs), what: 'acknowledged', action: 'pause', runId: RUN });

/** Both before the second act, and no third thing between them. */
export function stopAndRelease(all: Spoilable, rev: { readonly stop: number; readonly release: number }): void {
  const seen = seeAt(all.tape[1]!.monoNs);
  all.observations.push(
    { ...seen, what: 'acknowledged', action: 'stop-all', rev: rev.stop },
    { ...seen, what: 'lifting', action: 'stop-all', rev: rev.release },
  );
}

export const loseJournalAt = (evidence: Spoilable, monoNs: number): void =>
  void evidence.observations.push({ ...seeAt(monoNs), what: 'acknowledged', action: 'journal-lost' });

export const FINAL_REV = 2 ** 53 - 1;
export const holdRow = (rev: number, isHeld: boolean): Spoilable['journals'][number]['rows'][number] => ({
  row: 0,
  kind: 'HOLD',
  atMs: -1_000,
  key: RUN,
  body: { runId: RUN, rev, isHeld },
});
export const shieldAll = (evidence: Spoilable): void => {
  for (const { input } of evidence.executions.flatMap(({ activities }) => activities))
    (input[0] as { isShielded?: boolean }).isShielded = true;
};
export const endOf = (evidence: Spoilable, number: number): Spoilable['journals'][number]['rows'][number] =>
  rowsOf(evidence).find(({ key, kind }) => kind === 'END' && key === toId(number))!;
/** Before the end of the run, as history tells it. */
export function tellBeforeEnd(evidence: Spoilable, events: readonly { readonly type: string; readonly data: object }[]): void {
  const { events: all } = evidence.database;
  const end = all.pop()!;
  for (const { type, data } of events) all.push({ pos: all.length + 1, seq: all.length + 1, type, runId: RUN, data: data as never });
  all.push({ ...end, pos: all.length + 1, seq: all.length + 1 });
  evidence.observations = evidence.observations.filter(({ what }) => what !== 'feed');
}
export function resolve(evidence: Spoilable, number: number): void {
  const end = endOf(evidence, number);
  rowsOf(evidence).splice(rowsOf(evidence).indexOf(end) + 1, 0, {
    row: end.row + 0.5,
    kind: 'RESOLVE',
    atMs: 1,
    key: toId(number),
    body: { commandId: toId(number), delta: {} },
  });
}
/** A person says that the first command did what it should, and the run goes on. */
export function answerDoubt(evidence: Spoilable): void {
  resolve(evidence, 0);
  evidence.database.inbox.push({
    id: toId(0),
    runId: RUN,
    status: 'answered',
    subject: { commandId: toId(0) },
    answer: { happened: 'done', then: 'skip' },
    answeredBy: 'ada',
  });
  Object.assign(evidence.executions[0]!.activities[0]!, { end: 'failed', failure: 'UNCERTAIN' });
}
export const sayThatCleanupFails = (evidence: Spoilable): void => {
  tellBeforeEnd(evidence, [{ type: 'run.notified', data: { title: 'cleanup', text: 'fails' } }]);
};

/** The third command, the call that it belongs to and its entry are lost with the journal, as its run is told. */
export function loseLastCommand(all: Spoilable, { shippedRow, isTold }: { shippedRow: number; isTold: boolean }): void {
  const { database, journals } = all;
  const child = `${RUN}/carry/put.1`;
  rowsOf(all).find(({ key, kind }) => kind === 'SENT' && key === toId(2))!.body['calls'] = {
    workflowId: child,
    text: JSON.stringify([{ n: 1, workflowId: RUN, phase: 'started', childWorkflowId: child }]),
  };
  journals.unshift({
    bridgeId: 'new',
    rows: [
      { row: 1, kind: 'LOST', atMs: 1, key: null, body: { isWhole: false } },
      { row: 2, kind: 'ACCEPT', atMs: 1, key: null, body: {} },
    ],
  });
  database.journalRows = [{ bridgeId: 'b', row: shippedRow, kind: 'END', skipped: null }];
  database.commands.pop();
  database.calls.pop();
  database.callEntries = database.callEntries.filter(({ workflowId, n }) => workflowId === RUN && n !== 1);
  if (isTold) tellBeforeEnd(all, [{ type: 'run.notified', data: { title: 'Commands may be missing', text: '' } }]);
}
export const BEFORE_LAST = 6;
export const LAST_ROW = 8;
