// An event: one thing that happened, in the order in which Postgres learned of it.

import type { Json, JsonObject } from '../json/json.js';

export const EVENT_TYPES = [
  'run.created',
  'run.commanded',
  'run.started',
  'run.waiting',
  'run.granted',
  'run.needs-operator',
  'run.pausing',
  'run.paused',
  'run.resumed',
  'run.notified',
  'run.window-warned',
  'run.window-broken',
  'run.data',
  'inbox.opened',
  'inbox.reminded',
  'inbox.escalated',
  'inbox.answered',
  'inbox.withdrawn',
  'alarm.raised',
  'alarm.ended',
  'alarm.acknowledged',
  'run.cancelling',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'call.started',
  'call.completed',
  'call.failed',
  'call.cancelled',
  'command.began',
  'command.completed',
  'command.failed',
  'command.stopped',
  'command.uncertain',
  'command.late',
  'command.resolved',
  'labware.replaced',
  'labware.placed',
  'machine.quarantined',
  'machine.released',
  'machine.connecting',
  'machine.aborted',
  'workcell.stopped',
  'workcell.released',
  'workcell.journal-lost',
  'workcell.journal-accepted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

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
