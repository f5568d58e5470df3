// What a person asks of a workcell, from its asker to the worker and back. A request is taken once and by one worker, never after its
// asker has given up, and never again where a worker died with it: what it did by then stands in the bridge's journal.

import { sql } from 'kysely';
import { isErrorCode, LabError } from '../../domain/errors/error.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** Told to workers with the name of the workcell, and to askers with the id of the request. */
export const REQUEST_CHANNEL = 'praxis_request';
export const REPLY_CHANNEL = 'praxis_reply';

/** Requests are kept this long for whoever wants to know who asked for what. */
const KEPT_DAYS = 90;
const MESSAGE_CHARACTERS_MAX = 4_000;

export interface NewRequest {
  readonly id: string;
  readonly workcell: string;
  readonly kind: string;
  readonly body: JsonObject;
  readonly by: string;
  readonly patienceMs: number;
}

export interface TakenRequest {
  readonly id: string;
  readonly kind: string;
  readonly body: JsonObject;
  readonly by: string;
  /** Until its asker gives up, when it was taken. */
  readonly leftMs: number;
}

/** Null: it was done. `open`: taken, and not answered yet. `withdrawn`: nobody took it, and nobody will. */
export type Reply = LabError | null | 'open' | 'withdrawn';

/** Throws WORKCELL_NOT_FOUND. */
export async function askWorkcell(db: Database | Transaction, request: NewRequest): Promise<void> {
  const { id, workcell, kind, body, by, patienceMs } = request;
  const { rows } = await sql`
    with asked as (
      insert into workcell_request (id, workcell_id, kind, body, asked_by, expires_at)
      select ${id}::uuid, w.id, ${kind}, ${toText(JSON.stringify(body))}::jsonb, ${toText(by)},
        clock_timestamp() + make_interval(secs => ${patienceMs / 1000})
      from workcell w where w.name = ${toText(workcell)} returning id)
    select pg_notify(${REQUEST_CHANNEL}, ${toText(workcell)}) from asked`.execute(db);
  if (rows.length === 0) throw new LabError('WORKCELL_NOT_FOUND', { message: `There is no workcell '${workcell}'.`, field: 'workcell' });
}

/** What nobody has taken yet and somebody still waits for, in the order in which it was asked. */
export async function takeRequests(db: Database, workcell: string): Promise<readonly TakenRequest[]> {
  const { rows } = await sql<TakenRequest>`
    with taken as (
      update workcell_request r set taken_at = clock_timestamp() from (
        select q.id from workcell_request q join workcell w on w.id = q.workcell_id
        where w.name = ${workcell} and q.taken_at is null and q.expires_at > clock_timestamp() for update of q skip locked) open
      where r.id = open.id returning r.*)
    select id, kind, body, asked_by as by,
      greatest(0, extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as "leftMs" from taken order by asked_at`.execute(db);
  return rows;
}

/** Null where it was done. */
export async function replyToRequest(db: Database, id: string, error: LabError | null): Promise<void> {
  const refusal = error && {
    code: error.code,
    message: error.message.slice(0, MESSAGE_CHARACTERS_MAX),
    remedy: error.remedy.slice(0, MESSAGE_CHARACTERS_MAX),
  };
  await sql`
    with answered as (
      update workcell_request set answered_at = clock_timestamp(), refusal = ${refusal && toText(JSON.stringify(refusal))}::jsonb
      where id = ${id}::uuid returning id)
    select pg_notify(${REPLY_CHANNEL}, id::text) from answered`.execute(db);
}

export async function readReply(db: Database, id: string): Promise<Reply> {
  const { rows } = await sql<ReplyRow>`
    select taken_at is not null as "isTaken", answered_at is not null as "isAnswered", refusal
    from workcell_request where id = ${id}::uuid`.execute(db);
  return toReply(rows[0]);
}

/** The asker gives up: what nobody has taken is never done. */
export async function withdrawRequest(db: Database, id: string): Promise<Reply> {
  const { rows } = await sql<ReplyRow>`
    update workcell_request set expires_at = case when taken_at is null then asked_at else expires_at end where id = ${id}::uuid
    returning taken_at is not null as "isTaken", answered_at is not null as "isAnswered", refusal`.execute(db);
  const reply = toReply(rows[0]);
  return reply === 'open' && rows[0]?.isTaken === false ? 'withdrawn' : reply;
}

export async function forgetOldRequests(db: Database): Promise<void> {
  await sql`delete from workcell_request where asked_at < now() - make_interval(days => ${KEPT_DAYS})`.execute(db);
}

interface ReplyRow {
  readonly isTaken: boolean;
  readonly isAnswered: boolean;
  readonly refusal: { readonly code: string; readonly message: string; readonly remedy: string } | null;
}

function toReply(row: ReplyRow | undefined): Reply {
  if (!row?.isAnswered) return 'open';
  if (row.refusal === null) return null;
  const { code, message, remedy } = row.refusal;
  return new LabError(isErrorCode(code) ? code : 'INTERNAL', { message, remedy });
}
