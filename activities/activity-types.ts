// What workflows may ask of activities: inputs and results, versioned by being added to only.

import type { CallLog } from '../domain/runs/call.js';
import type { Asked, ControlState } from '../domain/runs/control.js';
import type { EndedLedger } from '../domain/runs/ended-ledger.js';
import type { ErrorRecord } from '../domain/errors/error.js';
import type { GivenAnswer, InboxSubject, Recovery, Resolution } from '../domain/inbox/inbox.js';
import type { Json, JsonObject } from '../domain/json/json.js';
import type { LabwareLocation } from '../domain/workcells/workcell-spec.js';
import type { BoundAsset, EndedRunStatus } from '../domain/runs/run.js';
import type { CommandOutcome, CommandRequest } from '../domain/wire/wire.js';

export interface FinishRequest {
  readonly runId: string;
  readonly status: EndedRunStatus;
  readonly result: Json;
  readonly error: ErrorRecord | null;
  /** The tail of the call log. */
  readonly calls: CallLog | null;
  /** Of a run that has not completed: what another may go on from. Read from the input itself, also when the activity is long over. */
  readonly ledger?: EndedLedger;
  /** Labware of the run by item name; those marked autoReplace are refreshed. */
  readonly labware: readonly string[];
  /** Null for a run that never got its assets. */
  readonly fence: number | null;
  /** Machines whose state a failed cleanup left in doubt, by name. */
  readonly quarantineMachines: readonly string[];
}

/** On the workcell's command queue. Fails with an ApplicationFailure whose type is an error code. */
export interface CommandActivities {
  /** A cancellation reaches the driver through the control queue; here its outcome is waited for, and with the next heartbeat the driver is told once more. */
  executeCommand: (request: CommandRequest & Stopping) => Promise<Json>;
  /** Many commands in one activity, up to the first that does not complete. Fails only where nothing is known of any. */
  executeBlock: (request: BlockRequest) => Promise<BlockResult>;
}

/** Of what an execution that has closed had left under way: the run was cancelled meanwhile. */
export interface Stopping {
  /** Attach to it and stop it; what has not begun does not begin. */
  readonly shallStop?: boolean;
}

export interface BlockRequest extends Stopping {
  readonly commands: readonly CommandRequest[];
}

export interface BlockResult {
  /** One for each command that was begun, in order. */
  readonly outcomes: readonly CommandOutcome[];
  /** The run was held between two commands; the rest has not begun. */
  readonly isHeld: boolean;
}

export interface OpenItemRequest {
  readonly itemId: string;
  readonly runId: string;
  readonly callPath: string;
  /** The workflow that waits for the answer. */
  readonly workflowId: string;
  readonly subject: InboxSubject;
  readonly calls: CallLog | null;
}

export interface HandWorkRequest {
  readonly runId: string;
  readonly labware: readonly string[];
  /** Null: fresh items were put in their place. */
  readonly to: LabwareLocation | null;
  /** True: it was done. */
  readonly given: GivenAnswer;
}

export type CloseItemRequest = { readonly itemId: string; readonly runId: string } & (
  | { readonly status: 'answered'; readonly given: GivenAnswer }
  | { readonly status: 'withdrawn'; readonly note?: string }
);

export interface ResolveRequest {
  readonly runId: string;
  readonly commandId: string;
  readonly machine: string;
  readonly resolution: Resolution;
  readonly given: GivenAnswer;
}

export interface RecoverRequest {
  readonly runId: string;
  readonly recovery: Recovery;
  readonly given: GivenAnswer;
}

export interface ApplyControlRequest {
  readonly runId: string;
  readonly control: ControlState;
  /** Of the change that a person asked for last. */
  readonly asked?: Asked;
  /** Of a cancel: ids of commands that are stopped once the bridge holds the run; one of a block stands for all of it. */
  readonly stop?: readonly string[];
}

export interface LookRequest {
  readonly runId: string;
  readonly machine: string;
  /** True gives the machine free. */
  readonly given: GivenAnswer;
}

export interface ReserveRequest {
  readonly runId: string;
}

/** What the run holds from now on: items that nobody had named may be other ones than those that it was made with. */
export interface Reserved {
  readonly fence: number;
  readonly assets: Readonly<Record<string, BoundAsset>>;
}

export interface UseClaim {
  readonly runId: string;
  /** `callPath/u<n>`: names the section. */
  readonly useId: string;
  /** Asset ids. */
  readonly assets: readonly string[];
}

export interface UseEnd extends UseClaim {
  /** Why its machines need a look before others get them: a cleanup failed while it held them. */
  readonly doubt?: string;
}

/** On the workcell's control queue, which never waits behind a motion. */
export interface ControlActivities {
  /**
   * Tries the claim again; null where the run has to wait. A run that is asked for by its bare id, as workflow code of before did, gets
   * what it was made with and hears its fence alone.
   */
  reserveAssets: (request: string | ReserveRequest) => Promise<number | Reserved | null>;
  /**
   * Makes the control state of a run true outside: the hold in the bridge and, of a cancel, the stop of what moves, then the status
   * people see. Resolves once no command of a held run is running. May be overtaken: a lower rev than the bridge has seen changes nothing.
   */
  applyControl: (request: ApplyControlRequest) => Promise<void>;
  /** Stops what a child has under way that was cancelled. Whether it could be stopped, the outcomes tell. */
  stopCommands: (request: { commands: readonly string[] }) => Promise<void>;
  /** Ends an uncertain or asked-for wait: opens an item of the inbox; the machine of an uncertain command, or one that wants to be looked at, is quarantined too. */
  openItem: (request: OpenItemRequest) => Promise<void>;
  closeItem: (request: CloseItemRequest) => Promise<void>;
  /** Tells the bridge what an uncertain command did, waits for the journal, ends quarantine and item. Fails with BAD_STATEMENT. */
  resolveCommand: (request: ResolveRequest) => Promise<void>;
  /** A person has mended the cause of a machine error: makes true what they say of the deck, and ends the item. Fails with BAD_STATEMENT. */
  recoverCommand: (request: RecoverRequest) => Promise<void>;
  /** A person has looked at a held machine: gives it free where they say so, and ends the item. */
  endLook: (request: LookRequest) => Promise<void>;
  /** A person has carried labware or put fresh items in place, or has not: makes it true in the bridge and ends the item. Fails with BAD_STATEMENT, MACHINE_BUSY. */
  endHandWork: (request: HandWorkRequest) => Promise<void>;
  /** Brings call-log entries to Postgres that no command takes along. */
  recordCalls: (request: { runId: string; calls: CallLog }) => Promise<void>;
  /** Results that were too large to carry over, by ledger key: command ids and call paths. */
  readResults: (request: {
    runId: string;
    commandIds: readonly string[];
    callPaths: readonly string[];
  }) => Promise<{ commands: JsonObject; calls: JsonObject }>;
  /** Makes Temporal cancel a workflow, so that it ends as cancelled and not as failed. */
  requestCancellation: (request: { workflowId: string }) => Promise<void>;
  /** Claims assets for a section of a run, all or none; the fence where granted. */
  claimUse: (claim: UseClaim) => Promise<number | null>;
  releaseUse: (end: UseEnd) => Promise<void>;
  /** Ships the journal, refreshes consumables, ends the run's row and releases its assets. */
  finishRun: (request: FinishRequest) => Promise<void>;
}

/** On the queue `px.<bundle>.calc`: pure computation, outside the workflow's thread; may be run again. */
export interface CalculationActivities {
  /** Executes a protocol function of kind `activity` by name. Fails with an ApplicationFailure whose type is an error code, PROTOCOL_ERROR for a plain error. */
  calculate: (request: { readonly protocol: string; readonly parameters: JsonObject }) => Promise<Json>;
}
