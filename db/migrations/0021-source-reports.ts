// What is told of the sources of protocols, and what each published protocol consists of.

import { sql, type Kysely } from 'kysely';

const SOURCE_REPORTS = `
alter table definition add column content_hash text;
create table source_report (
  source text not null,
  ordinal integer not null,
  report json not null,
  reported_at timestamptz not null default now(),
  primary key (source, ordinal)
);`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SOURCE_REPORTS).execute(db);
}
