// Violations of history: what Postgres, Temporal and the journal tell of the same run, in which status it ends, what a key made; each with the words that find it.

import { RUN, seeAt } from './test-evidence.js';
import { BEFORE_LAST, LAST_ROW, loseLastCommand, type Case } from './test-spoiling.js';

export const VIOLATIONS_OF_HISTORY: readonly Case[] = [
  [
    'I8',
    'a command that was shipped and is missing after its journal was lost',
    (all) => {
      loseLastCommand(all, { shippedRow: LAST_ROW, isTold: true });
    },
    /ended in its history and is not in Postgres/u,
  ],
  [
    'I8',
    'a call that was shipped and is missing after its journal was lost',
    (all) => {
      loseLastCommand(all, { shippedRow: LAST_ROW, isTold: true });
    },
    /ran, and no call shows it/u,
  ],
  [
    'I8',
    'another command that is missing after a journal was lost',
    (all) => {
      loseLastCommand(all, { shippedRow: BEFORE_LAST, isTold: true });
      all.database.commands.pop();
    },
    /carry\/2\/0 ended in its history/u,
  ],
  ['I8', 'a command that no history asked for', (all) => void all.executions[0]!.activities.splice(1, 1), /no history asked for it/u],
  ['I8', 'a command that Postgres has lost', (all) => void all.database.commands.splice(0, 1), /is not in Postgres/u],
  [
    'I8',
    'a doubt that Postgres shows as a success',
    (all) => {
      Object.assign(all.executions[0]!.activities[1]!, { end: 'failed', failure: 'UNCERTAIN' });
    },
    /uncertain in its history and completed/u,
  ],
  ['I8', 'a child that no call shows', (all) => void all.database.calls.splice(1, 1), /no call shows it/u],
  [
    'I8',
    'a call that was ended with its caller, and had done something',
    (all) => {
      const [, child] = all.executions;
      const nested = `${RUN}/carry/put.1/put.1`;
      Object.assign(child!, { status: 'terminated', children: [{ workflowId: nested, hasStarted: true }] });
      all.executions.push({ ...child!, workflowId: nested, parentWorkflowId: child!.workflowId, children: [] });
    },
    /put\.1\/put\.1 ran, and no call shows it/u,
  ],
  ['I8', 'a call without parent', (all) => void all.database.calls.splice(0, 1), /has no parent/u],
  [
    'I8',
    'another result of the run',
    (all) => {
      all.database.runs[0]!.result = { carriedUl: 49 };
    },
    /shows another result than its history/u,
  ],
  [
    'I8',
    'a call that runs in a run that has completed',
    (all) => {
      all.database.calls[1]!.status = 'running';
    },
    /runs in a run that has completed/u,
  ],
  [
    'I8',
    'a child that ended otherwise',
    (all) => {
      all.executions[1]!.status = 'failed';
    },
    /is completed, its workflow failed/u,
  ],
  ['I8', 'an entry that was lost', (all) => void all.database.callEntries.splice(0, 1), /2 entries up to number 3/u],
  [
    'I9',
    'another status in Temporal',
    (all) => {
      all.executions[0]!.status = 'failed';
    },
    /completed in Postgres and failed in Temporal/u,
  ],
  [
    'I9',
    'a run that Temporal does not know',
    (all) => {
      all.executions = [];
    },
    /Temporal does not know it/u,
  ],
  [
    'I9',
    'a run that comes back from its end',
    (all) => void all.database.events.push({ pos: 5, seq: 5, type: 'run.started', runId: RUN, data: {} }),
    /run.started after its run.completed/u,
  ],
  [
    'I9',
    'a status that goes backward',
    (all) => void all.observations.push({ ...seeAt(10), what: 'status', runId: RUN, status: 'running' }),
    /shown as running after completed/u,
  ],
  [
    'I10',
    'a key that made two runs',
    (all) => void all.observations.push({ ...seeAt(10), what: 'request', action: 'start', status: 201, key: 'k1', runId: 'run-2' }),
    /made runs run-1, run-2/u,
  ],
  [
    'I10',
    'a key that is not kept',
    (all) => {
      all.database.idempotencyKeys = [];
    },
    /Postgres keeps none/u,
  ],
];
