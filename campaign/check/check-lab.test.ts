// Each invariant finds the evidence that violates it, names what shows it, and finds nothing where all is well.

import { describe, expect, test } from '@jest/globals';
import { checkLab, INVARIANTS } from './check-lab.js';
import type { Evidence } from './evidence.js';
import { describeFindings } from './report.js';
import { actAgain, READ_AT_MS, RUN, seeAt, spoil, toId, type Spoilable } from './test-evidence.js';

type Case = readonly [invariant: string, name: string, change: (evidence: Spoilable) => void, words: RegExp, tape?: readonly number[]];

const rowsOf = (evidence: Spoilable): Spoilable['journals'][number]['rows'] => evidence.journals[0]!.rows;
const addRow = (evidence: Spoilable, kind: string, key: string | null, body: object): void => {
  rowsOf(evidence).push({ row: rowsOf(evidence).length + 1, kind, atMs: 1, key, body: body as never });
};
const sendAgain = (evidence: Spoilable, number: number): void => {
  addRow(evidence, 'SENT', toId(number), structuredClone(rowsOf(evidence).find(({ key, kind }) => kind === 'SENT' && key === toId(number))!.body));
};
const doubt = (evidence: Spoilable, number: number): void => {
  const end = rowsOf(evidence).find(({ key, kind }) => kind === 'END' && key === toId(number))!;
  end.body = { outcome: { status: 'uncertain', result: null }, delta: {} };
  evidence.database.commands[number]!.status = 'uncertain';
};
/** The same command under its next retry number, acting. */
const retry = (evidence: Spoilable, number: number, inbox: Partial<Spoilable['database']['inbox'][number]>[]): void => {
  doubt(evidence, number);
  const id = `${toId(number).slice(0, -1)}1`;
  actAgain(evidence, number, { commandId: id, before: {}, after: {} });
  const command = { ...(rowsOf(evidence).find(({ key }) => key === toId(number))!.body['command'] as object), retry: 1 };
  addRow(evidence, 'SENT', id, { command, step: 1 });
  evidence.database.commands.push({ ...evidence.database.commands[number]!, id, retry: 1, ordinal: 9, status: 'failed' });
  const activity = structuredClone(evidence.executions[0]!.activities[number]!);
  evidence.executions[0]!.activities.push({ ...activity, input: [{ ...(activity.input[0] as object), id }], end: 'failed' });
  for (const item of inbox) evidence.database.inbox.push({ id: toId(number), runId: RUN, status: 'answered', subject: { commandId: toId(number) }, answer: { happened: 'not-done', then: 'retry' }, answeredBy: 'ada', ...item });
};
const pauseAt = (evidence: Spoilable, monoNs: number): void => void evidence.observations.push({ ...seeAt(monoNs), what: 'acknowledged', action: 'pause', runId: RUN });

/** Both before the second act, and no third thing between them. */
function stopAndRelease(all: Spoilable, rev: { readonly stop: number; readonly release: number }): void {
  const seen = seeAt(all.tape[1]!.monoNs);
  all.observations.push({ ...seen, what: 'acknowledged', action: 'stop-all', rev: rev.stop }, { ...seen, what: 'lifting', action: 'stop-all', rev: rev.release });
}

const loseJournalAt = (evidence: Spoilable, monoNs: number): void => void evidence.observations.push({ ...seeAt(monoNs), what: 'acknowledged', action: 'journal-lost' });

const FINAL_REV = 2 ** 53 - 1;
const holdRow = (rev: number, isHeld: boolean): Spoilable['journals'][number]['rows'][number] => ({ row: 0, kind: 'HOLD', atMs: -1_000, key: RUN, body: { runId: RUN, rev, isHeld } });
const shieldAll = (evidence: Spoilable): void => {
  for (const { input } of evidence.executions.flatMap(({ activities }) => activities)) (input[0] as { isShielded?: boolean }).isShielded = true;
};
const endOf = (evidence: Spoilable, number: number): Spoilable['journals'][number]['rows'][number] => rowsOf(evidence).find(({ key, kind }) => kind === 'END' && key === toId(number))!;
/** Before the end of the run, as history tells it. */
function tellBeforeEnd(evidence: Spoilable, events: readonly { readonly type: string; readonly data: object }[]): void {
  const { events: all } = evidence.database;
  const end = all.pop()!;
  for (const { type, data } of events) all.push({ pos: all.length + 1, seq: all.length + 1, type, runId: RUN, data: data as never });
  all.push({ ...end, pos: all.length + 1, seq: all.length + 1 });
  evidence.observations = evidence.observations.filter(({ what }) => what !== 'feed');
}
function resolve(evidence: Spoilable, number: number): void {
  const end = endOf(evidence, number);
  rowsOf(evidence).splice(rowsOf(evidence).indexOf(end) + 1, 0, { row: end.row + 0.5, kind: 'RESOLVE', atMs: 1, key: toId(number), body: { commandId: toId(number), delta: {} } });
}
/** A person says that the first command did what it should, and the run goes on. */
function answerDoubt(evidence: Spoilable): void {
  resolve(evidence, 0);
  evidence.database.inbox.push({ id: toId(0), runId: RUN, status: 'answered', subject: { commandId: toId(0) }, answer: { happened: 'done', then: 'skip' }, answeredBy: 'ada' });
  Object.assign(evidence.executions[0]!.activities[0]!, { end: 'failed', failure: 'UNCERTAIN' });
}
const sayThatCleanupFails = (evidence: Spoilable): void => { tellBeforeEnd(evidence, [{ type: 'run.notified', data: { title: 'cleanup', text: 'fails' } }]); };

/** The third command, the call that it belongs to and its entry are lost with the journal, as its run is told. */
function loseLastCommand(all: Spoilable, { shippedRow, isTold }: { shippedRow: number; isTold: boolean }): void {
  const { database, journals } = all;
  const child = `${RUN}/carry/put.1`;
  rowsOf(all).find(({ key, kind }) => kind === 'SENT' && key === toId(2))!.body['calls'] = { workflowId: child, text: JSON.stringify([{ n: 1, workflowId: RUN, phase: 'started', childWorkflowId: child }]) };
  journals.unshift({ bridgeId: 'new', rows: [{ row: 1, kind: 'LOST', atMs: 1, key: null, body: { isWhole: false } }, { row: 2, kind: 'ACCEPT', atMs: 1, key: null, body: {} }] });
  database.journalRows = [{ bridgeId: 'b', row: shippedRow, kind: 'END', skipped: null }];
  database.commands.pop();
  database.calls.pop();
  database.callEntries = database.callEntries.filter(({ workflowId, n }) => workflowId === RUN && n !== 1);
  if (isTold) tellBeforeEnd(all, [{ type: 'run.notified', data: { title: 'Commands may be missing', text: '' } }]);
}
const [BEFORE_LAST, LAST_ROW] = [6, 8];

const VIOLATIONS: readonly Case[] = [
  ['I3', 'a command that was lost with its journal, of which its run is not told', (all) => { loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: false }); }, /people see nothing of it/u],
  ['I8', 'a command that was shipped and is missing after its journal was lost', (all) => { loseLastCommand(all, { shippedRow: LAST_ROW, isTold: true }); }, /ended in its history and is not in Postgres/u],
  ['I8', 'a call that was shipped and is missing after its journal was lost', (all) => { loseLastCommand(all, { shippedRow: LAST_ROW, isTold: true }); }, /ran, and no call shows it/u],
  ['I8', 'another command that is missing after a journal was lost', (all) => { loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: true }); all.database.commands.pop(); }, /carry\/2\/0 ended in its history/u],
  ['I18', 'an act after the journal was lost', (all) => { loseJournalAt(all, all.tape[1]!.beganMonoNs - 1); }, /began aspirate 0 ms after the journal was lost/u],
  ['I19', 'a run that died of a fence of a neighbour', (all) => { Object.assign(all.database.runs[0]!, { status: 'failed', errorCode: 'STALE_FENCE' }); }, /failed by STALE_FENCE/u],
  ['I18', 'a SENT between LOST and ACCEPT', (all) => { rowsOf(all).unshift({ row: 0, kind: 'LOST', atMs: 1, key: null, body: {} }); }, /though the journal was lost at row 0/u],
  ['I1', 'an act without a SENT of its own', (all) => actAgain(all, 2, { before: {}, after: {} }), /acted 2 times and was sent 1/u, [3, 4]],
  ['I1', 'the same step sent twice', (all) => { actAgain(all, 0, { before: {}, after: {} }); sendAgain(all, 0); }, /was sent twice/u],
  ['I1', 'a step sent again by a bridge that began anew, of a motion', (all) => { addRow(all, 'BOOT', null, {}); actAgain(all, 0, { before: {}, after: {} }); sendAgain(all, 0); }, /was sent twice/u],
  ['I1', 'a retry that nobody asked for', (all) => retry(all, 1, [{ answer: { then: 'skip' } }]), /nobody on record asked/u],
  ['I1', 'a retry that nobody in particular asked for', (all) => retry(all, 1, [{ answeredBy: '' }]), /nobody on record asked/u],
  ['I2', 'completed without an act', (all) => void all.tape.splice(2, 1), /completed and acted 0 times/u],
  ['I2', 'another volume', (all) => { all.tape[1]!.after = { wells: { 'plate_1:A1': 190 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 10 } } }; }, /aspirate 50 µL at plate_1:A1 and moved 10/u, [2]],
  ['I2', 'another volume told to the machine', (all) => { all.tape[1]!.args = { channels: [{ channel: '0', well: 'plate_1:A1', volumeUl: 5 }] }; }, /the machine was told 5/u, [2]],
  ['I2', 'another well', (all) => { all.tape[1]!.before = { wells: { 'plate_1:B7': 200 }, channels: { 0: null } }; all.tape[1]!.after = { wells: { 'plate_1:B7': 150 } }; }, /touched plate_1:B7/u],
  ['I2', 'another tip', (all) => { all.tape[0]!.after = { tips: { 'tips_1:C1': false } }; }, /took tips_1:C1/u],
  ['I2', 'half of an act', (all) => { all.tape[1]!.outcome = 'part'; }, /though its act was part/u, [2]],
  ['I2', 'another machine', (all) => { all.tape[1]!.device = 'other'; }, /moved other/u, [2]],
  ['I2', 'another result in the history', (all) => { all.executions[0]!.activities[1]!.result = 7; }, /history got another result/u],
  ['I2', 'another result in Postgres', (all) => { all.database.commands[1]!.result = { volume: 2 }; }, /Postgres shows another result/u],
  ['I3', 'an act that nobody knows of', (all) => void all.database.commands.splice(2, 1), /people see nothing of it/u, [3]],
  ['I3', 'an act that is shown as running for ever', (all) => { all.database.commands[2]!.status = 'running'; }, /see it as running/u],
  ['I3', 'an act for no command', (all) => { all.tape[2]!.commandId = null; }, /for no command/u, [3]],
  ['I3', 'a doubt that reached nobody', (all) => doubt(all, 1), /nobody was asked/u, [2]],
  ['I4', 'acts that overlap', (all) => { all.tape[1]!.beganMonoNs = all.tape[0]!.monoNs - 5; }, /began aspirate before its pick_up_tips had ended/u, [1, 2]],
  ['I4', 'another order in the journal', (all) => { rowsOf(all).find(({ key, kind }) => kind === 'SENT' && key === toId(0))!.row = 99; }, /tape and journal tell another order/u],
  ['I4', 'another order in Postgres', (all) => { all.database.commands[0]!.ordinal = 99; }, /tape and Postgres tell another order/u],
  ['I4', 'two runs in turns under one fence', (all) => { actAgain(all, 0, { commandId: 'run-2/x/1/0' }); actAgain(all, 0, { commandId: toId(2) }); }, /in turns under fence 4/u],
  ['I5', 'an act of a zombie', (all) => actAgain(all, 2, { fence: 3 }), /under fence 3 after fence 4/u, [3, 4]],
  ['I6', 'an ended run that holds', (all) => void all.database.reservations.push({ assetId: 'asset-star', runId: RUN, fence: 4, useId: '' }), /holds 1 assets 991 s after its end/u],
  ['I6', 'a live run that has lost its machine', (all) => { Object.assign(all.database.runs[0]!, { status: 'running', endedAtMs: null }); }, /does not hold star/u],
  ['I6', 'an asset held twice', (all) => void all.database.reservations.push({ assetId: 'x', runId: 'r1', fence: 4, useId: '' }, { assetId: 'x', runId: 'r2', fence: 5, useId: '' }), /held by r1 and r2/u],
  ['I7', 'liquid out of nothing', (all) => { all.tape[2]!.after = { wells: { 'plate_1:A2': 50 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 20 } } }; }, /made 20.00 µL out of nothing/u, [3]],
  ['I7', 'liquid that vanished between two acts', (all) => { all.tape[2]!.before = { wells: { 'plate_1:A1': 90, 'plate_1:A2': 0 } }; }, /left with 150 µL and found with 90/u, [2, 3]],
  ['I7', 'a wrong belief', (all) => { rowsOf(all).find(({ key, kind }) => kind === 'END' && key === toId(2))!.body['delta'] = { a2: { labware: 'plate_1', item: 'A2', volumeUl: 100 } }; }, /holds 50 µL and is believed to hold 100/u, [3]],
  ['I7', 'a belief that was wrong until the plate was made fresh', (all) => {
    endOf(all, 2).body['delta'] = {};
    rowsOf(all).splice(2, 0, { row: 2.5, kind: 'CORRECT', atMs: 1, key: null, body: { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0 } } } });
    addRow(all, 'REPLACE', null, { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 50 } } });
  }, /plate_1:A2 holds 50 µL and is believed to hold 0/u, [3]],
  ['I7', 'an interval without the truth', (all) => addRow(all, 'END', 'x', { outcome: { status: 'uncertain' }, delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0, volumeRangeUl: { min: 0, max: 40 } } } }), /outside of the believed 0 to 40/u],
  ['I7', 'a plate that stands elsewhere', (all) => {
    all.tape[2]!.after = { ...all.tape[2]!.after, places: { plate_1: 'star/plate_carrier-4' } };
    addRow(all, 'END', 'x', { outcome: { status: 'completed' }, delta: { plate_1: { place: { carrier: 'plate_carrier', site: 0 } } } });
  }, /stands at star\/plate_carrier-4 and is believed to stand at star\/plate_carrier-0/u, [3]],
  ['I8', 'a command that no history asked for', (all) => void all.executions[0]!.activities.splice(1, 1), /no history asked for it/u],
  ['I8', 'a command that Postgres has lost', (all) => void all.database.commands.splice(0, 1), /is not in Postgres/u],
  ['I8', 'a doubt that Postgres shows as a success', (all) => { Object.assign(all.executions[0]!.activities[1]!, { end: 'failed', failure: 'UNCERTAIN' }); }, /uncertain in its history and completed/u],
  ['I8', 'a child that no call shows', (all) => void all.database.calls.splice(1, 1), /no call shows it/u],
  ['I8', 'a call that was ended with its caller, and had done something', (all) => {
    const [, child] = all.executions;
    const nested = `${RUN}/carry/put.1/put.1`;
    Object.assign(child!, { status: 'terminated', children: [{ workflowId: nested, hasStarted: true }] });
    all.executions.push({ ...child!, workflowId: nested, parentWorkflowId: child!.workflowId, children: [] });
  }, /put\.1\/put\.1 ran, and no call shows it/u],
  ['I8', 'a call without parent', (all) => void all.database.calls.splice(0, 1), /has no parent/u],
  ['I8', 'another result of the run', (all) => { all.database.runs[0]!.result = { carriedUl: 49 }; }, /shows another result than its history/u],
  ['I8', 'a call that runs in a run that has completed', (all) => { all.database.calls[1]!.status = 'running'; }, /runs in a run that has completed/u],
  ['I8', 'a child that ended otherwise', (all) => { all.executions[1]!.status = 'failed'; }, /is completed, its workflow failed/u],
  ['I8', 'an entry that was lost', (all) => void all.database.callEntries.splice(0, 1), /2 entries up to number 3/u],
  ['I9', 'another status in Temporal', (all) => { all.executions[0]!.status = 'failed'; }, /completed in Postgres and failed in Temporal/u],
  ['I9', 'a run that Temporal does not know', (all) => { all.executions = []; }, /Temporal does not know it/u],
  ['I9', 'a run that comes back from its end', (all) => void all.database.events.push({ pos: 5, seq: 5, type: 'run.started', runId: RUN, data: {} }), /run.started after its run.completed/u],
  ['I9', 'a status that goes backward', (all) => void all.observations.push({ ...seeAt(10), what: 'status', runId: RUN, status: 'running' }), /shown as running after completed/u],
  ['I10', 'a key that made two runs', (all) => void all.observations.push({ ...seeAt(10), what: 'request', action: 'start', status: 201, key: 'k1', runId: 'run-2' }), /made runs run-1, run-2/u],
  ['I10', 'a key that is not kept', (all) => { all.database.idempotencyKeys = []; }, /Postgres keeps none/u],
  ['I11', 'an act while paused', (all) => pauseAt(all, all.tape[1]!.monoNs), /ms after its run was paused/u, [3]],
  ['I12', 'an act after a cancel', (all) => void all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'cancel', runId: RUN }), /and is no cleanup/u, [3]],
  ['I12', 'a cancelled run that does not end', (all) => { all.observations.push({ ...seeAt(1e12), what: 'acknowledged', action: 'cancel', runId: RUN }); all.database.runs[0]!.status = 'cancelling'; }, /was cancelled and is cancelling/u],
  ['I13', 'a gap in the history of the lab', (all) => { all.database.events[3]!.pos = 7; }, /number 7 where 4 belongs/u],
  ['I13', 'an answer without a trace', (all) => void all.observations.push({ ...seeAt(10), what: 'request', action: 'answer', status: 200, runId: RUN, itemId: 'q' }), /left 0 events inbox.answered/u],
  ['I13', 'an answer by nobody', (all) => void all.database.events.push({ pos: 5, seq: 5, type: 'inbox.answered', runId: RUN, data: { itemId: 'q' } }), /Nobody is named/u],
  ['I14', 'an event that a client missed', (all) => void all.observations.splice(all.observations.findIndex((each) => each.what === 'feed' && each.pos === 3), 1), /got event 4 after 2/u],
  ['I14', 'an event that a client got twice', (all) => void all.observations.push({ ...seeAt(20), what: 'feed', client: 'c', pos: 4, type: 'run.completed' }), /got event 4 after 4/u],
  ['I14', 'an event that history does not have', (all) => void all.observations.push({ ...seeAt(20), what: 'feed', client: 'c', pos: 5, type: 'run.failed' }), /history has none/u],
  ['I15', 'a promised run that does not exist', (all) => { all.database.runs[0]!.id = 'other'; }, /was promised and is not there/u],
  ['I15', 'a promised run that never ends', (all) => { all.database.runs[0]!.status = 'running'; }, /was promised and is running/u],
  ['I16', 'a run after the faults that fails', (all) => void all.observations.push({ ...seeAt(20), what: 'tail', runId: 'run-9', status: 'failed' }), /started after the last fault, is failed/u],
  ['I17', 'an act after stop all', (all) => void all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'stop-all', devices: ['sim'] }), /500 ms after stop all/u, [3]],
  ['I17', 'an act after the release of an earlier stop', (all) => { stopAndRelease(all, { stop: 2, release: 1 }); }, /500 ms after stop all/u, [3]],
  ['I20', 'a payload that is too large', (all) => { all.executions[0]!.largestPayload = { bytes: 33_000, event: 'activityTaskScheduledEventAttributes' }; }, /33000 bytes in one payload of activityTaskScheduled/u],
  ['I20', 'a value that is only named', (all) => { all.executions[1]!.blobs = [{ hash: 'ab'.repeat(32), isThere: false }]; }, /names the value abababababab, which is not there/u],
  ['I21', 'two bridges on one journal', (all) => void all.observations.push({ ...seeAt(20), what: 'servers', file: 'bridge/star.sqlite', pids: [7, 8] }), /star\.sqlite was served by processes 7 and 8/u],
  ['I22', 'a command that was stopped by nobody', (all) => { endOf(all, 2).body = { outcome: { status: 'stopped', result: null }, delta: {} }; }, /was stopped, and nobody had wanted that/u],
  ['I22', 'a command that was stopped by nobody, long after everything was stopped and let go again', (all) => {
    const end = endOf(all, 2);
    end.body = { outcome: { status: 'stopped', result: null }, delta: {} };
    for (const [isStopped, beforeMs] of [[true, 120_000], [false, 60_000]] as const) {
      rowsOf(all).push({ row: rowsOf(all).length + 1, kind: 'STOP_ALL', atMs: end.atMs - beforeMs, key: null, body: { workcell: 'star', isStopped, rev: 1 } });
    }
  }, /was stopped, and nobody had wanted that/u],
  ['I22', 'a motion that was cut short by nobody', (all) => { all.tape[1]!.outcome = 'part'; }, /\(aspirate\) was stopped, and nobody/u, [2]],
  ['I23', 'a failed cleanup of a call that the run forgot', (all) => { all.executions[0]!.cleanupFailures = ["Cleanup 'park' failed"]; }, /star went back into service unseen/u],
  ['I23', 'a failed cleanup that the program itself told of', sayThatCleanupFails, /star went back into service unseen/u],
  ['I23', 'a failed cleanup that only the error of the run tells of', (all) => { all.database.runs[0]!.errorMessage = "No tip. · Cleanup 'park' failed: MACHINE_ERROR"; }, /star went back into service unseen/u],
  ['I24', 'a call that outlives its run', (all) => { Object.assign(all.executions[1]!, { status: 'running', closedAtMs: null }); }, /put\.1 is open 991 s after its run was completed/u],
  ['I25', 'a SENT of a run that is held', (all) => { rowsOf(all).unshift(holdRow(FINAL_REV, true)); }, /though its run or call is held since row 0/u],
  ['I25', 'a cleanup of a run that was ended from outside', (all) => { rowsOf(all).unshift(holdRow(FINAL_REV, true)); shieldAll(all); }, /was sent at row 3, though its run or call is held/u],
  ['I25', 'a SENT of a call that was ended from outside', (all) => { const row = holdRow(FINAL_REV, true); rowsOf(all).unshift({ ...row, body: { ...row.body, runId: `${RUN}/carry` } }); shieldAll(all); }, /though its run or call is held/u],
  ['I26', 'two things said of one revision', (all) => { tellBeforeEnd(all, [{ type: 'run.paused', data: { run: { rev: 3, status: 'paused' } } }, { type: 'run.resumed', data: { run: { rev: 3, status: 'running' } } }]); }, /another event said/u],
  ['I26', 'a newest revision that is not what the row says', (all) => { tellBeforeEnd(all, [{ type: 'run.resumed', data: { run: { rev: 9, status: 'running' } } }]); }, /is completed, and its newest revision was told as running/u],
  ['I25', 'a SENT at a machine in doubt', (all) => doubt(all, 0), /though nobody had said what run-1\/carry\/1\/0 did/u],
];

describe('each invariant finds what violates it', () => {
  test.each(VIOLATIONS.map(([invariant, name, change, words, tape]) => ({ invariant, name, change, words, tape })))('$invariant: $name', ({ invariant, change, words, tape }) => {
    const evidence = spoil(change);
    const found = checkLab(evidence).filter((each) => each.invariant === invariant && words.test(each.what));
    expect(found.map(({ what }) => what)).not.toEqual([]);
    if (tape) expect(found[0]?.tape).toEqual(tape);
  });

  test('every one of them is proven', () => {
    expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 26 }, (_, k) => `I${k + 1}`));
    expect(new Set(VIOLATIONS.map(([id]) => id))).toEqual(new Set(INVARIANTS.map(({ id }) => id)));
  });
});

const RIGHTS: readonly (readonly [name: string, change: (evidence: Spoilable) => void])[] = [
  ['all is well', () => undefined],
  ['a retry that a person asked for by name', (all) => { retry(all, 1, [{}]); resolve(all, 1); all.executions[0]!.activities[1]!.end = 'failed'; }],
  ['a setting that a new bridge repeats', (all) => {
    for (const row of rowsOf(all)) if (row.key === toId(0) && row.kind === 'SENT') row.body['command'] = { ...(row.body['command'] as object), method: 'set_temperature', arguments: {} };
    addRow(all, 'BOOT', null, {});
    sendAgain(all, 0);
    all.tape[0]!.op = 'set_temperature';
    all.tape[0]!.before = all.tape[0]!.after = {};
  }],
  ['a doubt for which the machine was taken out of service', (all) => {
    doubt(all, 2);
    all.executions[1]!.activities[0]!.end = 'failed';
    all.database.events.splice(3, 0, { pos: 4, seq: 4, type: 'machine.quarantined', runId: RUN, data: { machine: 'star', commandId: toId(2) } });
    all.database.events[4]!.pos = all.database.events[4]!.seq = 5;
    all.observations = all.observations.filter(({ what }) => what !== 'feed');
  }],
  ['reads, stops and hands on the tape', (all) => {
    actAgain(all, 0, { commandId: null, isRead: true, fence: 1, before: {}, after: {} });
    actAgain(all, 0, { commandId: null, op: 'stop', fence: null, before: {}, after: {} });
    actAgain(all, 0, { device: null, kind: 'control', commandId: null, op: 'labware.put', fence: null, before: { wells: { 'plate_9:A1': 0 } }, after: { wells: { 'plate_9:A1': 200 } } });
  }],
  ['a well with less than was asked for', (all) => {
    all.tape[1]!.before = { wells: { 'plate_1:A1': 30 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 0 } } };
    all.tape[1]!.after = { wells: { 'plate_1:A1': 0 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 30 } } };
    rowsOf(all).find(({ key, kind }) => kind === 'END' && key === toId(1))!.body['delta'] = {};
  }],
  ['an interval with the truth', (all) => addRow(all, 'LATE', 'x', { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0, volumeRangeUl: { min: 0, max: 50 } } } })],
  ['a pause that was lifted before the next act', (all) => {
    pauseAt(all, all.tape[1]!.monoNs);
    all.observations.push({ ...seeAt(all.tape[1]!.monoNs + 1), what: 'lifting', action: 'pause', runId: RUN });
  }],
  ['cleanups after a cancel, also while paused', (all) => {
    pauseAt(all, all.tape[1]!.monoNs);
    all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'cancel', runId: RUN });
    (all.executions[1]!.activities[0]!.input[0] as { isShielded?: boolean }).isShielded = true;
  }],
  ['an alarm that is acknowledged after the end of its run', (all) => {
    all.database.events.push({ pos: 5, seq: 5, type: 'alarm.acknowledged', runId: RUN, data: { itemId: 'alarm/x', by: 'ada' } });
    all.observations.push({ ...seeAt(20), what: 'request', action: 'answer', status: 200, itemId: 'alarm/x', runId: RUN });
  }],
  ['an act after a journal was accepted', (all) => {
    loseJournalAt(all, 1);
    all.observations.push({ ...seeAt(2), what: 'lifting', action: 'journal-lost' });
  }],
  ['what was lost with its journal, where its run is told', (all) => { loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: true }); }],
  ['an order that two journals tell, the younger of which is read first', (all) => {
    const old = rowsOf(all);
    const moved = old.splice(old.findIndex(({ key, kind }) => kind === 'SENT' && key === toId(2)));
    const began = [{ kind: 'LOST', key: null, body: { isWhole: false } }, { kind: 'ACCEPT', key: null, body: {} }];
    all.journals.unshift({ bridgeId: 'new', rows: [...began.map((row) => ({ ...row, atMs: 1 })), ...moved].map((row, k) => ({ ...row, row: k + 1 })) });
  }],
  ['a large value that is there', (all) => { Object.assign(all.executions[0]!, { largestPayload: { bytes: 32_768, event: 'x' }, blobs: [{ hash: 'ab', isThere: true }] }); }],
  ['a bridge that follows another', (all) => void all.observations.push({ ...seeAt(20), what: 'servers', file: 'star.sqlite', pids: [7] }, { ...seeAt(21), what: 'servers', file: 'star.sqlite', pids: [8] })],
  ['a command that its run wanted stopped', (all) => {
    endOf(all, 2).body = { outcome: { status: 'stopped', result: null }, delta: {} };
    Object.assign(all.executions[1]!.activities[0]!, { isCancelAsked: true, end: 'cancelled' });
    all.database.commands[2]!.status = 'stopped';
    all.tape.pop();
  }],
  ['a failed cleanup after which the machine was looked at', (all) => {
    tellBeforeEnd(all, [{ type: 'run.notified', data: { title: 'cleanup', text: 'fails' } }, { type: 'machine.quarantined', data: { machine: 'star' } }]);
    all.executions[0]!.cleanupFailures = ["Cleanup 'park' failed"];
  }],
  ['a call that is open for a moment more', (all) => { Object.assign(all.executions[1]!, { status: 'running', closedAtMs: null }); all.readAtMs = 12_000; }],
  ['a hold that was lifted', (all) => { rowsOf(all).unshift(holdRow(4, true), holdRow(5, false)); }],
  ['cleanups of a run that is held', (all) => { rowsOf(all).unshift(holdRow(4, true)); shieldAll(all); }],
  ['a SENT after somebody has looked', (all) => { doubt(all, 0); answerDoubt(all); }],
  ['a call that was ended from outside with its caller before it did anything', (all) => {
    const [, child] = all.executions;
    const nested = `${RUN}/carry/put.1/put.1`;
    Object.assign(child!, { status: 'terminated', children: [{ workflowId: nested, hasStarted: true }] });
    all.executions.push({ ...child!, workflowId: nested, parentWorkflowId: child!.workflowId, activities: [], children: [] });
    all.database.calls[1]!.status = 'failed';
  }],
  ['a stop of another workcell', (all) => void all.observations.push({ ...seeAt(1), what: 'acknowledged', action: 'stop-all', devices: ['elsewhere'] })],
  ['an act after the release of this stop', (all) => { stopAndRelease(all, { stop: 1, release: 1 }); }],
  ['a live run that holds what it claimed', (all) => {
    Object.assign(all.database.runs[0]!, { status: 'running', endedAtMs: null });
    all.database.reservations.push({ assetId: 'asset-star', runId: RUN, fence: 4, useId: '' });
    all.database.events.pop();
    all.executions[0]!.status = 'running';
    all.observations = [];
  }],
];

describe('no invariant finds fault with what is right', () => {
  test.each(RIGHTS)('%s', (_name, change) => {
    expect(checkLab(spoil(change))).toEqual([]);
  });
});

test('the report names the first violated invariant and shows its lines of the tape', () => {
  const evidence: Evidence = spoil((all) => actAgain(all, 2, { fence: 3, before: {}, after: {} }));
  const text = describeFindings(checkLab(evidence), evidence);
  expect(text).toMatch(/First violated: I1 A command acts at most once/u);
  expect(text).toContain('▌ 4 ');
  expect(describeFindings([], evidence)).toContain('26 invariants hold');
  expect(READ_AT_MS).toBe(evidence.readAtMs);
});
