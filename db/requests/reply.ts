// How a workcell worker answers a request that an API process waits for: a notification that says once whether it was
// done, with the refusal where it was not.

import { sql } from 'kysely';
import { isErrorCode, LabError, type ErrorCode } from '../../domain/errors/error.js';
import type { Database } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** Postgres carries at most 8,000 bytes in a notification. */
const REFUSAL_LIMIT_CHARACTERS = 1_000;
const REMEDY_LIMIT_CHARACTERS = 300;

interface Told {
  readonly requestId: string;
  /** Workers of an earlier version tell no remedy. */
  readonly refusal?: { readonly code: string; readonly message: string; readonly remedy?: string };
}

/** Null where it was done. */
export async function tellAnswer(
  db: Database,
  channel: string,
  { requestId, error }: { requestId: string; error: LabError | null },
): Promise<void> {
  const told: Told = {
    requestId,
    ...(error && {
      refusal: {
        code: error.code,
        message: error.message.slice(0, REFUSAL_LIMIT_CHARACTERS),
        remedy: error.remedy.slice(0, REMEDY_LIMIT_CHARACTERS),
      },
    }),
  };
  await sql`select pg_notify(${channel}, ${toText(JSON.stringify(told))})`.execute(db);
}

export function readToldAnswer(payload: string): { requestId: string; error: LabError | null } {
  const { requestId, refusal } = JSON.parse(payload) as Told;
  if (refusal === undefined) return { requestId, error: null };
  const code: ErrorCode = isErrorCode(refusal.code) ? refusal.code : 'INTERNAL';
  return {
    requestId,
    error: new LabError(code, { message: refusal.message, ...(refusal.remedy !== undefined && { remedy: refusal.remedy }) }),
  };
}
