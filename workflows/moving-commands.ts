// The commands that a workflow has under way and that its cancellation ends: whoever cancels it names them to the bridge, so
// that a driver hears of it at once and not with the next heartbeat of an activity.

import { CancellationScope } from '@temporalio/workflow';
import type { ControlActivities } from '../activities/activity-types.js';

export interface MovingCommands {
  /** Notes the command for as long as the work goes on. Cleanups are not ended by a cancellation. */
  note<T>(command: { readonly id: string; readonly isShielded?: boolean }, work: () => Promise<T>): Promise<T>;
  /** Ids; one of a block stands for all of it. */
  list(): readonly string[];
  /** Without a hold of the run. Whether they could be stopped, their outcomes tell. */
  stop(): void;
}

export function createMovingCommands({ stopCommands }: Pick<ControlActivities, 'stopCommands'>): MovingCommands {
  const moving = new Set<string>();
  const list = (): readonly string[] => [...moving];
  return {
    note: async ({ id, isShielded = false }, work) => {
      if (isShielded) return work();
      moving.add(id);
      try {
        return await work();
      } finally {
        moving.delete(id);
      }
    },
    list,
    stop: () => {
      if (moving.size > 0) CancellationScope.nonCancellable(() => stopCommands({ commands: list() })).catch(() => undefined);
    },
  };
}
