// The machine that a person names, by name or id.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toText } from '../connection/postgres-text.js';

/** MACHINE_NOT_FOUND where there is none. */
export async function requireMachine(
  db: Database | Transaction,
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
