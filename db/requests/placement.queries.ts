// The messages between API and workcell worker about where a person has put labware.

import { sql } from 'kysely';
import type { LabError } from '../../domain/errors/error.js';
import type { LabwareLocation } from '../../domain/workcells/workcell-spec.js';
import type { Database } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';
import { tellAnswer } from './reply.js';

export interface PlacementRequest {
  readonly requestId: string;
  readonly workcell: string;
  readonly labware: string;
  readonly location: LabwareLocation;
  readonly by: string;
  readonly note: string;
}

/** Tells the workcell's worker, if it is there. */
export async function askForPlacement(db: Database, request: PlacementRequest): Promise<void> {
  await sql`select pg_notify('praxis_place', ${toText(JSON.stringify(request))})`.execute(db);
}

export function readPlacementRequest(payload: string): PlacementRequest {
  // Written by askForPlacement; nobody else uses the channel.
  return JSON.parse(payload) as PlacementRequest;
}

/** Null where the item stands there now, in Postgres too. */
export async function answerPlacement(db: Database, requestId: string, error: LabError | null): Promise<void> {
  await tellAnswer(db, 'praxis_place_answered', { requestId, error });
}
