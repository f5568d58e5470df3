// Every table as Kysely sees it; the migrations beside it are the truth that these types follow.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { CallKind, CallStatus } from '../../domain/runs/call.js';
import type { CommandStatus } from '../../domain/runs/command.js';
import type { PauseReason } from '../../domain/runs/control.js';
import type { ErrorRecord } from '../../domain/errors/error.js';
import type { EventType } from '../../domain/history/event.js';
import type { InboxStatus, InboxSubject, Resolution } from '../../domain/inbox/inbox.js';
import type { KeptLoss } from '../../domain/workcells/journal-identity.js';
import type { JsonColumn } from './json-column.js';
import type { RequestTables } from './request-tables.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type {
  DeckSpec,
  FreshContents,
  LabwareLocation,
  LabwarePlace,
  MachineLocation,
  RunMode,
} from '../../domain/workcells/workcell-spec.js';
import type { ParameterSpec } from '../../domain/protocols/parameter.js';
import type { StopState } from '../../domain/workcells/stop-all.js';
import type { ProtocolKind } from '../../domain/protocols/protocol.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { SourceReport } from '../../domain/protocols/source-report.js';
import type { RunStatus } from '../../domain/runs/run.js';

export interface Tables extends RequestTables {
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
    recovery: JsonColumn<RecoveryPolicy> | null;
    content_hash: string | null;
  };
  source_report: {
    source: string;
    ordinal: number;
    report: JsonColumn<SourceReport>;
    reported_at: Generated<Date>;
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
    hold: 'perUse' | null;
  };
  workcell: {
    id: Generated<string>;
    name: string;
    deck_type: string | null;
    deck_carriers: JsonColumn<DeckSpec['carriers']> | null;
    /** What its bridge last said; null before the first stop. */
    stop_all: Generated<JsonColumn<StopState> | null>;
    /** When its worker was last heard of, and when its bridge had answered that. */
    worker_heard_at: ColumnType<Date | null, never>;
    bridge_heard_at: ColumnType<Date | null, never>;
    /** The journal that it works with; null before its first bridge. */
    journal_id: Generated<string | null>;
    journal_lost: Generated<JsonColumn<KeptLoss> | null>;
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
    /** The uncertain command that brought it into quarantine, where one did. */
    quarantined_by_command_id: string | null;
    /** Fence of the newest section of a run that held it; 0 before the first. */
    section_fence: Generated<number>;
    removed_at: Date | null;
    /** Rises with each change of the row; events carry it. */
    rev: Generated<number>;
  };
  machine: {
    asset_id: string;
    backend: string;
    backend_arguments: JsonColumn<JsonObject>;
    /** Null where the bridge's defaults hold. */
    frontend_arguments: JsonColumn<JsonObject> | null;
    /** Null where it does not stand on the deck. */
    location: JsonColumn<MachineLocation> | null;
  };
  labware: {
    asset_id: string;
    catalogue_type: string;
    /** Where the workcell's description puts it. */
    location: JsonColumn<LabwareLocation>;
    /** Where it is now; null until the bridge has said so. */
    place: JsonColumn<LabwarePlace> | null;
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
    pause_reasons: Generated<PauseReason[]>;
    /** There are reasons to pause, and a command may still be running. */
    is_pausing: Generated<boolean>;
    is_cancelling: Generated<boolean>;
    /** Revision of the control state that these columns show. */
    control_rev: Generated<number>;
    time_scale: Generated<number>;
    continues_run_id: string | null;
    /** What the continued run had done; read once, by the loop that starts the run. */
    continues_ledger: JsonColumn<Json> | null;
    /** The waiting run whose machine a command by hand uses. */
    under_run_id: string | null;
    /** Rises with each change of the row or of its open questions; events carry it. */
    rev: Generated<number>;
  };
  run_asset: {
    run_id: string;
    ordinal: number;
    parameter: string;
    asset_id: string;
    name: string;
    kind: 'machine' | 'labware';
    type: string;
    hold: Generated<'perRun' | 'perUse'>;
    /** False: nobody asked for this very item. */
    is_named: Generated<boolean>;
  };
  idempotency_key: { created_by: string; key: string; request_hash: string; run_id: string };
  /** One row per held asset; gone when the run or the section that holds it ends. An empty use id is the whole run. */
  reservation: { asset_id: string; run_id: string; fence: number; granted_at: Date; use_id: Generated<string> };
  /** One row per asset that a queued run or a section waits for; the lowest rank is served first. */
  asset_wait: { asset_id: string; rank_ms: number; run_id: string; use_id: Generated<string> };
  inbox_item: {
    id: string;
    ordinal: GeneratedAlways<number>;
    /** Null for an alarm that is about no run alone. */
    run_id: string | null;
    call_path: string;
    /** Null for alarms: no workflow waits for them. */
    workflow_id: string | null;
    subject: JsonColumn<InboxSubject>;
    status: InboxStatus;
    created_at: Date;
    answer: JsonColumn<Json> | null;
    answered_by: string | null;
    answered_at: Date | null;
    note: string | null;
    workcell_id: string | null;
    is_alarm: Generated<boolean>;
    /** Of an alarm: its cause is over. */
    ended_at: Date | null;
    /** How often people were told again. */
    reminders: Generated<number>;
    escalated_at: Date | null;
    /** Rises with each change of the row; events carry it. */
    rev: Generated<number>;
  };
  run_state: { run_id: string; state: JsonColumn<JsonObject>; n: number };
  run_data: {
    run_id: string;
    ordinal: GeneratedAlways<number>;
    name: string;
    call_path: string;
    at: Date;
    /** Null where the value is the result of the command. */
    value: JsonColumn<Json> | null;
    command_id: string | null;
  };
  /** `ended_n` where the end of the call came with its start. */
  call_entry: { workflow_id: string; n: number; run_id: string; ended_n: number | null };
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
    /** Of a call of kind `child`. */
    workflow_id: string | null;
    /** Path of the call that made it; empty for the root. */
    parent: GeneratedAlways<string>;
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
    resolution: JsonColumn<{ happened: Resolution['happened']; note: string }> | null;
    resolved_by: string | null;
    resolved_at: Date | null;
  };
  /** Calls that were ended from outside while their run goes on. */
  ended_call: { run_id: string; call_path: string; ended_at: Date };
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
  /** Written by `append-events` alone; not yet in an order that readers may rely on. */
  event_row: {
    id: GeneratedAlways<number>;
    type: EventType;
    at: Date;
    run_id: string | null;
    call_path: string | null;
    data: JsonColumn<JsonObject>;
  };
  /** A view: events that the sequencer has placed. */
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
