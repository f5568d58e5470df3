// How many activities of a workflow may be under way at once: Temporal takes two thousand, and one task must hold all that
// begin together. The rest waits in the order in which it was asked for; a machine that is slow keeps nobody else waiting.

import { CancellationScope, condition } from '@temporalio/workflow';

/** In all, and at one machine: it does one command at a time, and some more are on their way to it. */
export const OPEN_OPERATIONS_MAX = 64;
export const OPEN_AT_ONE_PLACE_MAX = 8;

/** Where an operation is done: a machine, or the threads for calculations. Others end by a person or a clock and are not limited here. */
export type Place = string;

export interface OpenLimit {
  /** There is no room for it. */
  mustWait(place: Place | undefined): boolean;
  /** Calls `begin` when there is room, or when nothing begins any more; it looks at everything again then. */
  wait(place: Place | undefined, begin: () => void): void;
  enter(place: Place | undefined): void;
  leave(place: Place | undefined): void;
}

/** While `isOver` is true nothing waits: what still comes will not be executed. */
export function createOpenLimit(isOver: () => boolean): OpenLimit {
  /** By place; of each place in order. */
  const waiting = new Map<Place, (() => void)[]>();
  const openAt = new Map<Place, number>();
  let open = 0;
  let isWatching = false;

  const hasRoom = (place: Place): boolean => isOver() || (open < OPEN_OPERATIONS_MAX && (openAt.get(place) ?? 0) < OPEN_AT_ONE_PLACE_MAX);
  const admit = (): void => {
    for (const [place, begins] of waiting) {
      while (begins.length > 0 && hasRoom(place)) begins.shift()?.();
      if (begins.length === 0) waiting.delete(place);
    }
  };
  const watch = (): void => {
    if (isWatching) return;
    isWatching = true;
    void CancellationScope.nonCancellable(() => condition(() => waiting.size === 0 || isOver())).then(() => {
      isWatching = false;
      admit();
      // Somebody may have begun to wait since the last look.
      if (waiting.size > 0) watch();
    });
  };

  return {
    mustWait: (place) => place !== undefined && !hasRoom(place),
    wait: (place, begin) => {
      if (place === undefined) return;
      const begins = waiting.get(place) ?? [];
      begins.push(begin);
      waiting.set(place, begins);
      watch();
    },
    enter: (place) => {
      if (place === undefined) return;
      open += 1;
      openAt.set(place, (openAt.get(place) ?? 0) + 1);
    },
    leave: (place) => {
      if (place === undefined) return;
      open -= 1;
      openAt.set(place, (openAt.get(place) ?? 1) - 1);
      admit();
    },
  };
}
