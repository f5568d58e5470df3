// What every part of a running workflow works with.

import type { ControlActivities } from '../../activities/activity-types.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { RunEnvelope } from '../../domain/runs/run.js';
import type { CallLogOutbox } from './call-log.js';
import type { CarriedControl, RunControl } from './control.js';
import type { CallEntry } from '../../domain/runs/call.js';
import type { AuthorPromises } from '../replay/author-promises.js';
import type { ControlState } from '../../domain/runs/control.js';
import type { Gate } from '../replay/gate.js';
import type { CarriedItem, Inbox } from './inbox.js';
import type { LedgerEntry } from '../replay/ledger.js';
import type { LimitCleanup } from './limit-cleanup.js';
import type { OpenChildren, ToldEnd } from './open-children.js';
import type { Sections } from './sections.js';
import type { CarriedWindow, TimeWindows } from './time-windows.js';

export interface Engine {
  /** Its assets may become other ones in the moment in which the run is granted them. */
  input: WorkflowInput;
  readonly workflowId: string;
  /** Chance is drawn from it; a run that continues another has that one's. */
  readonly seed: string;
  readonly gate: Gate;
  readonly control: RunControl;
  readonly callLog: CallLogOutbox;
  readonly inbox: Inbox;
  readonly sections: Sections;
  readonly windows: TimeWindows;
  readonly children: OpenChildren;
  readonly activities: ControlActivities;
  /** Of the run's reservation, once it holds its assets. */
  fence: number | null;
  /** Results that were too large to carry over, read again: by ledger id. */
  readonly results: Map<string, Json>;
  /** The fence with which a command is sent to the machine, by asset id. */
  readonly fenceFor: (assetId: string) => number;
  /** Cleanups that failed, in order; of earlier executions too. */
  readonly cleanupFailures: string[];
  /** What author code is given, and whether somebody waits for it. */
  readonly promises: AuthorPromises;
  readonly limitCleanup: LimitCleanup;
}

/** What calls, branches and loops work with; all that a rehearsal has. */
export type CallEngine = Pick<Engine, 'input' | 'gate' | 'callLog' | 'cleanupFailures' | 'promises'> & {
  readonly windows?: TimeWindows;
  readonly limitCleanup?: LimitCleanup;
  readonly sections?: Sections;
};

/** What a workflow is started with: by the API, by its parent, or by its own earlier execution. */
export interface WorkflowInput extends RunEnvelope {
  readonly child?: ChildInput;
  readonly carried?: Carried;
  /** Tests only: an execution that is over sooner. */
  readonly historyBudgetEvents?: number;
  /** Tests only: a cleanup that is given up sooner. */
  readonly cleanupLimitMs?: number;
  /** Tests only: a ledger that is full sooner. */
  readonly ledgerLimitBytes?: number;
}

/** What makes a workflow a nested call. Its `protocol`, `parameters` and `assets` are those of the call. */
export interface ChildInput {
  readonly callPath: string;
  readonly parentWorkflowId: string;
  readonly seed: string;
  readonly state: JsonObject;
  readonly control: ControlState;
  /** Entries of the caller's call log that travel with the child's first command, so that its start is told before. */
  readonly entries: readonly CallEntry[];
  /** Assets shared between runs, by id, and the fences of those that the section around the call holds. */
  readonly sharedAssets: readonly string[];
  readonly sectionFences: Readonly<Record<string, number>>;
  /** The call is made inside a section of its caller. */
  readonly isInSection: boolean;
  /** What becomes of commands that fail, where the call does not say so itself. */
  readonly recovery?: RecoveryPolicy;
}

/** What one execution leaves to the next. */
export interface Carried {
  readonly v: 1;
  readonly ledger: readonly LedgerEntry[];
  readonly open: Readonly<Record<string, Json>>;
  readonly control: CarriedControl;
  readonly items: readonly CarriedItem[];
  readonly windows?: readonly CarriedWindow[];
  /** Ids of commands that are under way and end with the run. */
  readonly moving?: readonly string[];
  /** Ends of children that are still waited for. */
  readonly childEnds?: readonly ToldEnd[];
  /** The author's clock when its function was first entered; missing while that has not happened. */
  readonly startedAtMs?: number;
  readonly logLastN: number;
  /** Of the call log: what no command has taken along yet. */
  readonly entries?: readonly CallEntry[];
  /** What went wrong in cleanups so far. */
  readonly cleanupFailures?: readonly string[];
  /** Sections that held machines while a cleanup failed, and why those are in doubt. */
  readonly doubts?: Readonly<Record<string, string>>;
  /** Counts executions from 0. */
  readonly generation: number;
}
