// A person has looked after a journal was lost, and lets the bridge take commands again.

import { acceptJournalRequest } from '../http/workcells/workcell-request.js';
import { declareRequest } from './request-kind.js';

export const acceptJournal = declareRequest({
  body: acceptJournalRequest,
  patienceMs: 10_000,
  describeDoubt: () => 'the journal may still be accepted',
});
