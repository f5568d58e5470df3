// Messages of one workflow to others; one that was not awaited would be gone with its execution.

import { CancellationScope, sleep } from '@temporalio/workflow';
import { isNobodyThere } from './messages.js';

/** A workflow that takes no more messages for now is told again; an execution of it takes only so many. */
const SEND_RETRY_INTERVAL_MS = 1_000;

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
        return await sendUntilTaken(message);
      } finally {
        onTheirWay -= 1;
      }
    },
  };
}

/** Resolves once the message stands in the history of the other. Nobody cancels it. False where nobody of that name is there. */
export async function sendUntilTaken(message: () => Promise<unknown>): Promise<boolean> {
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      try {
        await message();
        return true;
      } catch (error) {
        if (isNobodyThere(error)) return false;
        await sleep(SEND_RETRY_INTERVAL_MS);
      }
    }
  });
}
