// What of a call log was refused for good: it is lost, and a note in the log says so. Where that note is refused too, nothing of
// the log can be written, and whoever ends says it.

import type { CallEntry, CallLog } from '../../domain/runs/call.js';

export interface LostEntries {
  /** The note that says so; undefined where the log holds nothing but such notes. */
  add(log: CallLog, error: unknown): Omit<CallEntry, 'n'> | undefined;
  /** The note was put into the log under this number. */
  noteTold(n: number): void;
  /** Why something stands nowhere, and no note says so. */
  readonly unsaid: string | undefined;
}

/** `explain`: why a log was refused; throws what is no refusal. */
export function createLostEntries(explain: (error: unknown) => string): LostEntries {
  const notes = new Set<number>();
  let lost = 0;
  let unsaid: string | undefined;
  return {
    add: ({ entries }, error) => {
      const reason = explain(error);
      const real = entries.filter((entry) => entry.workflowId !== undefined || !notes.has(entry.n));
      const [first] = real;
      if (first === undefined) {
        unsaid = `${lost} entries of the call log are lost: ${reason}`;
        return undefined;
      }
      lost += real.length;
      const text = `${lost} entries of the call log could not be written and are lost, the last ones from ${first.path} on: ${reason}`;
      return { phase: 'note', path: first.path, atMs: first.atMs, note: { title: 'Call log incomplete', text } };
    },
    noteTold: (n) => {
      notes.add(n);
    },
    get unsaid() {
      return unsaid;
    },
  };
}
