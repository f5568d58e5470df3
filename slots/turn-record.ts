// What is known of the turns of each run: which failed, which went well here and wait for Temporal to show that it has recorded
// them, and which it has not recorded. A turn that went well here may still be refused, because it asked for more than
// one message holds, or come too late; the worker is told of neither, and executes it again and again.

import type { Strikes } from './strikes.js';

/** A run that lived through so many turns alone was under way by chance when a slot died. */
const PROVED_AFTER_TURNS = 20;
/** Workflows of which something is kept; the one longest without a turn is forgotten first, and only counted anew. */
const KEPT_MAX = 10_000;
/** A task that failed or timed out has three events of its own: that it did, and of the task after it. */
const EVENTS_OF_FAILED_TASK = 3;

/** A run, or a nested call that is a workflow of its own. */
export interface SlotRun {
  readonly workflowId: string;
  /** The run that it belongs to. */
  readonly rootId: string;
}

export interface Failing {
  /** One after the other. */
  readonly times: number;
  readonly message: string;
  /** The last turn went well here, and Temporal has not recorded it. */
  readonly isUnrecorded: boolean;
}

export interface TurnEvents {
  /** A task of the run failed. */
  readonly onFailing?: (run: SlotRun, failing: Failing) => void;
  /** Temporal has recorded a turn of the run, which was not one that only led it back to where it was. */
  readonly onWell?: (run: SlotRun) => void;
}

/** A turn as it begins. */
export interface Turn {
  /** Temporal's id of the execution. */
  readonly execution: string;
  /** How many events the execution had. */
  readonly events: number;
  readonly isReplayed: boolean;
  /** The first that is not replayed, since the execution was created here. */
  readonly isFirst: boolean;
}

interface Waiting {
  readonly execution: string;
  readonly events: number;
  /** It ends the execution, which Temporal refuses when something has come in meanwhile. */
  readonly isLast: boolean;
}

export interface TurnRecord {
  /** Before a turn: it shows what became of the one before. */
  begin(run: SlotRun, turn: Turn): void;
  fail(run: SlotRun, message: string): void;
  /** A turn went well here. */
  succeed(run: SlotRun, turn: Turn, isLast: boolean): void;
}

const UNRECORDED =
  'Temporal has not recorded its turn, which took longer than a workflow task may or asked for more than one message holds';

export function createTurnRecord({ onFailing, onWell }: TurnEvents, strikes: Strikes): TurnRecord {
  const failing = new Map<string, number>();
  const waiting = new Map<string, Waiting>();
  /** Turns that runs with a strike have lived through since. */
  const proved = new Map<string, number>();

  const note = (run: SlotRun, message: string, isUnrecorded: boolean): void => {
    const times = (failing.get(run.workflowId) ?? 0) + 1;
    keep(failing, run.workflowId, times);
    waiting.delete(run.workflowId);
    onFailing?.(run, { times, message, isUnrecorded });
  };
  const noteRecorded = (run: SlotRun): void => {
    const { workflowId } = run;
    waiting.delete(workflowId);
    failing.delete(workflowId);
    onWell?.(run);
    if (strikes.count(workflowId) === 0) return;
    const turns = (proved.get(workflowId) ?? 0) + 1;
    keep(proved, workflowId, turns);
    if (turns < PROVED_AFTER_TURNS) return;
    proved.delete(workflowId);
    strikes.forgive(workflowId);
  };

  return {
    begin: (run, turn) => {
      const before = waiting.get(run.workflowId);
      if (before === undefined) return;
      const fate = tellFate(before, turn);
      if (fate === 'recorded') noteRecorded(run);
      else if (fate === 'unrecorded') note(run, UNRECORDED, true);
      else if (fate === 'overtaken') waiting.delete(run.workflowId);
    },
    fail: (run, message) => {
      note(run, message, false);
    },
    succeed: ({ workflowId }, { execution, events }, isLast) => {
      keep(waiting, workflowId, { execution, events, isLast });
    },
  };
}

/** An execution that only had to leave its process is led past the turn when it is created again; one whose turn was refused is not. */
function tellFate(before: Waiting, { execution, events, isReplayed, isFirst }: Turn): 'recorded' | 'unrecorded' | 'overtaken' | 'open' {
  if (execution !== before.execution) return 'recorded';
  if (isReplayed) return events >= before.events ? 'recorded' : 'open';
  // A task may have several turns.
  if (!isFirst) return events > before.events ? 'recorded' : 'open';
  return before.isLast && events > before.events + EVENTS_OF_FAILED_TASK ? 'overtaken' : 'unrecorded';
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > KEPT_MAX && oldest !== undefined) map.delete(oldest);
}
