// What holds a run: reasons to pause, each with its holder, and the child that it came from.

import type { HoldChange, PauseReason } from '../../domain/runs/control.js';

export interface Holder {
  readonly reason: PauseReason;
  readonly holder: string;
  readonly from?: string;
}

export interface Holders {
  /** False where it was so before. */
  change(change: HoldChange): boolean;
  /** Lets go what came from these workflows or from below one of them; false where nothing did. */
  lose(workflowIds: readonly string[]): boolean;
  listReasons(): readonly PauseReason[];
  list(): readonly Holder[];
}

export function createHolders(carried: readonly Holder[]): Holders {
  const toKey = ({ reason, holder }: Holder): string => `${reason} ${holder}`;
  const holders = new Map(carried.map((each) => [toKey(each), each]));
  return {
    change: ({ isHeld, ...holder }) => {
      const key = toKey(holder);
      if (holders.has(key) === isHeld) return false;
      if (isHeld) holders.set(key, holder);
      else holders.delete(key);
      return true;
    },
    lose: (workflowIds) => {
      const isLost = (from: string): boolean => workflowIds.some((each) => from === each || from.startsWith(`${each}/`));
      const lost = [...holders].filter(([, { from }]) => from !== undefined && isLost(from));
      for (const [key] of lost) holders.delete(key);
      return lost.length > 0;
    },
    listReasons: () => [...new Set([...holders.values()].map(({ reason }) => reason))].sort(),
    list: () => [...holders.values()],
  };
}
