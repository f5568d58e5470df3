// What workflows may ask of activities: inputs and results, versioned by being added to only.

import type { CallLog } from '../domain/call.js';
import type { ErrorRecord } from '../domain/error.js';
import type { Json } from '../domain/json.js';
import type { EndedRunStatus } from '../domain/run.js';
import type { CommandRequest } from '../domain/wire.js';

export interface HoldRequest {
  readonly runId: string;
  readonly callPath: string;
  readonly machine: string;
  readonly commandId: string;
  readonly message: string;
}

export interface FinishRequest {
  readonly runId: string;
  readonly status: EndedRunStatus;
  readonly result: Json;
  readonly error: ErrorRecord | null;
  /** The tail of the call log. */
  readonly calls: CallLog | null;
  /** Labware of the run by item name; those marked autoReplace are refreshed. */
  readonly labware: readonly string[];
  /** Null for a run that never got its assets. */
  readonly fence: number | null;
  /** Machines whose state a failed cleanup left in doubt, by name. */
  readonly quarantineMachines: readonly string[];
}

/** On the workcell's command queue. Fails with an ApplicationFailure whose type is an error code. */
export interface CommandActivities {
  executeCommand: (request: CommandRequest) => Promise<Json>;
}

/** On the workcell's control queue, which never waits behind a motion. */
export interface ControlActivities {
  /** Tries the claim again; the fence where it was granted, else null. */
  reserveAssets: (runId: string) => Promise<number | null>;
  /** Marks the run as waiting for a person because of an uncertain command. */
  holdRun: (request: HoldRequest) => Promise<void>;
  /** Ships the journal, refreshes consumables, ends the run's row and releases its assets. */
  finishRun: (request: FinishRequest) => Promise<void>;
}
