// What the lab itself lacks for the moment: nothing was sent to a machine.

import { toEntry } from './error-entry.js';

export const INFRA_ERRORS = {
  BRIDGE_STOPPING: toEntry('infra', 503, 'The bridge of the workcell is stopping', 'Wait until it is started again; nothing was sent.'),
  WORKER_STOPPING: toEntry(
    'infra',
    503,
    'The workcell worker is stopping',
    'Wait until it is started again; it goes on with what was begun.',
  ),
  SLOT_ENDED: toEntry(
    'infra',
    503,
    'The process that executed workflow code has ended',
    'Nothing is to be done: the run is replayed in another process.',
  ),
  RUN_REFUSED: toEntry(
    'infra',
    503,
    'The run ended the process of its workflow code again and again',
    'Terminate it, mend the protocol, and start it anew.',
  ),
  JOURNAL_UNWRITABLE: toEntry(
    'infra',
    503,
    'The bridge can not write its journal',
    'Free disk space on the machine of the bridge; what waits goes on by itself.',
  ),
  JOURNAL_LOST: toEntry(
    'infra',
    503,
    "The bridge's journal is not the one that the lab knows",
    'Look at the machines, then do what praxis doctor says: it names the command that accepts the journal.',
  ),
  BRIDGE_UNREACHABLE: toEntry(
    'infra',
    503,
    'The bridge of the workcell does not answer',
    'Look at praxis doctor; the supervisor restarts the bridge.',
  ),
  UNAUTHORISED: toEntry(
    'infra',
    503,
    'The bridge does not know the token',
    'Give both sides the same token file: PRAXIS_BRIDGE_TOKEN_FILE and --token-file.',
  ),
  WORKCELL_SILENT: toEntry('infra', 503, 'The workcell worker or its bridge does not answer', 'Repeat the request; look at praxis doctor.'),
  DATABASE_UNAVAILABLE: toEntry('infra', 503, 'The database does not answer', 'Wait for Postgres to come back; nothing was changed.'),
  DATABASE_DAMAGED: toEntry(
    'infra',
    503,
    'A page of the database is damaged',
    'Stop the lab and put a copy of the folder postgres of the home in its place, or move it aside; then look at the machines and accept the journal.',
  ),
  DISK_FULL: toEntry(
    'infra',
    503,
    'The disk of the lab is nearly full',
    'Free disk space on the machine of the lab; runs are taken again by themselves.',
  ),
  TEMPORAL_UNAVAILABLE: toEntry(
    'infra',
    503,
    'Temporal does not answer',
    'Look at praxis doctor; the supervisor restarts it. Nothing was changed.',
  ),
  BLOB_MISSING: toEntry(
    'infra',
    503,
    'A large value that was put away is gone or damaged',
    'Put the folder blobs of the home back as it was; what waits goes on by itself.',
  ),
  NO_WORKER: toEntry('infra', 503, 'No worker serves this protocol version', 'Start a workflow worker, or restart the lab.'),
  TOO_MANY_REHEARSALS: toEntry('infra', 503, 'Too many rehearsals are under way', 'Repeat the request when one of them has ended.'),
  REHEARSAL_FAILED: toEntry('infra', 503, 'The rehearsal could not be done', 'Read the message; it says nothing about the protocol.'),
  TOO_MANY_STREAMS: toEntry('infra', 503, 'Too many live feeds are open', 'Close one, or read the events of the run page by page.'),
  TOOL_MISSING: toEntry('infra', 503, 'A program that the lab needs is missing', 'See what is missing with: praxis doctor.'),
  PORT_BUSY: toEntry('infra', 503, 'A port that the lab needs is in use', 'Set PRAXIS_PORT to another number.'),
  LAB_ALREADY_UP: toEntry('conflict', 409, 'The lab of this home is already up', 'Use it, or stop it first with Ctrl-C in its terminal.'),
  START_FAILED: toEntry('infra', 503, 'A part of the lab did not start', 'Read its log in the logs folder of the home.'),
} as const;
