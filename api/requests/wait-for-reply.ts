// Waits for what a workcell's worker answers to requests of this process. Nobody may be there to answer.

import { readToldAnswer } from '../../db/requests/reply.js';
import type { LabError } from '../../domain/errors/error.js';

/** Null: it was done. */
export type WorkerAnswer = LabError | null | 'silence';

export interface AnswerWaiter {
  /** Sends the request once the answer can be heard. Throws what sending it throws. */
  ask(requestId: string, signal: AbortSignal, send: () => Promise<void>): Promise<WorkerAnswer>;
  /** A worker has answered: the payload of its notification. */
  readonly hear: (payload: string | undefined) => void;
}

export function createAnswerWaiter(waitMs: number): AnswerWaiter {
  const underWay = new Map<string, (answer: WorkerAnswer) => void>();

  const wait = (requestId: string, signal: AbortSignal): Promise<WorkerAnswer> =>
    new Promise((resolve) => {
      const end = (answer: WorkerAnswer): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        underWay.delete(requestId);
        resolve(answer);
      };
      const leave = (): void => {
        end('silence');
      };
      const timer = setTimeout(leave, waitMs);
      signal.addEventListener('abort', leave);
      underWay.set(requestId, end);
    });

  return {
    ask: async (requestId, signal, send) => {
      const answered = wait(requestId, signal);
      try {
        await send();
      } catch (error) {
        underWay.get(requestId)?.('silence');
        throw error;
      }
      return await answered;
    },
    hear: (payload) => {
      // Without a payload the listener has come back; an answer that was lost meanwhile ends as silence.
      if (payload === undefined) return;
      const { requestId, error } = readToldAnswer(payload);
      // A request of another API process is no business of this one.
      underWay.get(requestId)?.(error);
    },
  };
}
