// What became of a protocol itself: its error, its end from outside, its calls.

import { toEntry } from './error-entry.js';

export const PROTOCOL_ERRORS = {
  CLEANUP_TOO_LONG: toEntry('machine', 422, 'A cleanup did not end in time', 'Look at the machines of the run, then release them.'),
  PROTOCOL_ERROR: toEntry('machine', 422, 'The protocol ended with an error', 'Read the message and the call path.'),
  REHEARSAL_TOO_LONG: toEntry(
    'machine',
    422,
    'The rehearsal did not come to an end',
    'Look for an endless loop; rehearse with smaller parameters.',
  ),
  CALCULATION_TOO_LONG: toEntry(
    'machine',
    422,
    'A calculation did not end in time',
    'Look for an endless loop, or split it into shorter calculations.',
  ),
  RUN_TERMINATED: toEntry('conflict', 409, 'The run was ended from outside', 'Inspect the machines before releasing them.'),
  RUN_CANCELLED: toEntry('conflict', 409, 'The run was cancelled', 'Start a new run when the machines are ready.'),
  CALL_ABANDONED: toEntry('conflict', 409, 'The protocol that made this call failed in another branch', 'Look at the error of the run.'),
} as const;
