// Messages of one workflow to others; one that was not awaited would be gone with its execution.

import { CancellationScope } from '@temporalio/workflow';
import { isNobodyThere } from './messages.js';

export interface OutgoingMessages {
  /** Nobody cancels it. False where nobody is there any more: who has ended needs no message. */
  send(message: () => Promise<unknown>): Promise<boolean>;
  haveGoneOut(): boolean;
}

export function createOutgoingMessages(): OutgoingMessages {
  let onTheirWay = 0;
  return {
    haveGoneOut: () => onTheirWay === 0,
    send: async (message) => {
      onTheirWay += 1;
      try {
        await CancellationScope.nonCancellable(message);
        return true;
      } catch (error) {
        if (isNobodyThere(error)) return false;
        throw error;
      } finally {
        onTheirWay -= 1;
      }
    },
  };
}
