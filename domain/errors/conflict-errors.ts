// What contradicts what holds now: another run, an earlier answer, a stop.

import { toEntry } from './error-entry.js';

export const CONFLICT_ERRORS = {
  RUN_ENDED: toEntry('conflict', 409, 'The run has already ended', 'Start a new run.'),
  IDEMPOTENCY_MISMATCH: toEntry('conflict', 409, 'This Idempotency-Key was used for another request', 'Use a new key for a new request.'),
  DUPLICATE_COMMAND: toEntry('conflict', 409, 'This command id was used with other arguments', 'Report this: command ids never repeat.'),
  STALE_FENCE: toEntry(
    'conflict',
    409,
    'The reservation behind this command was superseded',
    'Start a new run; another run holds the machine.',
  ),
  ASSET_IN_USE: toEntry('conflict', 409, 'A run holds the item', 'Wait until the run that the message names has ended.'),
  MACHINE_BUSY: toEntry('conflict', 409, 'A command is running on the machine', 'Try again when the command has ended.'),
  ITEM_ANSWERED: toEntry('conflict', 409, 'The question has been answered already', 'See who answered it with: praxis inbox --all.'),
  ITEM_WITHDRAWN: toEntry('conflict', 409, 'The question is no longer asked', 'See what waits for a person with: praxis inbox.'),
  NOT_UNCERTAIN: toEntry('conflict', 409, 'The command is not uncertain', 'See what waits for a person with: praxis inbox.'),
  NOT_CONTINUABLE: toEntry('conflict', 409, 'The run cannot be continued from there', 'Choose a call that the message names.'),
  RUN_NOT_HELD: toEntry('conflict', 409, 'The run goes on by itself', 'Pause it first: praxis pause <run>.'),
  RUN_HELD: toEntry('conflict', 409, 'The run is held; the command was not begun', 'Resume the run, or answer what waits in the inbox.'),
  STOPPED_ALL: toEntry('conflict', 409, 'Everything in the workcell is stopped', 'When a person has looked: praxis stop-all --release.'),
  NOT_STOPPED: toEntry('conflict', 409, 'The stop does not hold any more', 'See what holds with: praxis stop-all --status.'),
  JOURNAL_NOT_LOST: toEntry(
    'conflict',
    409,
    'The journal of the workcell is not lost',
    'There is nothing to accept; see what waits with: praxis inbox.',
  ),
  NOTHING_RUNS: toEntry('conflict', 409, 'No command is running on the machine', 'See what runs with: praxis runs --status running.'),
  NOT_STOPPABLE: toEntry(
    'conflict',
    409,
    'The driver has no way to stop this command',
    'Wait for its end; in danger use the emergency stop of the machine.',
  ),
  STATE_CONFLICT: toEntry(
    'conflict',
    409,
    'Two calls changed the same key of the run state',
    'Use add, append or max, or let one of the calls write it.',
  ),
  RATE_LIMITED: toEntry(
    'conflict',
    429,
    'Too many requests that change something',
    'Repeat the request after the seconds that its Retry-After header names.',
  ),
} as const;
