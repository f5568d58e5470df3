// The tables of what people ask of a workcell.

import type { Generated } from 'kysely';
import type { JsonObject } from '../../domain/json/json.js';
import type { JsonColumn } from './json-column.js';

export interface RequestTables {
  /** What people ask of a workcell; taken once, and never after `expires_at`. Refusal null with an answer: it was done. */
  workcell_request: {
    id: string;
    workcell_id: string;
    kind: string;
    body: JsonColumn<JsonObject>;
    asked_by: string;
    asked_at: Generated<Date>;
    expires_at: Date;
    taken_at: Date | null;
    answered_at: Date | null;
    refusal: JsonColumn<JsonObject> | null;
  };
  /** Who asked for a replacement of labware; the bridge knows the request by its id alone. */
  replacement_request: { id: string; requested_by: string; requested_at: Generated<Date> };
}
