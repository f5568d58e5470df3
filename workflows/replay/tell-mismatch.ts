// What a person is told where author code took another way than the ledger says: both ways.

import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { cutText } from '../../domain/values/thrown.js';
import type { LedgerEntry } from './ledger.js';

/** Of what author code asks for, in the message of a mismatch. */
const SHOWN_OPERATIONS_MAX = 5;
const SHOWN_CHARACTERS_MAX = 300;

interface Asked {
  readonly position: number;
  readonly served: number;
  readonly waiting: readonly { readonly id: string; readonly what: Json }[];
}

/** Both ways: what the ledger says, and what the protocol asks for now. */
export function toMismatch(entry: LedgerEntry, { position, served, waiting }: Asked): LabError {
  const other = waiting.find(({ id }) => id === entry.id);
  const shown = (other ? [other] : waiting.slice(0, SHOWN_OPERATIONS_MAX)).map(
    ({ id, what }) => `${id} ${cutText(JSON.stringify(what), SHOWN_CHARACTERS_MAX)}`,
  );
  const now = shown.length > 0 ? `asks for ${shown.join(', ')}` : 'asks for nothing more';
  const then = `${entry.id} came next (${position + 1} of ${served} operations)`;
  return new LabError('LEDGER_MISMATCH', {
    message: `The protocol took another way than the first time. First time: ${then}${other ? ', with other arguments or another method' : ''}. Now: it ${now}.`,
  });
}
