// Faults of the program: reported, never caught.

import { toEntry } from './error-entry.js';

export const FAULTS = {
  LEDGER_MISMATCH: toEntry(
    'bug',
    500,
    'The protocol took another way than the first time',
    'Use run.now() and run.random() instead of a clock and chance of your own; report it with the run id.',
  ),
  LINE_TOO_LONG: toEntry(
    'bug',
    500,
    'A message to the bridge is longer than a line may be',
    'Report it with the run id: what is large travels by reference.',
  ),
  INTERNAL: toEntry('bug', 500, 'Praxis has a fault', 'Report it with the run id and the log.'),
} as const;
