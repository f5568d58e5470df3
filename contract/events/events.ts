// Every type of event with what it says. History is never rewritten: an event that was written by an older release may lack what came
// later, so that these are the types of writers and readers, and no event is refused for its data.

import type { z } from 'zod';
import { CALL_EVENTS } from './call-events.js';
import { INBOX_EVENTS } from './inbox-events.js';
import { LAB_EVENTS } from './lab-events.js';
import { RUN_EVENTS } from './run-events.js';
import type { ToldRow } from './told-rows.js';
import type { Told } from '../http/route.js';
import type { EventType } from '../words/history.js';
import type { JsonObject } from '../words/json.js';

export const EVENTS = { ...RUN_EVENTS, ...INBOX_EVENTS, ...CALL_EVENTS, ...LAB_EVENTS } satisfies Record<EventType, z.ZodObject>;

export type EventData<T extends EventType = EventType> = Told<(typeof EVENTS)[T]>;

interface Happened<T extends EventType> {
  /** Position in the whole lab; the Last-Event-ID of the live feed. */
  readonly pos: number;
  /** Position in its run, from 1; null for events outside a run. */
  readonly seq: number | null;
  readonly type: T;
  readonly at: string;
  readonly runId: string | null;
  readonly callPath?: string;
  /** What the type says, by name; anything else that is there only by element, as `data['x']`. */
  readonly data: EventData<T> & JsonObject;
}
/** Told apart by its type. */
export type LabEvent = { [T in EventType]: Happened<T> }[EventType];

interface Written<T extends EventType> {
  readonly type: T;
  readonly atMs: number;
  readonly runId: string | null;
  readonly callPath?: string;
  readonly data: Omit<EventData<T>, ToldRow>;
}
export type NewEvent = { [T in EventType]: Written<T> }[EventType];
