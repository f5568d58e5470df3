// How a run, a call, a command and a machine are shown: their words in the API → shape and word of the status language.

import type { AnswerOf } from '../../contract/client/operation.js';
import type { Status } from './marks.js';

export type Run = AnswerOf<'getRun'>;
export type Machine = AnswerOf<'listMachines'>['items'][number];
export type InboxItem = AnswerOf<'getInboxItem'>;
export type Call = NonNullable<AnswerOf<'getCalls'>>;
export type Command = AnswerOf<'listCommands'>['items'][number];

const RUNS: Readonly<Record<Run['status'], Status>> = {
  queued: { shape: 'waiting', word: 'Queued' },
  running: { shape: 'active', word: 'Running' },
  pausing: { shape: 'pausing', word: 'Pausing' },
  paused: { shape: 'paused', word: 'Paused' },
  'needs-operator': { shape: 'person', word: 'Needs you' },
  cancelling: { shape: 'cancelling', word: 'Cancelling' },
  completed: { shape: 'done', word: 'Completed' },
  failed: { shape: 'failed', word: 'Failed' },
  cancelled: { shape: 'cancelled', word: 'Cancelled' },
};

export function toRunStatus({ status, openItems }: Run): Status {
  return openItems > 0 && !isEnded(status) ? RUNS['needs-operator'] : RUNS[status];
}

export function isEnded(status: Run['status']): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

const MACHINES: Readonly<Record<Machine['status'], Status>> = {
  available: { shape: 'available', word: 'Available' },
  'in-use': { shape: 'active', word: 'In use' },
  quarantined: { shape: 'quarantined', word: 'Quarantined' },
};

export function toMachineStatus({ status }: Machine): Status {
  return MACHINES[status];
}

const CALLS: Readonly<Record<Call['status'], Status>> = {
  running: RUNS.running,
  completed: RUNS.completed,
  failed: RUNS.failed,
  cancelled: RUNS.cancelled,
};

export function toCallStatus({ status }: Call): Status {
  return CALLS[status];
}

const COMMANDS: Readonly<Record<Command['status'], Status>> = {
  issued: { shape: 'waiting', word: 'Issued' },
  running: RUNS.running,
  completed: RUNS.completed,
  failed: RUNS.failed,
  stopped: { shape: 'stopped', word: 'Stopped' },
  uncertain: { shape: 'uncertain', word: 'Uncertain' },
  resolved: { shape: 'resolved', word: 'Resolved' },
};

export function toCommandStatus({ status }: Command): Status {
  return COMMANDS[status];
}
