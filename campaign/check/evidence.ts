// What the checker judges: rows as the records hold them, of one lab after its work. Nothing here comes from the engine;
// these are the formats of its records, read anew.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Fields = { readonly [key: string]: Value };

export interface Evidence {
  readonly tape: readonly TapeLine[];
  readonly journals: readonly Journal[];
  readonly executions: readonly Execution[];
  readonly database: DatabaseRows;
  readonly observations: readonly Observation[];
  /** When the records began to be read. */
  readonly readAtMs: number;
}

/** One physical act, as the device simulator wrote it before it answered. */
export interface TapeLine {
  readonly n: number;
  readonly monoNs: number;
  readonly beganMonoNs: number;
  readonly atMs: number;
  /** Null where hands put labware. */
  readonly device: string | null;
  /** `control` for what no device did. */
  readonly kind: string;
  readonly op: string;
  readonly args: Fields;
  readonly commandId: string | null;
  readonly fence: number | null;
  readonly outcome: 'done' | 'part' | 'cut';
  /** What was planned to go wrong and cut it short. A part without one was cut short by a stop. */
  readonly fault?: Value;
  readonly isRead?: boolean;
  readonly before: Physics;
  readonly after: Physics;
}

/** Only what an act changed. Wells as `plate_1:A1`. */
export interface Physics {
  readonly wells?: Readonly<Record<string, number | null>>;
  readonly channels?: Readonly<Record<string, { readonly tip: string; readonly volumeUl: number } | null>>;
  readonly tips?: Readonly<Record<string, boolean | null>>;
  readonly places?: Readonly<Record<string, string | null>>;
  readonly device?: Fields;
}

export interface Journal {
  readonly bridgeId: string;
  readonly rows: readonly JournalRow[];
}

export interface JournalRow {
  readonly row: number;
  readonly kind: string;
  readonly atMs: number;
  readonly key: string | null;
  readonly body: Fields;
}

/** One execution of a workflow, its history told as what matters here. */
export interface Execution {
  readonly workflowId: string;
  readonly executionId: string;
  readonly workflowType: string;
  readonly startedAtMs: number;
  /** Null at the root of a run. */
  readonly parentWorkflowId: string | null;
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'continued' | 'timed-out';
  readonly closedAtMs: number | null;
  readonly result: Value;
  readonly activities: readonly Activity[];
  readonly children: readonly { readonly workflowId: string; readonly hasStarted: boolean }[];
  /** Bytes of the largest payload of its history, with the kind of event that holds it. */
  readonly largestPayload: { readonly bytes: number; readonly event: string };
  /** Values that its payloads only name, and whether each lies under its name, whole. */
  readonly blobs: readonly { readonly hash: string; readonly isThere: boolean }[];
  /** What it was told of cleanups that failed: by a call, or by its own earlier execution. */
  readonly cleanupFailures: readonly string[];
}

export interface Activity {
  readonly type: string;
  readonly input: readonly Value[];
  readonly end: 'open' | 'completed' | 'failed' | 'timed-out' | 'cancelled';
  readonly isCancelAsked?: boolean;
  readonly result: Value;
  /** Type of the failure: an error code. */
  readonly failure: string | null;
}

/** Rows by table, with the names of their columns; times in milliseconds. */
export interface DatabaseRows {
  readonly runs: readonly {
    readonly id: string;
    readonly status: string;
    readonly result: Value;
    readonly errorCode?: string | null;
    readonly errorMessage?: string | null;
    readonly fence: number | null;
    readonly startedAtMs: number | null;
    readonly endedAtMs: number | null;
  }[];
  readonly runAssets: readonly {
    readonly runId: string;
    readonly assetId: string;
    readonly name: string;
    readonly kind: string;
    readonly hold: string;
  }[];
  readonly reservations: readonly { readonly assetId: string; readonly runId: string; readonly fence: number; readonly useId: string }[];
  readonly idempotencyKeys: readonly { readonly createdBy: string; readonly key: string; readonly runId: string }[];
  readonly commands: readonly CommandRow[];
  readonly calls: readonly CallRow[];
  /** `endedN`: the start of a call took its end along, which counts as an entry of its own. */
  readonly callEntries: readonly {
    readonly workflowId: string;
    readonly n: number;
    readonly endedN: number | null;
    readonly runId: string;
  }[];
  readonly inbox: readonly InboxRow[];
  readonly events: readonly EventRow[];
  readonly journalRows: readonly {
    readonly bridgeId: string;
    readonly row: number;
    readonly kind: string;
    readonly skipped: string | null;
  }[];
}

export interface CommandRow {
  readonly id: string;
  readonly ordinal: number;
  readonly runId: string;
  readonly callPath: string;
  readonly retry: number;
  readonly machine: string;
  readonly method: string;
  readonly status: string;
  readonly result: Value;
}

export interface CallRow {
  readonly runId: string;
  readonly path: string;
  readonly kind: string | null;
  readonly status: string;
  readonly result: Value;
  readonly startedN: number | null;
  readonly endedN: number | null;
  readonly workflowId: string | null;
}

export interface InboxRow {
  readonly id: string;
  readonly runId: string;
  readonly status: string;
  readonly subject: Fields;
  readonly answer: Value;
  readonly answeredBy: string | null;
}

export interface EventRow {
  readonly pos: number;
  readonly seq: number | null;
  readonly type: string;
  readonly runId: string | null;
  readonly data: Fields;
}

/** What somebody outside saw while it happened; the clock is the one of the tape. */
export type Observation = {
  readonly atMs: number;
  readonly monoNs: number;
} /** A request that may change something, when it was answered. Status 0: no answer came. */ & (
  | {
      readonly what: 'request';
      readonly action: RequestAction;
      readonly status: number;
      readonly runId?: string;
      readonly itemId?: string;
      readonly key?: string;
    }
  /** The lab said that it holds: from now on nothing begins. */
  | {
      readonly what: 'acknowledged';
      readonly action: 'pause' | 'cancel' | 'stop-all' | 'journal-lost';
      readonly runId?: string;
      readonly devices?: readonly string[];
      readonly rev?: number;
    }
  /** Just before it was asked to go on. */
  | { readonly what: 'lifting'; readonly action: 'pause' | 'stop-all' | 'journal-lost'; readonly runId?: string; readonly rev?: number }
  | { readonly what: 'status'; readonly runId: string; readonly status: string }
  /** An event that a client of the live feed received, in the order of receiving. */
  | { readonly what: 'feed'; readonly client: string; readonly pos: number; readonly type: string }
  /** A run started well after the last fault. */
  | { readonly what: 'tail'; readonly runId: string; readonly status: string }
  /** Processes that serve one database file; told each time it is others. */
  | { readonly what: 'servers'; readonly file: string; readonly pids: readonly number[] }
  | { readonly what: 'fault'; readonly kind: string; readonly target: string; readonly hasFired: boolean }
);
export type RequestAction = 'start' | 'pause' | 'resume' | 'cancel' | 'answer' | 'stop-all' | 'release' | 'replace';

/** One thing that must never be. */
export interface Violation {
  readonly what: string;
  /** Numbers of the lines of the tape that show it. */
  readonly tape: readonly number[];
}

export interface Invariant {
  readonly id: string;
  readonly says: string;
  readonly check: (evidence: Evidence) => readonly Violation[];
}
