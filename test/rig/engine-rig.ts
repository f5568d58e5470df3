// What the rig of the engine alone offers to tests, and what they may ask of it.

import type { Client } from '@temporalio/client';
import type { FinishRequest, Reserved } from '../../activities/activity-types.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { CommandRequest } from '../../domain/wire/wire.js';
import type { DataConverter } from '../../platform/large-payloads.js';
import type { BridgeClient } from '../../workcell/bridge-client.js';
import type { SlotsOptions } from '../../slots/workflow-slots.js';
import type { Asked } from './asked.js';
export interface StartOptions {
  readonly runId?: string;
  readonly assets?: Readonly<Record<string, BoundAsset>>;
  readonly historyBudgetEvents?: number;
  /** Null for a run that waits for its assets. */
  readonly fence?: number | null;
  readonly cleanupLimitMs?: number;
  readonly ledgerLimitBytes?: number;
  readonly timeScale?: number;
  readonly continues?: { readonly runId: string; readonly ledger: Json };
}

export interface EngineOptions {
  /** Lines of the bundle's entry, given the project's folder; the engine's own protocols where left out. */
  readonly entry?: (root: string) => readonly string[];
  /** How workflow code is executed, and who hears of it. */
  readonly slots?: SlotsOptions;
  /** How many runs stay in their process between their turns; what production keeps where left out. */
  readonly keptRuns?: number;
  /** What calculations execute. */
  readonly calculate?: (protocol: string, parameters: JsonObject) => Promise<Json>;
}

export interface EngineRig {
  readonly client: Client;
  /** For clients of their own. */
  readonly place: { readonly address: string; readonly namespace: string; readonly dataConverter: DataConverter };
  readonly asked: Asked;
  /** Set while blocks are to stop in front of the command of this number, as a held bridge would stop them. */
  holdBlockAt: number | undefined;
  /** How long a claim of a section takes. */
  claimDelayMs: number;
  /** Takes the commands through the activities that production runs, where it is set; `onCommand` hears of none then. */
  bridge: Pick<BridgeClient, 'request'> | undefined;
  /** What a command does; completes at once where it is not set. The same id again attaches, as in a bridge. */
  onCommand: (request: CommandRequest) => Promise<Json>;
  /** The fence that a run without one is granted, or null while it has to wait; with it what it gets for what nobody has named. */
  onReserve: (runId: string) => Promise<number | Reserved | null>;
  /** What the call log, the results and the control of a run wait for outside, as if Postgres or the bridge were slow; or what refuses them. */
  onRecord: () => Promise<void>;
  onRead: () => Promise<void>;
  onFinish: (request: FinishRequest) => Promise<void>;
  onControl: () => Promise<void>;
  /** Commands hear of no cancellation by the heartbeat of their activity; only what is told to stop through control can end. */
  isDeaf: boolean;
  /** A command is told to stop, by whatever way; it goes on where this does nothing. */
  onStop: (commandId: string) => void;
  /** What is kept as the result of a command; its id where it is not set. */
  resultOf: (commandId: string) => Json;
  start(protocol: string, parameters: JsonObject, options?: StartOptions): Promise<string>;
  result(runId: string): Promise<unknown>;
  /** How a workflow has ended, awaited: children may close a moment after who asked for them. */
  endOf(workflowId: string): Promise<string>;
  /** Throws where the history of a run does not replay on the bundle that made it. */
  replay(runId: string): Promise<void>;
  /** Executions of a workflow, the first one first. */
  countExecutions(workflowId: string): Promise<number>;
  /** Ends the workers as a crash would seem to Temporal, and starts new ones with empty caches. */
  replaceWorkers(which: 'workflows' | 'activities'): Promise<void>;
  stopWorkers(which: 'workflows' | 'activities'): Promise<void>;
  startWorkers(which: 'workflows' | 'activities'): Promise<void>;
  end(): Promise<void>;
}
