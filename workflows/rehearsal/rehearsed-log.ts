// The call log of a rehearsal: what a run would tell of its calls, kept for the report.

import type { CallEntry } from '../../domain/runs/call.js';
import type { RehearsedCall, RehearsedRun } from '../../domain/rehearsal/rehearsal.js';
import type { CallLogOutbox } from '../execution/call-log.js';

export interface RehearsedLog {
  readonly outbox: CallLogOutbox;
  readonly calls: ReadonlyMap<string, RehearsedCall>;
  readonly notes: RehearsedRun['notes'];
  readonly data: RehearsedRun['data'];
}

export function createRehearsedLog(startMs: number): RehearsedLog {
  const calls = new Map<string, RehearsedCall>();
  const notes: RehearsedRun['notes'][number][] = [];
  const saved = new Map<string, RehearsedRun['data'][number]>();
  const countSaved = (callPath: string, name: string): void => {
    const key = JSON.stringify([callPath, name]);
    saved.set(key, { callPath, name, count: (saved.get(key)?.count ?? 0) + 1 });
  };
  const add = ({ phase, path, atMs, name = '', kind = 'inline', note, data }: Omit<CallEntry, 'n'>): void => {
    const known = calls.get(path);
    if (phase === 'started') calls.set(path, { path, name, kind, status: 'running', startedMs: atMs - startMs, endedMs: null });
    else if (phase === 'note' && note) notes.push({ callPath: path, ...note });
    else if (phase === 'data' && data) countSaved(path, data.name);
    else if (known && (phase === 'completed' || phase === 'failed' || phase === 'cancelled'))
      calls.set(path, { ...known, status: phase, endedMs: atMs - startMs });
  };
  return {
    calls,
    notes,
    get data() {
      return [...saved.values()];
    },
    outbox: {
      add,
      addEnd: (path, end) => {
        add({ path, ...end });
      },
      adopt: () => undefined,
      lighten: () => Promise.resolve(),
      rest: () => undefined,
      noteState: () => undefined,
      take: () => undefined,
      putBack: () => undefined,
      noteArrival: () => undefined,
      recall: () => undefined,
      carried: [],
      flush: () => Promise.resolve(),
      unsaid: undefined,
      isSettled: () => true,
      lastN: 0,
      handOver: () => ({ workflowId: '', entries: [] }),
    },
  };
}
