// The call log of one workflow: entries wait here until a command or the end of the run takes them along.

import type { CallEntry, CallLog } from '../domain/call.js';

export interface CallLogOutbox {
  add(entry: Omit<CallEntry, 'n'>): void;
  /** Takes what waits; undefined where nothing does. */
  take(): CallLog | undefined;
  /** Puts taken entries back in front, when what carried them was refused. Delivery twice does no harm. */
  putBack(log: CallLog): void;
  readonly lastN: number;
}

export function createCallLog(workflowId: string): CallLogOutbox {
  let lastN = 0;
  let waiting: CallEntry[] = [];
  return {
    add: (entry) => {
      lastN += 1;
      waiting.push({ n: lastN, ...entry });
    },
    take: () => {
      if (waiting.length === 0) return undefined;
      const entries = waiting;
      waiting = [];
      return { workflowId, entries };
    },
    putBack: (log) => {
      waiting = [...log.entries, ...waiting];
    },
    get lastN() {
      return lastN;
    },
  };
}
