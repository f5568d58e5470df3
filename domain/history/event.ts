// An event: one thing that happened, in the order in which Postgres learned of it.

import { EVENT_TYPES, type EventType } from '../../contract/words/history.js';
import type { Json, JsonObject } from '../json/json.js';

export { EVENT_TYPES, type EventType };

export interface LabEvent {
  /** Position in the whole lab; the Last-Event-ID of the live feed. */
  readonly pos: number;
  /** Position in its run, from 1; null for events outside a run. */
  readonly seq: number | null;
  readonly type: EventType;
  readonly at: string;
  readonly runId: string | null;
  readonly callPath?: string;
  readonly data: JsonObject;
}

export interface NewEvent {
  readonly type: EventType;
  readonly atMs: number;
  readonly runId: string | null;
  readonly callPath?: string;
  readonly data: { readonly [key: string]: Json };
}
