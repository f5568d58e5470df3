// Stop all: no command begins in a workcell until a person lifts it. Told straight to its worker and its bridge, which
// need neither Temporal nor a database for it. It is no emergency stop.

import type { BridgePlace } from './bridge-place.js';

/** What a bridge says of its latch. */
export interface StopState {
  readonly isStopped: boolean;
  /** Rises with every stop and release; a release names the stop that it lifts. */
  readonly rev: number;
  /** Who changed it last, and why. */
  readonly by: string;
  readonly reason: string;
  readonly atMs: number | null;
  /** False where the journal could not be written: it holds, but would not outlive the bridge. */
  readonly isJournaled: boolean;
}

/** A command that was under way when everything was stopped. */
export interface MovingCommand {
  readonly id: string;
  readonly machine: string;
  readonly method: string;
  /** False: its driver has no stop method, so the motion ends by itself. */
  readonly canStop: boolean;
}

/** In `<home>/stop-all/<workcell>.json`, readable by its user alone: how to stop a workcell with everything else dead. */
export interface StopRecord {
  readonly workcell: string;
  /** Of the workcell worker, on loopback; the port stays the same where it is free. */
  readonly url: string;
  /** Stays the same for the life of the home. */
  readonly token: string;
  /** Where the bridge hears of it; only the user may open it, or read its token. */
  readonly socket: BridgePlace;
}

/** A worker or bridge that has just died is started again in this time. */
export const STOP_PATIENCE_MS = 15_000;

export const STOP_FOLDER = 'stop-all';
export const STOP_PATH = '/stop-all';
export const RELEASE_PATH = '/stop-all/release';

/** What holds a run while its workcell is stopped. */
export function toStopHolder(workcell: string): string {
  return `stop-all/${workcell}`;
}
