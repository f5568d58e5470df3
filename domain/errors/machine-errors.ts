// What a machine told or nobody knows of it: an outcome that is known may be caught by a protocol, an uncertain one is never retried.

import { toEntry } from './error-entry.js';

export const MACHINE_ERRORS = {
  MACHINE_ERROR: toEntry('machine', 422, 'The machine refused or failed the command', 'Read the message; mend the cause; start again.'),
  TIP_MISSING: toEntry(
    'machine',
    422,
    'There is no tip where one is needed',
    'Where the rack is empty: praxis labware replace <rack>. Where it is a channel: pick up a tip with it before.',
  ),
  TIP_PRESENT: toEntry('machine', 422, 'There is a tip where none may be', 'Discard the mounted tips: praxis run discard_tips --wait.'),
  TOO_LITTLE_LIQUID: toEntry('machine', 422, 'A container holds too little liquid', 'Refill it: praxis labware replace <item>.'),
  TOO_LITTLE_ROOM: toEntry('machine', 422, 'A container or tip has too little room', 'Use a smaller volume or an empty container.'),
  LABWARE_NOT_FOUND: toEntry(
    'machine',
    422,
    'The labware or position does not exist on the deck',
    'Check the name and the position, for example A1 to H12.',
  ),
  BAD_ARGUMENTS: toEntry('machine', 422, 'The machine does not take these arguments', 'Compare the call with the machine reference.'),
  INTERLOCKED: toEntry(
    'machine',
    409,
    'The state that is known of a machine forbids it',
    'Read what is in the way and change that first; where it is not true, let the machine do it again, so that it is known.',
  ),
  UNKNOWN_METHOD: toEntry('machine', 422, 'The machine has no such command', 'Compare the call with the machine reference.'),
  UNKNOWN_MACHINE: toEntry('machine', 422, 'The workcell has no such machine', 'See the names with: praxis machines.'),
  MACHINE_NOT_READY: toEntry(
    'machine',
    409,
    'The machine is not connected',
    'Connect it: an operator step, because connecting may move axes.',
  ),
  MACHINE_HELD: toEntry(
    'machine',
    409,
    'Somebody has to look at the machine first',
    'Look at the machine, then give it free: praxis machines release <machine>.',
  ),
  COMMAND_STOPPED: toEntry(
    'machine',
    409,
    'The command was stopped before its end',
    'Look at the machine; its state shows what is true now.',
  ),
  PARTLY_DONE: toEntry(
    'machine',
    422,
    'Some channels did the command and some did not',
    'Read the channels; the state shows what is true now.',
  ),
  // uncertain: never retried
  UNCERTAIN: toEntry('uncertain', 409, 'Nobody knows whether the command moved', 'Look at the machine, then state what happened.'),
} as const;
