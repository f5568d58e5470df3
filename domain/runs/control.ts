// Run control: what may hold a run, and the messages that carry control between people, runs and their children.

import { PAUSE_REASONS, type PauseReason } from '../../contract/words/runs.js';

export { PAUSE_REASONS, type PauseReason };

/** The whole control state of a run. Parents send it to children as it is, never as a change: messages overtake each other. */
export interface ControlState {
  /** Rises with every change; a lower one than known is ignored. */
  readonly rev: number;
  readonly pauseReasons: readonly PauseReason[];
  readonly cancel: boolean;
  /** Rises whenever assets that the run may wait for were freed. */
  readonly freed: number;
}

export const NO_CONTROL: ControlState = { rev: 0, pauseReasons: [], cancel: false, freed: 0 };

/** Signals to a run: the first three are for people and stock tools, the others for runs among themselves. */
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';
export const CANCEL_SIGNAL = 'cancel';
/** Parent to child: the whole ControlState. */
export const CONTROL_SIGNAL = 'px.control';
/** Child to root: a reason to pause begins or ends. */
export const HOLD_SIGNAL = 'px.hold';
/** Child to parent, before a child closes; from outside, of a child that was ended without a word. */
export const CHILD_ENDED_SIGNAL = 'px.childEnded';
/** Update to the workflow that holds an inbox item. */
export const ANSWER_UPDATE = 'answer';
/** Query: the ledger of a run up to a call, for continuing it. */
export const LEDGER_QUERY = 'px.ledger';

/** Who asked for a change, and why; stock tools may leave both out. */
export interface Asked {
  readonly by?: string;
  readonly reason?: string;
}

export interface HoldChange {
  readonly reason: PauseReason;
  /** What holds the run, for example an inbox item; the reason lasts while any holder is left. */
  readonly holder: string;
  readonly isHeld: boolean;
  /** The child that says so. */
  readonly from?: string;
}

/** Child to root: nothing of these workflows is left that could end what they hold the run for. */
export interface HoldersLost {
  readonly lost: readonly string[];
}

/** Temporal's own words for ends that author code has no part in: such a workflow tells nobody. */
export const WORDLESS_ENDS = ['TERMINATED', 'TIMED_OUT'] as const;
export type WordlessEnd = (typeof WORDLESS_ENDS)[number];

/** What the outside tells the parent of a child that has ended without a word. */
export interface LostChild {
  readonly workflowId: string;
  readonly endedAs: WordlessEnd;
  /** Workflows below it that were ended with it. */
  readonly descendants: readonly string[];
}
