// A call: one tracked execution of a protocol function inside a run, and the log entries that tell of it.

import type { ErrorRecord } from './error.js';
import type { Json, JsonObject } from './json.js';

export type CallStatus = 'running' | 'completed' | 'failed' | 'cancelled';
export type CallKind = 'run' | 'child' | 'inline' | 'activity';

/** What the run workflow says of a call; keyed by (workflowId, n), so it may be delivered twice. */
export interface CallEntry {
  /** Counts the entries of one workflow from 1. */
  readonly n: number;
  readonly phase: 'started' | 'completed' | 'failed' | 'cancelled';
  readonly path: string;
  readonly atMs: number;
  /** Given with phase `started`. */
  readonly name?: string;
  readonly version?: string;
  readonly kind?: CallKind;
  readonly arguments?: JsonObject;
  /** Given with the phase that ends the call. */
  readonly result?: Json;
  readonly error?: ErrorRecord;
}

/** Entries with the workflow that wrote them; this is what travels with a command. */
export interface CallLog {
  readonly workflowId: string;
  readonly entries: readonly CallEntry[];
}

export interface Call {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly kind: CallKind;
  readonly status: CallStatus;
  readonly arguments: JsonObject;
  readonly result?: Json;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly error?: ErrorRecord;
  readonly children: readonly Call[];
}
