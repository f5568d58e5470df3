// Has the workcell's worker accept the journal that its bridge has, and waits for how it went.

import { randomUUID } from 'node:crypto';
import { createAnswerWaiter } from '../requests/wait-for-reply.js';
import type { Database } from '../../db/connection/connect-database.js';
import { askForAcceptance, getWorkcellJournal, type WorkcellJournal } from '../../db/losses/journal-loss.queries.js';
import { LabError } from '../../domain/errors/error.js';

const ANSWER_WAIT_MS = 10_000;

export interface JournalAcceptor {
  accept(wish: { workcell: string; by: string; note: string; signal: AbortSignal }): Promise<WorkcellJournal>;
  /** A worker has answered a request: payload of `praxis_journal_answered`. */
  hearAnswer(payload: string | undefined): void;
}

export function createJournalAcceptor(db: Database, waitMs = ANSWER_WAIT_MS): JournalAcceptor {
  const answers = createAnswerWaiter(waitMs);
  return {
    accept: async ({ workcell, by, note, signal }) => {
      await getWorkcellJournal(db, workcell);
      const requestId = randomUUID();
      const answer = await answers.ask(requestId, signal, () => askForAcceptance(db, { requestId, workcell, by, note }));
      if (answer === 'silence')
        throw new LabError('WORKCELL_SILENT', { message: `Workcell ${workcell} did not answer within ${waitMs / 1000} s.` });
      if (answer !== null) throw answer;
      return getWorkcellJournal(db, workcell);
    },
    hearAnswer: (payload) => {
      answers.hear(payload);
    },
  };
}
