// Measurements that calls keep, counted by name: an assay keeps hundreds, and one line tells of all of them when the call ends.

import { toCallOf } from '../../domain/runs/call-path.js';

export interface KeptData {
  add(callPath: string, name: string): void;
  /** Of a call that ends and of calls below it, `absorbance ×60` each; they are forgotten. All for an empty path. */
  take(callPath: string): readonly { readonly path: string; readonly text: string }[];
  /** What calls that go on have kept: `absorbance ×12`. */
  list(): readonly string[];
}

export function createKeptData(): KeptData {
  const counts = new Map<string, Map<string, number>>();
  return {
    add: (callPath, name) => {
      const path = toCallOf(callPath);
      const ofCall = counts.get(path) ?? new Map<string, number>();
      counts.set(path, ofCall.set(name, (ofCall.get(name) ?? 0) + 1));
    },
    take: (callPath) => {
      const taken = [...counts].filter(([path]) => isWithin(path, callPath));
      for (const [path] of taken) counts.delete(path);
      return taken.flatMap(([path, ofCall]) => [...ofCall].map(([name, count]) => ({ path, text: describe(name, count) })));
    },
    list: () => [...counts.values()].flatMap((ofCall) => [...ofCall].map(([name, count]) => `kept ${describe(name, count)}`)),
  };
}

function isWithin(path: string, callPath: string): boolean {
  return callPath === '' || (path.startsWith(callPath) && /^(?:$|[/[({])/u.test(path.slice(callPath.length)));
}

function describe(name: string, count: number): string {
  return count === 1 ? name : `${name} ×${count}`;
}
