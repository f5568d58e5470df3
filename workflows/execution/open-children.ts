// The children of one workflow: how many are being started, and the ends that were told of them. A child, the outside, or
// its close may tell of an end; the first counts. Ends of children that are still waited for go along when the workflow continues.

import type { LostChild } from '../../domain/runs/control.js';
import type { ChildEnd } from './messages.js';

/** More starts of one parent at once make its tasks wait for each other. */
export const STARTS_AT_ONCE_MAX = 50;

export type ToldEnd = ChildEnd | LostChild;

export interface OpenChildren {
  hasRoom(): boolean;
  /** Takes the room of one start until that has ended. */
  begin(): void;
  endStart(): void;
  /** Somebody says that a child has ended. */
  hear(end: ToldEnd): void;
  /** The end that was told first. */
  find(workflowId: string): ToldEnd | undefined;
  /** The ends of these children: who waits for them may not have come to it yet. */
  listEnds(workflowIds: ReadonlySet<string>): readonly ToldEnd[];
}

export function createOpenChildren(carried: readonly ToldEnd[]): OpenChildren {
  const told = new Map(carried.map((end) => [end.workflowId, end]));
  let starting = 0;
  return {
    hasRoom: () => starting < STARTS_AT_ONCE_MAX,
    begin: () => {
      starting += 1;
    },
    endStart: () => {
      starting -= 1;
    },
    hear: (end) => {
      if (!told.has(end.workflowId)) told.set(end.workflowId, end);
    },
    find: (workflowId) => told.get(workflowId),
    listEnds: (workflowIds) => [...told.values()].filter(({ workflowId }) => workflowIds.has(workflowId)),
  };
}
