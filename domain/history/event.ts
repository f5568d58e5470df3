// An event: one thing that happened, in the order in which Postgres learned of it.

export type { EventData, LabEvent, NewEvent } from '../../contract/events/events.js';
export { EVENT_TYPES, type EventType } from '../../contract/words/history.js';
