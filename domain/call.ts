// A call: one tracked execution of a protocol function inside a run, and the log entries that tell of it.

import type { ErrorRecord } from './error.js';
import type { Json, JsonObject } from './json.js';

export type CallStatus = 'running' | 'completed' | 'failed' | 'cancelled';
export type CallKind = 'run' | 'child' | 'inline' | 'activity';

/** What the run workflow says of a call; keyed by (workflowId, n), so it may be delivered twice. */
export interface CallEntry {
  /** Counts the entries of one workflow from 1. */
  readonly n: number;
  /** `state`, `data`, `note` and `window` are told by a call that goes on. */
  readonly phase: 'started' | 'completed' | 'failed' | 'cancelled' | 'state' | 'data' | 'note' | 'window';
  readonly path: string;
  readonly atMs: number;
  /** Given where another workflow wrote the entry: a child whose end carried it to its parent. `n` counts there. */
  readonly workflowId?: string;
  /** Given with phase `started`. */
  readonly name?: string;
  readonly version?: string;
  readonly kind?: CallKind;
  readonly arguments?: JsonObject;
  /** Kind `child` only: the workflow that executes it. */
  readonly childWorkflowId?: string;
  /** Given with the phase that ends the call. */
  readonly result?: Json;
  readonly error?: ErrorRecord;
  /** Phase `state`: the whole run state of the root after a change. */
  readonly state?: JsonObject;
  /** Phase `data`: a measurement kept under a name; the value, or the command whose result it is. */
  readonly data?: { readonly name: string; readonly value?: Json; readonly commandId?: string };
  /** Phase `note`: what people are told. */
  readonly note?: { readonly title: string; readonly text: string };
  /** Phase `window`: a time window is about to break, or has broken. */
  readonly window?: { readonly name: string; readonly isBroken: boolean; readonly text: string; readonly deadlineMs: number };
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
  /** Temporal workflow of a call of kind `child`. */
  readonly workflowId?: string;
  readonly result?: Json;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly error?: ErrorRecord;
  readonly children: readonly Call[];
}
