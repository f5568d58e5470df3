// A rehearsal: a protocol executed against simulators on a virtual clock, and the report of what a run would do and need.

import type { CallKind, CallStatus } from '../runs/call.js';
import type { ErrorRecord } from '../errors/error.js';
import type { Json, JsonObject } from '../json/json.js';
import type { WorkcellSpec } from '../workcells/workcell-spec.js';
import type { RunEnvelope } from '../runs/run.js';

/** More commands than any run should give; a loop that never ends is noticed by it. */
export const REHEARSED_COMMANDS_MAX = 50_000;

/** What a rehearsal is made of. */
export interface RehearsalRequest {
  readonly bundle: string;
  readonly envelope: RunEnvelope;
  readonly spec: WorkcellSpec;
  /** To the questions of the run, in order; those without one are answered by what lies nearest. */
  readonly answers: readonly Json[];
}

/** A command as it was rehearsed. Times count from the beginning of the run. */
export interface RehearsedCommand {
  readonly id: string;
  readonly callPath: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  readonly status: 'completed' | 'failed';
  readonly atMs: number;
  readonly expectedMs: number;
  readonly code?: string;
}

export interface RehearsedCall {
  readonly path: string;
  readonly name: string;
  readonly kind: CallKind;
  readonly status: CallStatus;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

export interface RehearsedQuestion {
  readonly callPath: string;
  readonly kind: string;
  readonly text: string;
  readonly answer: Json;
  /** Nobody gave this answer. */
  readonly isAssumed: boolean;
}

/** Where in the author's source something happened. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/** What the executor of author code saw; everything but what the deck tells. */
export interface RehearsedRun {
  readonly result: Json;
  readonly failure:
    | (ErrorRecord & { readonly commandId?: string /** Where it was thrown, as positions in the bundle. */; readonly stack?: string })
    | null;
  readonly commands: readonly RehearsedCommand[];
  readonly calls: readonly RehearsedCall[];
  readonly questions: readonly RehearsedQuestion[];
  readonly notes: readonly { readonly callPath: string; readonly title: string; readonly text: string }[];
  readonly data: readonly { readonly callPath: string; readonly name: string; readonly count: number }[];
  readonly durationMs: number;
  /** The fullest ledger of all workflows of the run. */
  readonly ledger: { readonly entries: number; readonly bytes: number };
  readonly warnings: readonly string[];
}

export type RehearsalFailure = ErrorRecord & {
  /** The first command that failed, where one did. */
  readonly command?: RehearsedCommand;
  readonly place?: SourcePlace;
};

/** What went into and came out of one container, and how full it was. */
export interface VolumeUse {
  readonly labware: string;
  /** Left out for a container of one part. */
  readonly item?: string;
  readonly drawnUl: number;
  readonly givenUl: number;
  readonly lowestUl: number;
  readonly highestUl: number;
}

export interface TipUse {
  readonly rack: string;
  /** Positions from which a tip was taken. */
  readonly positions: readonly string[];
}

/** What a command changed on the deck, by resource. */
export type DeckDelta = JsonObject;

export interface RehearsalReport {
  readonly protocol: string;
  readonly version: string;
  readonly workcell: string;
  readonly isOk: boolean;
  readonly failure?: RehearsalFailure;
  readonly result: Json;
  readonly assets: Readonly<Record<string, string>>;
  readonly counts: { readonly commands: number; readonly failed: number; readonly calls: number; readonly questions: number };
  /** Of the run, where nobody keeps it waiting. */
  readonly expectedMs: number;
  readonly commands: readonly (RehearsedCommand & { readonly delta?: DeckDelta })[];
  readonly calls: readonly RehearsedCall[];
  readonly questions: readonly RehearsedQuestion[];
  readonly notes: RehearsedRun['notes'];
  readonly data: RehearsedRun['data'];
  readonly tips: readonly TipUse[];
  readonly volumes: readonly VolumeUse[];
  readonly ledger: { readonly entries: number; readonly entriesMax: number; readonly bytes: number; readonly bytesMax: number };
  readonly warnings: readonly string[];
}
