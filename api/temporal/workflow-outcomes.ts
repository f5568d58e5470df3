// What the API learns of workflows from Temporal, in words of its own.

import type { WordlessEnd } from '../../domain/runs/control.js';
import type { GivenAnswer } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';
import type { RunEnvelope } from '../../domain/runs/run.js';

export type WorkflowState =
  | { readonly phase: 'open' }
  | { readonly phase: 'missing' }
  /** Temporal's own word for the end, for example `TERMINATED`. */
  | { readonly phase: 'closed'; readonly closedAs: string; readonly failure?: WorkflowFailure };

/** What a workflow failed with by itself; the code is empty where it is none of Praxis. */
export interface WorkflowFailure {
  readonly code: string;
  readonly message: string;
}

export type AnswerOutcome =
  | { readonly outcome: 'accepted' }
  /** Of the workflow's validator or handler: an error code with its message, and the answer that was first. */
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string; readonly first?: GivenAnswer }
  /** The workflow has it; whether what it states can be made true is not known yet. */
  | { readonly outcome: 'unsettled' }
  | { readonly outcome: 'silent' | 'missing' };

export type LedgerOutcome =
  | { readonly outcome: 'found'; readonly ledger: Json }
  /** The path names no call to go on from; these can be gone on from. */
  | { readonly outcome: 'elsewhere'; readonly choices: readonly string[] }
  | { readonly outcome: 'refused'; readonly message: string }
  | { readonly outcome: 'silent' | 'missing' };

/** What a run's workflow is started with. */
export interface StartableRun {
  readonly envelope: RunEnvelope;
  readonly bundle: string;
}

/** The workflow of a run as Temporal's list shows it. */
export interface OpenWorkflow {
  readonly workflowId: string;
  readonly protocol: string;
  readonly workcell: string;
  readonly assets: readonly string[];
}

/** A workflow of a run: the run's own, whose id is that of the run, or a nested call, which has a parent. */
export interface ListedWorkflow {
  readonly workflowId: string;
  /** Of the one execution that is listed: another one under the same id may be open. */
  readonly executionId: string;
  readonly parentWorkflowId: string | null;
}

/** One that can have told nobody of its end. */
export interface EndedWorkflow extends ListedWorkflow {
  readonly endedAs: WordlessEnd;
}
