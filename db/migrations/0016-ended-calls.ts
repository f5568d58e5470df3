// Calls of a run that goes on whose workflows were ended from outside: nothing of them may begin any more, whoever is away now.

import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table ended_call (
    run_id uuid not null references run (id),
    call_path text not null,
    ended_at timestamptz not null,
    primary key (run_id, call_path))`.execute(db);
}
