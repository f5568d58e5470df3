// A call: one tracked execution of a protocol function inside a run, and the log entries that tell of it.

import type { ErrorRecord } from '../errors/error.js';
import type { Json, JsonObject } from '../json/json.js';

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
  /** Phase `started`: how it ended, where that was known before anybody was told that it started. */
  readonly ended?: CallEnd;
  /** Phase `data`: a measurement kept under a name; the value, or the command whose result it is. */
  readonly data?: { readonly name: string; readonly value?: Json; readonly commandId?: string };
  /** Phase `note`: what people are told. */
  readonly note?: { readonly title: string; readonly text: string };
  /** Phase `window`: a time window is about to break, or has broken. */
  readonly window?: { readonly name: string; readonly isBroken: boolean; readonly text: string; readonly deadlineMs: number };
}

/** The end of a call on the entry of its start: one entry stands for two. */
export type CallEnd = Pick<CallEntry, 'n' | 'atMs' | 'result' | 'error'> & { readonly phase: 'completed' | 'failed' | 'cancelled' };

/** The entries that a log stands for, in the order in which things happened. */
export function listToldEntries({ workflowId, entries }: CallLog): readonly CallEntry[] {
  const told = entries.flatMap(unfoldEntry);
  // What a workflow wrote itself is in order of its numbers; entries of children stand where they were adopted.
  const order = new Map<CallEntry, number>();
  let group = 0;
  told.forEach((entry, index) => {
    if ((entry.workflowId ?? workflowId) !== (told[index - 1]?.workflowId ?? workflowId)) group += 1;
    order.set(entry, group);
  });
  return told.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || a.n - b.n);
}

/** The entries that one stands for: the start of a call, and its end where that joined it. */
export function unfoldEntry(entry: CallEntry): readonly CallEntry[] {
  const { ended, ...started } = entry;
  if (ended === undefined) return [entry];
  return [started, { ...ended, path: entry.path, ...(entry.workflowId !== undefined && { workflowId: entry.workflowId }) }];
}

/** Entries with the workflow that wrote them. */
export interface CallLog {
  readonly workflowId: string;
  readonly entries: readonly CallEntry[];
}

/** What travels with a command: nobody on the way through activity, bridge and journal reads the entries, so they are one text to them. */
export interface WrittenCallLog {
  readonly workflowId: string;
  /** JSON of the entries. */
  readonly text: string;
}

export function writeCallLog({ workflowId, entries }: CallLog): WrittenCallLog {
  return { workflowId, text: JSON.stringify(entries) };
}

/** Throws SyntaxError where the text is no JSON; what it holds is not checked. */
export function readCallLog({ workflowId, text }: WrittenCallLog): CallLog {
  return { workflowId, entries: JSON.parse(text) as readonly CallEntry[] };
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
  /** How many calls it made; `children` may be cut. */
  readonly childCount: number;
  readonly children: readonly Call[];
}
