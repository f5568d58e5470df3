// Entries of call logs out of their logs: each with its run and the workflow that wrote it, once, in one order.

import type { CallEntry, CallLog } from '../../domain/runs/call.js';
import { toText } from '../connection/postgres-text.js';

export interface RunCallLog extends CallLog {
  readonly runId: string;
}

export interface FlatEntry {
  readonly runId: string;
  /** The workflow that wrote the entry; `n` counts there. */
  readonly workflowId: string;
  readonly entry: CallEntry;
}

/** An entry of a child may come in the log of its parent. */
export function toWriter(log: CallLog, entry: CallEntry): string {
  return toText(entry.workflowId ?? log.workflowId);
}

/** Each entry once and in one order for all writers, so that two of them cannot wait for each other in a circle. */
export function flatten(logs: readonly RunCallLog[]): FlatEntry[] {
  const byKey = new Map<string, FlatEntry>();
  for (const log of logs) {
    for (const entry of log.entries) {
      const workflowId = toWriter(log, entry);
      byKey.set(`${workflowId}\n${entry.n}`, { runId: log.runId, workflowId, entry });
    }
  }
  return [...byKey.values()].sort(compareEntries);
}

/** By workflow, and in each as it was told. */
export function compareEntries(a: FlatEntry, b: FlatEntry): number {
  if (a.workflowId === b.workflowId) return a.entry.n - b.entry.n;
  return a.workflowId < b.workflowId ? -1 : 1;
}
