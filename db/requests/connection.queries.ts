// The messages between API and workcell worker about connecting a machine by hand. What was done stands in the bridge's
// journal and from there in history; the answer is told once, to whoever waits for it.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { Database } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';
import { tellAnswer } from './reply.js';

export interface ConnectionRequest {
  readonly requestId: string;
  readonly workcell: string;
  readonly machine: string;
  readonly by: string;
  readonly note: string;
}

/** MACHINE_NOT_FOUND where there is none. */
export async function requireMachine(
  db: Database,
  nameOrId: string,
): Promise<{ readonly id: string; readonly name: string; readonly workcell: string }> {
  const { rows } = await sql<{ id: string; name: string; workcell: string }>`
    select a.id, a.name, w.name as workcell from asset a join workcell w on w.id = a.workcell_id
    where a.kind = 'machine' and a.removed_at is null and (a.id::text = ${toText(nameOrId)} or a.name = ${toText(nameOrId)})
    order by a.name limit 1`.execute(db);
  const machine = rows[0];
  if (machine === undefined) throw new LabError('MACHINE_NOT_FOUND', { message: `There is no machine '${nameOrId}'.`, field: 'name' });
  return machine;
}

/** Tells the workcell's worker, if it is there. */
export async function askForConnection(db: Database, request: ConnectionRequest): Promise<void> {
  await sql`select pg_notify('praxis_connect', ${toText(JSON.stringify(request))})`.execute(db);
}

export function readConnectionRequest(payload: string): ConnectionRequest {
  // Written by askForConnection; nobody else uses the channel.
  return JSON.parse(payload) as ConnectionRequest;
}

/** Null where the machine is connected. */
export async function answerConnection(db: Database, requestId: string, error: LabError | null): Promise<void> {
  await tellAnswer(db, 'praxis_connect_answered', { requestId, error });
}
