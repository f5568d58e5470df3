// The wire between a workcell worker and its bridge: newline-delimited JSON-RPC 2.0 on a unix socket.
// The Python side is bridge/praxis_bridge; bridge/WIRE.md tells the same in prose.

import type { WrittenCallLog } from '../runs/call.js';
import type { ChannelStatement, Resolution, StateCorrection } from '../inbox/inbox.js';
import type { JournalLoss } from '../workcells/journal-identity.js';
import type { Json, JsonObject } from '../json/json.js';
import type { LabwareLocation, WorkcellSpec } from '../workcells/workcell-spec.js';
import type { MovingCommand, StopState } from '../workcells/stop-all.js';

export const WIRE_VERSION = 1;
/** A longer line closes the connection with LINE_TOO_LONG. */
export const WIRE_LINE_LIMIT_BYTES = 8 * 1024 * 1024;
/** Of a command's `deadlineMs`. */
export const DEADLINE_LIMIT_MS = 30 * 24 * 3_600_000;
/** Of the lift when a run has ended: whatever comes late is older. */
export const FINAL_HOLD_REV = Number.MAX_SAFE_INTEGER;

export interface BridgeHello {
  readonly wireVersion: number;
  /** Made once per journal file; part of the key of shipped rows. */
  readonly bridgeId: string;
  readonly home: string;
  readonly codeHash: string;
  readonly pylabrobot: string;
  readonly pid: number;
  readonly workcell: string | null;
  readonly runningCommands: readonly string[];
  /** Runs of which no command begins; see `run.hold`. */
  readonly heldRuns: readonly string[];
  readonly stopAll: StopState;
  readonly lastRow: number;
  /** Up to here Postgres has the rows, as the worker said last. */
  readonly shippedRow: number;
  /** Rows up to here may have been let go. */
  readonly compactedRow: number;
  /** A command was sent under this journal. */
  readonly hasMoved: boolean;
  readonly highestFence: number;
  /** Why nothing moves until a person has accepted the journal. */
  readonly lost: JournalLoss | null;
}

export interface CommandRequest {
  /** `runId/callPath/n/retry`; unique for ever. */
  readonly id: string;
  readonly runId: string;
  readonly callPath: string;
  /** Counts the commands of the call from 1. */
  readonly n: number;
  readonly retry: number;
  readonly machine: string;
  /** PyLabRobot's name, for example `pick_up_tips`. */
  readonly method: string;
  readonly arguments: JsonObject;
  readonly fence: number;
  /** Part of a cleanup: also begins while the run is held. */
  readonly isShielded?: boolean;
  /** When it has executed this long its outcome is in doubt; not part of the payload hash. */
  readonly deadlineMs?: number;
  /** A command by hand on a machine of that run, under its fence; refused with RUN_NOT_HELD while the run is not held. */
  readonly underRunId?: string;
  /** When it was asked for the first time; not part of the payload hash. */
  readonly askedAtMs?: number;
  /** It was asked for before, and may have been sent then; not part of the payload hash. */
  readonly isAgain?: boolean;
  /** Call-log entries that join the journal with this command; not part of the payload hash. */
  readonly calls?: WrittenCallLog;
}

export type CommandOutcomeStatus = 'completed' | 'failed' | 'stopped' | 'uncertain';

export interface CommandOutcome {
  readonly status: CommandOutcomeStatus;
  readonly result: Json;
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** Where the bridge knows better than the table of codes. */
    readonly remedy?: string;
    readonly channels?: JsonObject /** What is known of an uncertain command. */;
    readonly details?: JsonObject;
  } | null;
  /** When SENT was written; null where the backend boundary was never reached. */
  readonly beganAtMs: number | null;
  readonly endedAtMs: number;
  /** Writes counted at the wire of the instrument. */
  readonly sends: number;
}

/** A command that has ended, as Postgres keeps it. */
export type KnownEnd = Omit<CommandRequest, 'isShielded' | 'deadlineMs' | 'askedAtMs' | 'isAgain' | 'calls'> & {
  readonly outcome: CommandOutcome;
};

export type CommandPhase = 'never-seen' | 'accepted' | 'sent' | 'ended';

export type JournalRowKind =
  | 'BOOT'
  | 'CONFIG'
  | 'SENT'
  | 'STEP_END'
  | 'END'
  | 'REPLACE'
  | 'RELEASE'
  | 'CALLS'
  | 'HOLD'
  | 'RESOLVE'
  | 'CONNECT'
  | 'PLACE'
  | 'LATE'
  | 'CORRECT'
  | 'STOP_ALL'
  | 'ABORT'
  | 'LOST'
  | 'ACCEPT'
  | 'SNAPSHOT';

export interface JournalRow {
  /** Counts from 1 without gaps. */
  readonly row: number;
  readonly kind: JournalRowKind;
  readonly atMs: number;
  readonly commandId: string | null;
  readonly body: JsonObject;
}

/** Body of SENT; END has the same `command` where no SENT came before it. */
export interface CommandIdentity {
  readonly runId: string;
  readonly callPath: string;
  readonly n: number;
  readonly retry: number;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  readonly fence: number;
}

/** Method → parameters and result. */
export interface BridgeMethods {
  hello: { params: Record<string, never>; result: BridgeHello };
  /** Builds or changes the workcell; refused while a command runs. Simulators are set up at once. */
  'workcell.apply': { params: { spec: WorkcellSpec }; result: { changed: boolean } };
  /** Submits a command, attaches to the running one, or returns the stored outcome. */
  'command.run': { params: CommandRequest; result: CommandOutcome };
  /** Runs commands of one machine or several one after the other, up to the first that does not complete. Each as by `command.run`. */
  'block.run': {
    params: { commands: readonly CommandRequest[] };
    result: { outcomes: readonly CommandOutcome[] /** Stopped between two commands because the run is held. */; isHeld: boolean };
  };
  /** Calls the stop method of the running command's machine, where it has one; a block ends after its running command. */
  'command.stop': { params: { id: string }; result: { isStopping: boolean } };
  /** A durable hold: while it is set no command of the run begins, shielded ones excepted. A lower rev changes nothing. */
  'run.hold': {
    params: { runId: string; rev: number; isHeld: boolean };
    result: { rev: number; isHeld: boolean; running: readonly string[] };
  };
  /** A person states what an uncertain command did: the state follows, the machine takes commands again. Once per request id. */
  'command.resolve': {
    params: {
      requestId: string;
      id: string;
      happened: Resolution['happened'];
      corrections: readonly StateCorrection[];
      channels?: readonly ChannelStatement[];
      by: string;
      note: string;
    };
    result: { delta: JsonObject };
  };
  /** A person ends what runs on one machine; the journal says who. */
  'machine.abort': { params: { machine: string; by: string; note: string }; result: { commands: readonly string[]; isStopping: boolean } };
  /** The three of the stop socket (`toStopSocket`), answered also while a driver blocks the bridge. No command begins after this one's answer. */
  'stop.all': { params: { by: string; reason: string }; result: StopState & { readonly running: readonly MovingCommand[] } };
  /** Lifts the stop of this rev and no later one. */
  'stop.release': { params: { rev: number; by: string; reason: string }; result: StopState & { readonly isReleased: boolean } };
  'stop.status': { params: Record<string, never>; result: StopState };
  'command.status': {
    params: { id: string } & Partial<Pick<CommandRequest, 'askedAtMs' | 'isAgain' | 'machine' | 'fence'>>;
    result: { phase: CommandPhase; outcome: CommandOutcome | null };
  };
  /** Rows after `after`; waits up to `waitMs` (≤ 30,000) for the first one. */
  'journal.read': {
    params: {
      after: number;
      limit: number;
      waitMs: number /** Up to here the rows of the journal that is named are safe in Postgres; another one lets it pass. */;
      shippedRow?: number;
      bridgeId?: string;
    };
    /** `bridgeId` names the journal whose rows these are. */
    result: { bridgeId: string; rows: readonly JournalRow[] };
  };
  /** The worker has found that journal and Postgres disagree: nothing moves any more. With an id the journal is another one from here on. */
  'journal.lose': { params: JournalLoss & { bridgeId?: string }; result: { bridgeId: string } };
  /** Before a lost journal is accepted: ends that the lab knows of, for a journal that does not. */
  'journal.know': { params: { commands: readonly KnownEnd[] }; result: { added: number } };
  /** A person has looked. `fences`: per machine, the highest that may not be superseded by an older one. */
  'journal.accept': { params: { by: string; note: string; fences: Readonly<Record<string, number>> }; result: { wasLost: boolean } };
  /** Lets go of rows that are safe elsewhere and of runs that have ended; `runs` are those that rows are kept for. */
  'journal.compact': { params: { endedRuns: readonly string[] }; result: { runs: readonly string[]; compactedRow: number } };
  /** Puts a fresh item in the place of a used one, once per request id. */
  'labware.replace': {
    params: { requestId: string; runId: string | null; labware: readonly string[]; fence: number };
    result: { replaced: readonly string[] };
  };
  /** A person states where labware stands, once per request id. Refused with BAD_STATEMENT where it can't. */
  'labware.place': {
    params: { requestId: string; labware: string; location: LabwareLocation; fence: number; by: string; note: string };
    result: { delta: JsonObject };
  };
  /** An operator has looked at a machine that an uncertain command holds; it takes commands again. */
  'machine.release': { params: { machine: string; note: string }; result: { released: boolean } };
  /** An operator connects a machine whose `setup()` may move axes; its known state is put back afterwards. */
  'machine.connect': { params: { machine: string; by: string; note: string }; result: { isReady: boolean; because: string | null } };
  /** A person says what is true on the deck, once per request id. Refused with BAD_STATEMENT where it can't be, MACHINE_BUSY while something moves. */
  'state.correct': {
    params: { requestId: string; corrections: readonly StateCorrection[]; by: string; note: string };
    result: { delta: JsonObject };
  };
  /** Live state of every resource by name. */
  'state.read': { params: Record<string, never>; result: { resources: JsonObject } };
  /** Of a bridge that was started for a rehearsal: the workcell with simulators alone, in the state in which it is elsewhere; fresh for null. */
  'rehearsal.begin': { params: { spec: WorkcellSpec; state: JsonObject | null }; result: { spec: WorkcellSpec } };
  /** Likewise: what simulators take for the time, in ms since 1970. */
  'rehearsal.clock': { params: { nowMs: number }; result: Record<string, never> };
  /** Takes no new command, waits for the running ones up to `deadlineMs`, then exits. */
  shutdown: { params: { deadlineMs: number }; result: { idle: boolean } };
}
