// What a run in memory is started with, shares with its calls, and leaves behind.

import type { CommandStatus } from '../../domain/runs/command.js';
import type { LabError } from '../../domain/errors/error.js';
import type { Question } from '../../domain/inbox/inbox.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { AnyProtocolFunction } from '../../protocols/sdk/protocol-function.js';
import type { BridgeClient } from '../../workcell/bridge-client.js';

export interface MemoryRunOptions {
  readonly client: BridgeClient;
  readonly runId: string;
  readonly parameters?: JsonObject;
  /** Name in the protocol → name in the workcell. */
  readonly assets: Readonly<Record<string, string>>;
  /** To the questions of the run, in order. */
  readonly answers?: readonly Json[];
}

export interface MemoryCommand {
  readonly callPath: string;
  readonly machine: string;
  readonly method: string;
  readonly arguments: JsonObject;
  readonly status: CommandStatus;
  readonly code: string | null;
  readonly result: Json;
}

export interface MemoryCall {
  readonly path: string;
  readonly kind: string;
  status: 'running' | 'completed' | 'failed';
}

/** What a run left behind; `error` is undefined where it completed. */
export interface MemoryRecord {
  result: Json;
  error: LabError | undefined;
  readonly commands: MemoryCommand[];
  readonly calls: MemoryCall[];
  readonly data: { readonly name: string; readonly value: Json }[];
  readonly questions: Question[];
  readonly notes: string[];
  readonly brokenWindows: string[];
}

/** The run as its calls share it. */
export interface MemoryWorld {
  readonly options: MemoryRunOptions;
  readonly record: MemoryRecord;
  readonly clock: { nowMs: number };
  readonly protocol: AnyProtocolFunction['definition'];
  send(command: { callPath: string; n: number; machine: string; method: string; given: JsonObject }): Promise<Json>;
  answer(question: Question): Json;
}
