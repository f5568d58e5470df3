// The commands that a workflow has under way and that its cancellation ends: whoever cancels it names them to the bridge, so
// that a driver hears of it at once and not with the next heartbeat of an activity.

import { CancellationScope, sleep } from '@temporalio/workflow';
import type { ControlActivities } from '../../activities/activity-types.js';

/** Longer no end waits for a bridge that is away. */
const STOP_WAIT_MS = 60_000;

export interface MovingCommands {
  /** Notes the command for as long as the work goes on. Cleanups are not ended by a cancellation. */
  note<T>(command: { readonly id: string; readonly isShielded?: boolean }, work: () => Promise<T>): Promise<T>;
  /** Ids, those included that an earlier execution has left and nobody has attached to yet; one of a block stands for all of it. */
  list(): readonly string[];
  /** Without a hold of the run. Resolves once the bridge was told or cannot be; whether they could be stopped, their outcomes tell. */
  stop(): Promise<void>;
}

/** `left`: what an earlier execution has listed. */
export function createMovingCommands({ stopCommands }: Pick<ControlActivities, 'stopCommands'>, left: readonly string[]): MovingCommands {
  const moving = new Set(left);
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
    stop: async () => {
      if (moving.size === 0) return;
      await CancellationScope.nonCancellable(() => stopCommands({ commands: list() })).catch(() => undefined);
    },
  };
}

/** Before a workflow ends that waits for none of them: nothing moves for it afterwards. */
export async function stopBeforeEnd(moving: MovingCommands): Promise<void> {
  if (moving.list().length > 0) await Promise.race([moving.stop(), sleep(STOP_WAIT_MS)]);
}
