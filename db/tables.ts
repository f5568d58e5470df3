// Every table as Kysely sees it; the migrations beside it are the truth that these types follow.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { CallKind, CallStatus } from '../domain/call.js';
import type { CommandStatus } from '../domain/command.js';
import type { ErrorRecord } from '../domain/error.js';
import type { EventType } from '../domain/event.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { DeckSpec, FreshContents } from '../domain/machine.js';
import type { ParameterSpec } from '../domain/parameter.js';
import type { ProtocolKind } from '../domain/protocol.js';
import type { RunMode, RunStatus } from '../domain/run.js';

/** Read as a value, written as the text of it: node-postgres would write an array as a Postgres array. */
type JsonColumn<T> = ColumnType<T, string, string>;

export interface Tables {
  definition: {
    id: Generated<string>;
    source: string;
    bundle: string;
    name: string;
    version: string;
    description: string;
    is_top_level: boolean;
    kind: ProtocolKind;
    file: string;
    line: number;
    export_name: string;
    is_current: boolean;
    published_at: Generated<Date>;
  };
  parameter_definition: {
    definition_id: string;
    ordinal: number;
    name: string;
    type: string;
    required: boolean;
    spec: JsonColumn<ParameterSpec>;
  };
  asset_definition: {
    definition_id: string;
    ordinal: number;
    name: string;
    kind: 'machine' | 'labware';
    type: string;
    positions: number | null;
    description: string | null;
  };
  workcell: {
    id: Generated<string>;
    name: string;
    deck_type: string | null;
    deck_carriers: JsonColumn<DeckSpec['carriers']> | null;
  };
  /** What machines and labware share; the row that a claim locks. */
  asset: {
    id: Generated<string>;
    workcell_id: string;
    ordinal: number;
    kind: 'machine' | 'labware';
    name: string;
    /** Front end of a machine, category of labware. */
    type: string;
    mode: RunMode | null;
    positions: number | null;
    quarantine_reason: string | null;
    quarantined_by_run_id: string | null;
    removed_at: Date | null;
  };
  machine: { asset_id: string; backend: string; backend_arguments: JsonColumn<JsonObject> };
  labware: {
    asset_id: string;
    catalogue_type: string;
    carrier: string;
    site: number;
    fresh: JsonColumn<FreshContents>;
    auto_replace: boolean;
  };
  run: {
    id: string;
    definition_id: string;
    workcell_id: string | null;
    protocol: string;
    version: string;
    bundle: string;
    status: RunStatus;
    mode: RunMode;
    parameters: JsonColumn<JsonObject>;
    priority: number;
    created_by: string;
    created_at: Date;
    started_at: Date | null;
    ended_at: Date | null;
    /** Null while the run waits for its assets. */
    fence: number | null;
    workflow_run_id: string | null;
    result: JsonColumn<Json> | null;
    error: JsonColumn<ErrorRecord> | null;
  };
  run_asset: {
    run_id: string;
    ordinal: number;
    parameter: string;
    asset_id: string;
    name: string;
    kind: 'machine' | 'labware';
    type: string;
  };
  idempotency_key: { created_by: string; key: string; request_hash: string; run_id: string };
  /** One row per held asset; gone when the run ends. */
  reservation: { asset_id: string; run_id: string; fence: number; granted_at: Date };
  /** One row per asset that a queued run waits for; the lowest rank is served first. */
  asset_wait: { asset_id: string; rank_ms: number; run_id: string };
  call_entry: { workflow_id: string; n: number; run_id: string; entry: JsonColumn<JsonObject> };
  call: {
    run_id: string;
    path: string;
    name: string | null;
    version: string | null;
    kind: CallKind | null;
    arguments: JsonColumn<JsonObject> | null;
    started_at: Date | null;
    started_n: number | null;
    status: CallStatus;
    result: JsonColumn<Json> | null;
    error: JsonColumn<ErrorRecord> | null;
    ended_at: Date | null;
    ended_n: number | null;
  };
  command: {
    id: string;
    ordinal: GeneratedAlways<number>;
    run_id: string;
    call_path: string;
    n: number;
    retry: number;
    machine: string;
    method: string;
    arguments: JsonColumn<JsonObject>;
    fence: number;
    status: CommandStatus;
    began_at: Date | null;
    ended_at: Date | null;
    result: JsonColumn<Json> | null;
    error: JsonColumn<ErrorRecord> | null;
  };
  bridge: { id: string; last_row: number };
  journal_row: {
    bridge_id: string;
    row: number;
    kind: string;
    at: Date;
    command_id: string | null;
    body: JsonColumn<JsonObject>;
    /** Why the row was stored without touching a projection. */
    skipped: string | null;
  };
  event: {
    pos: number;
    seq: number | null;
    type: EventType;
    at: Date;
    run_id: string | null;
    call_path: string | null;
    data: JsonColumn<JsonObject>;
  };
}
