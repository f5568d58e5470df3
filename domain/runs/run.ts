// A run: one execution of a protocol, from the request of a person to its end.

import { COUNTED_RUNS_MAX, ENDED_RUN_STATUSES, RUN_STATUSES, type EndedRunStatus, type RunStatus } from '../../contract/words/runs.js';
import type { PauseReason } from './control.js';
import type { ErrorRecord } from '../errors/error.js';
import type { RunMode } from '../workcells/workcell-spec.js';
import type { Json, JsonObject } from '../json/json.js';

export { COUNTED_RUNS_MAX, ENDED_RUN_STATUSES, RUN_STATUSES, type EndedRunStatus, type RunStatus };

export function isEndedRunStatus(status: RunStatus): status is EndedRunStatus {
  return (ENDED_RUN_STATUSES as readonly string[]).includes(status);
}

/** An asset as a run uses it: which item stands behind a name that the protocol declares. */
export interface BoundAsset {
  readonly id: string;
  /** Name of the item in the lab and in the deck tree. */
  readonly name: string;
  readonly kind: 'machine' | 'labware';
  /** Machine front end (`LiquidHandler`) or labware category (`plate`, `tip_rack`, `trough`). */
  readonly type: string;
}

/** Why a queued run does not start yet. */
export interface WaitingFor {
  readonly asset: string;
  /** Run that holds the asset, or that waits for it in front of this one. */
  readonly heldByRunId: string;
  readonly heldByProtocol: string;
  readonly reason: 'held' | 'wanted-earlier' | 'quarantined';
}

export interface Run {
  readonly id: string;
  /** Rises with each change of status, reasons to pause, open questions, start and end; events of the run carry it with these. */
  readonly rev: number;
  readonly protocol: string;
  readonly version: string;
  /** First 12 hexadecimal digits of the protocol source this run executes; its queue is `px.<bundle>`. */
  readonly bundle: string;
  readonly status: RunStatus;
  readonly mode: RunMode;
  readonly parameters: JsonObject;
  /** Of a list: large parameters or a large result are told in short. */
  readonly isShortened?: true;
  readonly assets: Readonly<Record<string, BoundAsset>>;
  readonly priority: number;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly waitingFor?: readonly WaitingFor[];
  /** Of a run that waits for its assets: those that nobody has named, which become whatever fits and is free first. */
  readonly openAssets?: readonly string[];
  /** Why no new command begins; empty where nothing holds the run. */
  readonly pauseReasons: readonly PauseReason[];
  /** Inbox items of the run that wait for a person. */
  readonly openItems: number;
  /** Alarms of the run, or of its workcell while it is open, that nobody has acknowledged. */
  readonly openAlarms: number;
  /** Simulated runs only: delays and intervals are this many times shorter. */
  readonly timeScale: number;
  /** The run that this one continues. */
  readonly continuesRunId?: string;
  /** The waiting run whose machine this command by hand uses. */
  readonly underRunId?: string;
  readonly result?: Json;
  readonly error?: ErrorRecord;
  readonly counts: {
    readonly calls: number;
    readonly commands: { readonly completed: number; readonly failed: number; readonly uncertain: number };
  };
}

/** What the run workflow gets as its only argument. Versioned: an older worker refuses what it does not know. */
export interface RunEnvelope {
  readonly v: 2;
  readonly runId: string;
  readonly protocol: string;
  readonly version: string;
  readonly mode: RunMode;
  readonly user: string;
  readonly workcell: string;
  readonly parameters: JsonObject;
  readonly assets: Readonly<Record<string, BoundAsset>>;
  /** Fence of the reservation, or null where the run must still wait for its assets. */
  readonly fence: number | null;
  /** Simulated runs only: delays and intervals are this many times shorter. 1 where left out. */
  readonly timeScale?: number;
  /** Events after which the workflow continues as new; its own choice where left out. */
  readonly historyBudgetEvents?: number;
  /** A run that continues another: what that one had done up to the chosen call. */
  readonly continues?: { readonly runId: string; readonly ledger: Json };
  /** A command by hand for a machine of that run, under its fence and only while it is held. */
  readonly underRunId?: string;
}
