// Violations of journals that are lost, neighbours, payloads, servers, stops, cleanups, holds, revisions; each with the words that find it.

import { RUN, seeAt } from './test-evidence.js';
import {
  FINAL_REV,
  doubt,
  endOf,
  holdRow,
  loseJournalAt,
  rowsOf,
  sayThatCleanupFails,
  shieldAll,
  tellBeforeEnd,
  type Case,
} from './test-spoiling.js';

export const VIOLATIONS_OF_LOSSES_AND_HOLDS: readonly Case[] = [
  [
    'I18',
    'an act after the journal was lost',
    (all) => {
      loseJournalAt(all, all.tape[1]!.beganMonoNs - 1);
    },
    /began aspirate 0 ms after the journal was lost/u,
  ],
  [
    'I19',
    'a run that died of a fence of a neighbour',
    (all) => {
      Object.assign(all.database.runs[0]!, { status: 'failed', errorCode: 'STALE_FENCE' });
    },
    /failed by STALE_FENCE/u,
  ],
  [
    'I18',
    'a SENT between LOST and ACCEPT',
    (all) => {
      rowsOf(all).unshift({ row: 0, kind: 'LOST', atMs: 1, key: null, body: {} });
    },
    /though the journal was lost at row 0/u,
  ],
  [
    'I20',
    'a payload that is too large',
    (all) => {
      all.executions[0]!.largestPayload = { bytes: 33_000, event: 'activityTaskScheduledEventAttributes' };
    },
    /33000 bytes in one payload of activityTaskScheduled/u,
  ],
  [
    'I20',
    'a value that is only named',
    (all) => {
      all.executions[1]!.blobs = [{ hash: 'ab'.repeat(32), isThere: false }];
    },
    /names the value abababababab, which is not there/u,
  ],
  [
    'I21',
    'two bridges on one journal',
    (all) => void all.observations.push({ ...seeAt(20), what: 'servers', file: 'bridge/star.sqlite', pids: [7, 8] }),
    /star\.sqlite was served by processes 7 and 8/u,
  ],
  [
    'I22',
    'a command that was stopped by nobody',
    (all) => {
      endOf(all, 2).body = { outcome: { status: 'stopped', result: null }, delta: {} };
    },
    /was stopped, and nobody had wanted that/u,
  ],
  [
    'I22',
    'a command that was stopped by nobody, long after everything was stopped and let go again',
    (all) => {
      const end = endOf(all, 2);
      end.body = { outcome: { status: 'stopped', result: null }, delta: {} };
      for (const [isStopped, beforeMs] of [
        [true, 120_000],
        [false, 60_000],
      ] as const) {
        rowsOf(all).push({
          row: rowsOf(all).length + 1,
          kind: 'STOP_ALL',
          atMs: end.atMs - beforeMs,
          key: null,
          body: { workcell: 'star', isStopped, rev: 1 },
        });
      }
    },
    /was stopped, and nobody had wanted that/u,
  ],
  [
    'I22',
    'a motion that was cut short by nobody',
    (all) => {
      all.tape[1]!.outcome = 'part';
    },
    /\(aspirate\) was stopped, and nobody/u,
    [2],
  ],
  [
    'I23',
    'a failed cleanup of a call that the run forgot',
    (all) => {
      all.executions[0]!.cleanupFailures = ["Cleanup 'park' failed"];
    },
    /star went back into service unseen/u,
  ],
  ['I23', 'a failed cleanup that the program itself told of', sayThatCleanupFails, /star went back into service unseen/u],
  [
    'I23',
    'a failed cleanup that only the error of the run tells of',
    (all) => {
      all.database.runs[0]!.errorMessage = "No tip. · Cleanup 'park' failed: MACHINE_ERROR";
    },
    /star went back into service unseen/u,
  ],
  [
    'I24',
    'a call that outlives its run',
    (all) => {
      Object.assign(all.executions[1]!, { status: 'running', closedAtMs: null });
    },
    /put\.1 is open 991 s after its run was completed/u,
  ],
  [
    'I25',
    'a SENT of a run that is held',
    (all) => {
      rowsOf(all).unshift(holdRow(FINAL_REV, true));
    },
    /though its run or call is held since row 0/u,
  ],
  [
    'I25',
    'a cleanup of a run that was ended from outside',
    (all) => {
      rowsOf(all).unshift(holdRow(FINAL_REV, true));
      shieldAll(all);
    },
    /was sent at row 3, though its run or call is held/u,
  ],
  [
    'I25',
    'a SENT of a call that was ended from outside',
    (all) => {
      const row = holdRow(FINAL_REV, true);
      rowsOf(all).unshift({ ...row, body: { ...row.body, runId: `${RUN}/carry` } });
      shieldAll(all);
    },
    /though its run or call is held/u,
  ],
  [
    'I26',
    'two things said of one revision',
    (all) => {
      tellBeforeEnd(all, [
        { type: 'run.paused', data: { run: { rev: 3, status: 'paused' } } },
        { type: 'run.resumed', data: { run: { rev: 3, status: 'running' } } },
      ]);
    },
    /another event said/u,
  ],
  [
    'I26',
    'a newest revision that is not what the row says',
    (all) => {
      tellBeforeEnd(all, [{ type: 'run.resumed', data: { run: { rev: 9, status: 'running' } } }]);
    },
    /is completed, and its newest revision was told as running/u,
  ],
  ['I25', 'a SENT at a machine in doubt', (all) => doubt(all, 0), /though nobody had said what run-1\/carry\/1\/0 did/u],
];
