// What is right, though it looks like a violation at first sight.

import { RUN, actAgain, seeAt, toId, type Spoilable } from './test-evidence.js';
import {
  BEFORE_LAST,
  addRow,
  answerDoubt,
  doubt,
  endOf,
  holdRow,
  loseJournalAt,
  loseLastCommand,
  pauseAt,
  resolve,
  retry,
  rowsOf,
  sendAgain,
  shieldAll,
  stopAndRelease,
  tellBeforeEnd,
} from './test-spoiling.js';

export const RIGHTS: readonly (readonly [name: string, change: (evidence: Spoilable) => void])[] = [
  ['all is well', () => undefined],
  [
    'a retry that a person asked for by name',
    (all) => {
      retry(all, 1, [{}]);
      resolve(all, 1);
      all.executions[0]!.activities[1]!.end = 'failed';
    },
  ],
  [
    'a setting that a new bridge repeats',
    (all) => {
      for (const row of rowsOf(all))
        if (row.key === toId(0) && row.kind === 'SENT')
          row.body['command'] = { ...(row.body['command'] as object), method: 'set_temperature', arguments: {} };
      addRow(all, 'BOOT', null, {});
      sendAgain(all, 0);
      all.tape[0]!.op = 'set_temperature';
      all.tape[0]!.before = all.tape[0]!.after = {};
    },
  ],
  [
    'a doubt for which the machine was taken out of service',
    (all) => {
      doubt(all, 2);
      all.executions[1]!.activities[0]!.end = 'failed';
      all.database.events.splice(3, 0, {
        pos: 4,
        seq: 4,
        type: 'machine.quarantined',
        runId: RUN,
        data: { machine: 'star', commandId: toId(2) },
      });
      all.database.events[4]!.pos = all.database.events[4]!.seq = 5;
      all.observations = all.observations.filter(({ what }) => what !== 'feed');
    },
  ],
  [
    'reads, stops and hands on the tape',
    (all) => {
      actAgain(all, 0, { commandId: null, isRead: true, fence: 1, before: {}, after: {} });
      actAgain(all, 0, { commandId: null, op: 'stop', fence: null, before: {}, after: {} });
      actAgain(all, 0, {
        device: null,
        kind: 'control',
        commandId: null,
        op: 'labware.put',
        fence: null,
        before: { wells: { 'plate_9:A1': 0 } },
        after: { wells: { 'plate_9:A1': 200 } },
      });
    },
  ],
  [
    'a well with less than was asked for',
    (all) => {
      all.tape[1]!.before = { wells: { 'plate_1:A1': 30 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 0 } } };
      all.tape[1]!.after = { wells: { 'plate_1:A1': 0 }, channels: { 0: { tip: 'tips_1:A1', volumeUl: 30 } } };
      rowsOf(all).find(({ key, kind }) => kind === 'END' && key === toId(1))!.body['delta'] = {};
    },
  ],
  [
    'an interval with the truth',
    (all) =>
      addRow(all, 'LATE', 'x', { delta: { a2: { labware: 'plate_1', item: 'A2', volumeUl: 0, volumeRangeUl: { min: 0, max: 50 } } } }),
  ],
  [
    'a pause that was lifted before the next act',
    (all) => {
      pauseAt(all, all.tape[1]!.monoNs);
      all.observations.push({ ...seeAt(all.tape[1]!.monoNs + 1), what: 'lifting', action: 'pause', runId: RUN });
    },
  ],
  [
    'cleanups after a cancel, also while paused',
    (all) => {
      pauseAt(all, all.tape[1]!.monoNs);
      all.observations.push({ ...seeAt(all.tape[1]!.monoNs), what: 'acknowledged', action: 'cancel', runId: RUN });
      (all.executions[1]!.activities[0]!.input[0] as { isShielded?: boolean }).isShielded = true;
    },
  ],
  [
    'an alarm that is acknowledged after the end of its run',
    (all) => {
      all.database.events.push({ pos: 5, seq: 5, type: 'alarm.acknowledged', runId: RUN, data: { itemId: 'alarm/x', by: 'ada' } });
      all.observations.push({ ...seeAt(20), what: 'request', action: 'answer', status: 200, itemId: 'alarm/x', runId: RUN });
    },
  ],
  [
    'an act after a journal was accepted',
    (all) => {
      loseJournalAt(all, 1);
      all.observations.push({ ...seeAt(2), what: 'lifting', action: 'journal-lost' });
    },
  ],
  [
    'what was lost with its journal, where its run is told',
    (all) => {
      loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: true });
    },
  ],
  [
    'an order that two journals tell, the younger of which is read first',
    (all) => {
      const old = rowsOf(all);
      const moved = old.splice(old.findIndex(({ key, kind }) => kind === 'SENT' && key === toId(2)));
      const began = [
        { kind: 'LOST', key: null, body: { isWhole: false } },
        { kind: 'ACCEPT', key: null, body: {} },
      ];
      all.journals.unshift({
        bridgeId: 'new',
        rows: [...began.map((row) => ({ ...row, atMs: 1 })), ...moved].map((row, k) => ({ ...row, row: k + 1 })),
      });
    },
  ],
  [
    'a large value that is there',
    (all) => {
      Object.assign(all.executions[0]!, { largestPayload: { bytes: 16_384, event: 'x' }, blobs: [{ hash: 'ab', isThere: true }] });
    },
  ],
  [
    'a bridge that follows another',
    (all) =>
      void all.observations.push(
        { ...seeAt(20), what: 'servers', file: 'star.sqlite', pids: [7] },
        { ...seeAt(21), what: 'servers', file: 'star.sqlite', pids: [8] },
      ),
  ],
  [
    'a command that its run wanted stopped',
    (all) => {
      endOf(all, 2).body = { outcome: { status: 'stopped', result: null }, delta: {} };
      Object.assign(all.executions[1]!.activities[0]!, { isCancelAsked: true, end: 'cancelled' });
      all.database.commands[2]!.status = 'stopped';
      all.tape.pop();
    },
  ],
  [
    'a failed cleanup after which the machine was looked at',
    (all) => {
      tellBeforeEnd(all, [
        { type: 'run.notified', data: { title: 'cleanup', text: 'fails' } },
        { type: 'machine.quarantined', data: { machine: 'star' } },
      ]);
      all.executions[0]!.cleanupFailures = ["Cleanup 'park' failed"];
    },
  ],
  [
    'a call that is open for a moment more',
    (all) => {
      Object.assign(all.executions[1]!, { status: 'running', closedAtMs: null });
      all.readAtMs = 12_000;
    },
  ],
  [
    'a hold that was lifted',
    (all) => {
      rowsOf(all).unshift(holdRow(4, true), holdRow(5, false));
    },
  ],
  [
    'cleanups of a run that is held',
    (all) => {
      rowsOf(all).unshift(holdRow(4, true));
      shieldAll(all);
    },
  ],
  [
    'a SENT after somebody has looked',
    (all) => {
      doubt(all, 0);
      answerDoubt(all);
    },
  ],
  [
    'a call that was ended from outside with its caller before it did anything',
    (all) => {
      const [, child] = all.executions;
      const nested = `${RUN}/carry/put.1/put.1`;
      Object.assign(child!, { status: 'terminated', children: [{ workflowId: nested, hasStarted: true }] });
      all.executions.push({ ...child!, workflowId: nested, parentWorkflowId: child!.workflowId, activities: [], children: [] });
      all.database.calls[1]!.status = 'failed';
    },
  ],
  [
    'a stop of another workcell',
    (all) => void all.observations.push({ ...seeAt(1), what: 'acknowledged', action: 'stop-all', devices: ['elsewhere'] }),
  ],
  [
    'an act after the release of this stop',
    (all) => {
      stopAndRelease(all, { stop: 1, release: 1 });
    },
  ],
  [
    'a live run that holds what it claimed',
    (all) => {
      Object.assign(all.database.runs[0]!, { status: 'running', endedAtMs: null });
      all.database.reservations.push({ assetId: 'asset-star', runId: RUN, fence: 4, useId: '' });
      all.database.events.pop();
      all.executions[0]!.status = 'running';
      all.observations = [];
    },
  ],
];
