// The table of everything that can go wrong, and the one error class that carries an entry of it.
// Each code has a category (who may retry), an HTTP status, a meaning and what a person can do.

import type { JsonObject } from './json.js';

export type ErrorCategory = 'input' | 'conflict' | 'missing' | 'infra' | 'machine' | 'uncertain' | 'bug';

interface ErrorEntry {
  readonly category: ErrorCategory;
  readonly httpStatus: number;
  readonly title: string;
  readonly remedy: string;
}

export const ERRORS = {
  // input: the caller can mend it; nothing was written
  MALFORMED_JSON: entry('input', 400, 'The request body is not JSON', 'Send a JSON object with Content-Type: application/json.'),
  INVALID_REQUEST: entry('input', 400, 'The request does not fit the schema', 'Compare the request with GET /api/v1/openapi.json.'),
  UNSUPPORTED_MEDIA_TYPE: entry('input', 415, 'The request body is of the wrong media type', 'Send Content-Type: application/json in UTF-8.'),
  FOREIGN_ORIGIN: entry('input', 403, 'The request comes from another site', 'Call the API by its loopback address, for example http://127.0.0.1:7400.'),
  UNKNOWN_TOKEN: entry('input', 401, 'The token is not one of this lab', 'Take a token of tokens.json in the home of the lab, or none on the machine of the lab.'),
  FORBIDDEN: entry('input', 403, 'This token may only read', 'Use the token of an operator.'),
  BODY_TOO_LARGE: entry('input', 413, 'The request body is too large', 'Send at most 1 MB.'),
  UNKNOWN_PARAMETER: entry('input', 422, 'The protocol has no such parameter', 'See the parameters with: praxis protocols <protocol>.'),
  MISSING_PARAMETER: entry('input', 422, 'A required parameter is missing', 'Give it with -p name=value.'),
  PARAMETER_TYPE: entry('input', 422, 'A parameter has the wrong type', 'Give a value of the type that the field names.'),
  PARAMETER_RANGE: entry('input', 422, 'A parameter is outside its limits', 'Give a value within the limits that the field names.'),
  UNKNOWN_ASSET: entry('input', 422, 'No such asset', 'See what is there with: praxis machines, praxis labware.'),
  ASSET_MISMATCH: entry('input', 422, 'The asset is of the wrong kind for this protocol', 'Choose an asset of the kind that the field names.'),
  ASSET_UNAVAILABLE: entry('input', 422, 'No asset of this kind exists', 'Add one, or name another with --asset name=item.'),
  BAD_SETTING: entry('input', 422, 'A setting has a bad value', 'Correct the environment variable that the message names.'),
  ANSWER_TYPE: entry('input', 422, 'The answer is not what was asked for', 'See what is asked with: praxis inbox.'),
  ANSWER_TIMEOUT: entry('machine', 422, 'Nobody answered in time', 'Ask again, or give the question a default answer.'),
  STATE_TOO_LARGE: entry('input', 422, 'The run state is larger than 64 KiB', 'Keep measurements with run.data.save and only small values in run.state.'),
  VALUE_TOO_LARGE: entry('input', 422, 'A value is larger than what may travel', 'Hand over and return less: keep measurements with run.data.save, in parts.'),
  CALL_TOO_DEEP: entry('input', 422, 'Calls are nested too deeply', 'Use a loop (run.each, run.every) instead of calls that call each other.'),
  LEDGER_FULL: entry('input', 422, 'The run remembers more than a run can carry', 'Put long loops into run.each or run.every, or parts of them into protocol functions of their own.'),
  DECK_NOT_CONFIRMED: entry('input', 422, 'Nobody has confirmed the deck', 'Look at the deck, put it as the run left it at that call, then send isDeckConfirmed: true.'),
  BAD_STATEMENT: entry('input', 422, 'The statement contradicts the lab', 'Compare it with the labware it names.'),
  SOURCE_UNREADABLE: entry('input', 422, 'A folder of protocols cannot be read', 'Check the path, its permissions and what lies in it.'),
  // missing
  PROTOCOL_NOT_FOUND: entry('missing', 404, 'No such protocol', 'See the names with: praxis protocols.'),
  WORKCELL_NOT_FOUND: entry('missing', 404, 'No such workcell', 'See the names with: praxis machines.'),
  MACHINE_NOT_FOUND: entry('missing', 404, 'No such machine', 'See the names with: praxis machines.'),
  LABWARE_ITEM_NOT_FOUND: entry('missing', 404, 'No such labware item', 'See the names with: praxis labware.'),
  ITEM_NOT_FOUND: entry('missing', 404, 'No such inbox item', 'See what waits for a person with: praxis inbox.'),
  RUN_NOT_FOUND: entry('missing', 404, 'No such run', 'See the ids with: praxis runs.'),
  ROUTE_NOT_FOUND: entry('missing', 404, 'No such address', 'See the addresses at /api/v1/openapi.json.'),
  // conflict
  RUN_ENDED: entry('conflict', 409, 'The run has already ended', 'Start a new run.'),
  IDEMPOTENCY_MISMATCH: entry('conflict', 409, 'This Idempotency-Key was used for another request', 'Use a new key for a new request.'),
  DUPLICATE_COMMAND: entry('conflict', 409, 'This command id was used with other arguments', 'Report this: command ids never repeat.'),
  STALE_FENCE: entry('conflict', 409, 'The reservation behind this command was superseded', 'Start a new run; another run holds the machine.'),
  ASSET_IN_USE: entry('conflict', 409, 'A run holds the item', 'Wait until the run that the message names has ended.'),
  MACHINE_BUSY: entry('conflict', 409, 'A command is running on the machine', 'Try again when the command has ended.'),
  ITEM_ANSWERED: entry('conflict', 409, 'The question has been answered already', 'See who answered it with: praxis inbox --all.'),
  ITEM_WITHDRAWN: entry('conflict', 409, 'The question is no longer asked', 'See what waits for a person with: praxis inbox.'),
  NOT_UNCERTAIN: entry('conflict', 409, 'The command is not uncertain', 'See what waits for a person with: praxis inbox.'),
  NOT_CONTINUABLE: entry('conflict', 409, 'The run cannot be continued from there', 'Choose a call that the message names.'),
  RUN_NOT_HELD: entry('conflict', 409, 'The run goes on by itself', 'Pause it first: praxis pause <run>.'),
  RUN_HELD: entry('conflict', 409, 'The run is held; the command was not begun', 'Resume the run, or answer what waits in the inbox.'),
  STOPPED_ALL: entry('conflict', 409, 'Everything in the workcell is stopped', 'When a person has looked: praxis stop-all --release.'),
  NOT_STOPPED: entry('conflict', 409, 'The stop does not hold any more', 'See what holds with: praxis stop-all --status.'),
  JOURNAL_NOT_LOST: entry('conflict', 409, 'The journal of the workcell is not lost', 'There is nothing to accept; see what waits with: praxis inbox.'),
  NOTHING_RUNS: entry('conflict', 409, 'No command is running on the machine', 'See what runs with: praxis runs --status running.'),
  NOT_STOPPABLE: entry('conflict', 409, 'The driver has no way to stop this command', 'Wait for its end; in danger use the emergency stop of the machine.'),
  STATE_CONFLICT: entry('conflict', 409, 'Two calls changed the same key of the run state', 'Use add, append or max, or let one of the calls write it.'),
  RATE_LIMITED: entry('conflict', 429, 'Too many requests that change something', 'Repeat the request after the seconds that its Retry-After header names.'),
  // infra: nothing was sent to a machine
  BRIDGE_STOPPING: entry('infra', 503, 'The bridge of the workcell is stopping', 'Wait until it is started again; nothing was sent.'),
  WORKER_STOPPING: entry('infra', 503, 'The workcell worker is stopping', 'Wait until it is started again; it goes on with what was begun.'),
  SLOT_ENDED: entry('infra', 503, 'The process that executed workflow code has ended', 'Nothing is to be done: the run is replayed in another process.'),
  RUN_REFUSED: entry('infra', 503, 'The run ended the process of its workflow code again and again', 'Terminate it, mend the protocol, and start it anew.'),
  JOURNAL_UNWRITABLE: entry('infra', 503, 'The bridge can not write its journal', 'Free disk space on the machine of the bridge; what waits goes on by itself.'),
  JOURNAL_LOST: entry('infra', 503, "The bridge's journal is not the one that the lab knows", 'Look at the machines, then accept the journal: praxis accept-journal.'),
  BRIDGE_UNREACHABLE: entry('infra', 503, 'The bridge of the workcell does not answer', 'Look at praxis doctor; the supervisor restarts the bridge.'),
  UNAUTHORISED: entry('infra', 503, 'The bridge does not know the token', 'Give both sides the same token file: PRAXIS_BRIDGE_TOKEN_FILE and --token-file.'),
  WORKCELL_SILENT: entry('infra', 503, 'The workcell worker or its bridge does not answer', 'Repeat the request; look at praxis doctor.'),
  DATABASE_UNAVAILABLE: entry('infra', 503, 'The database does not answer', 'Wait for Postgres to come back; nothing was changed.'),
  DATABASE_DAMAGED: entry('infra', 503, 'A page of the database is damaged', 'Stop the lab and put a copy of the folder postgres of the home in its place, or move it aside; then look at the machines and accept the journal.'),
  DISK_FULL: entry('infra', 503, 'The disk of the lab is nearly full', 'Free disk space on the machine of the lab; runs are taken again by themselves.'),
  TEMPORAL_UNAVAILABLE: entry('infra', 503, 'Temporal does not answer', 'Look at praxis doctor; the supervisor restarts it. Nothing was changed.'),
  BLOB_MISSING: entry('infra', 503, 'A large value that was put away is gone or damaged', 'Put the folder blobs of the home back as it was; what waits goes on by itself.'),
  NO_WORKER: entry('infra', 503, 'No worker serves this protocol version', 'Start a workflow worker, or restart the lab.'),
  TOO_MANY_REHEARSALS: entry('infra', 503, 'Too many rehearsals are under way', 'Repeat the request when one of them has ended.'),
  REHEARSAL_FAILED: entry('infra', 503, 'The rehearsal could not be done', 'Read the message; it says nothing about the protocol.'),
  TOO_MANY_STREAMS: entry('infra', 503, 'Too many live feeds are open', 'Close one, or read the events of the run page by page.'),
  TOOL_MISSING: entry('infra', 503, 'A program that the lab needs is missing', 'See what is missing with: praxis doctor.'),
  PORT_BUSY: entry('infra', 503, 'A port that the lab needs is in use', 'Set PRAXIS_PORT to another number.'),
  LAB_ALREADY_UP: entry('conflict', 409, 'The lab of this home is already up', 'Use it, or stop it first with Ctrl-C in its terminal.'),
  START_FAILED: entry('infra', 503, 'A part of the lab did not start', 'Read its log in the logs folder of the home.'),
  // machine: the outcome is known; a protocol may catch it
  MACHINE_ERROR: entry('machine', 422, 'The machine refused or failed the command', 'Read the message; mend the cause; start again.'),
  TIP_MISSING: entry('machine', 422, 'There is no tip where one is needed', 'Replace the tip rack: praxis labware replace <rack>.'),
  TIP_PRESENT: entry('machine', 422, 'There is a tip where none may be', 'Discard the mounted tips: praxis run discard_tips --wait.'),
  TOO_LITTLE_LIQUID: entry('machine', 422, 'A container holds too little liquid', 'Refill it: praxis labware replace <item>.'),
  TOO_LITTLE_ROOM: entry('machine', 422, 'A container or tip has too little room', 'Use a smaller volume or an empty container.'),
  LABWARE_NOT_FOUND: entry('machine', 422, 'The labware or position does not exist on the deck', 'Check the name and the position, for example A1 to H12.'),
  BAD_ARGUMENTS: entry('machine', 422, 'The machine does not take these arguments', 'Compare the call with the machine reference.'),
  UNKNOWN_METHOD: entry('machine', 422, 'The machine has no such command', 'Compare the call with the machine reference.'),
  UNKNOWN_MACHINE: entry('machine', 422, 'The workcell has no such machine', 'See the names with: praxis machines.'),
  MACHINE_NOT_READY: entry('machine', 409, 'The machine is not connected', 'Connect it: an operator step, because connecting may move axes.'),
  MACHINE_HELD: entry('machine', 409, 'Somebody has to look at the machine first', 'Look at the machine, then give it free: praxis machines release <machine>.'),
  COMMAND_STOPPED: entry('machine', 409, 'The command was stopped before its end', 'Look at the machine; its state shows what is true now.'),
  PARTLY_DONE: entry('machine', 422, 'Some channels did the command and some did not', 'Read the channels; the state shows what is true now.'),
  // uncertain: never retried
  UNCERTAIN: entry('uncertain', 409, 'Nobody knows whether the command moved', 'Look at the machine, then state what happened.'),
  // protocol
  CLEANUP_TOO_LONG: entry('machine', 422, 'A cleanup did not end in time', 'Look at the machines of the run, then release them.'),
  PROTOCOL_ERROR: entry('machine', 422, 'The protocol ended with an error', 'Read the message and the call path.'),
  REHEARSAL_TOO_LONG: entry('machine', 422, 'The rehearsal did not come to an end', 'Look for an endless loop; rehearse with smaller parameters.'),
  CALCULATION_TOO_LONG: entry('machine', 422, 'A calculation did not end in time', 'Look for an endless loop, or split it into shorter calculations.'),
  RUN_TERMINATED: entry('conflict', 409, 'The run was ended from outside', 'Inspect the machines before releasing them.'),
  RUN_CANCELLED: entry('conflict', 409, 'The run was cancelled', 'Start a new run when the machines are ready.'),
  CALL_ABANDONED: entry('conflict', 409, 'The protocol that made this call failed in another branch', 'Look at the error of the run.'),
  // bug
  LEDGER_MISMATCH: entry('bug', 500, 'The protocol took another way than the first time', 'Use run.now() and run.random() instead of a clock and chance of your own; report it with the run id.'),
  INTERNAL: entry('bug', 500, 'Praxis has a fault', 'Report it with the run id and the log.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** What exactly is wrong, one sentence, for a person. */
  readonly message?: string;
  /** The field of the request that is wrong, for example `parameters.numDilutions`. */
  readonly field?: string;
  /** Overrides the remedy of the table. */
  readonly remedy?: string;
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** An outcome that the caller is told of. Everything else that is thrown is a bug. */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly remedy: string;
  readonly details: JsonObject | undefined;

  constructor(code: ErrorCode, given: ErrorDetails = {}) {
    super(given.message ?? ERRORS[code].title, given.cause === undefined ? undefined : { cause: given.cause });
    this.name = 'LabError';
    this.code = code;
    this.field = given.field;
    this.remedy = given.remedy ?? ERRORS[code].remedy;
    this.details = given.details;
  }

  get category(): ErrorCategory {
    return ERRORS[this.code].category;
  }

  get httpStatus(): number {
    return ERRORS[this.code].httpStatus;
  }
}

/** What is kept of an error in rows, events and resources. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly callPath?: string;
  readonly remedy?: string;
  /** What the code alone does not say, for example what each channel did. */
  readonly details?: JsonObject;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** States a belief of the program; a false one is a bug and stops the work at hand. */
export function invariant(holds: unknown, belief: string): asserts holds {
  if (!holds) throw new LabError('INTERNAL', { message: `Broken invariant: ${belief}` });
}

function entry(category: ErrorCategory, httpStatus: number, title: string, remedy: string): ErrorEntry {
  return { category, httpStatus, title, remedy };
}
