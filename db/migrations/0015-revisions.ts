// Rows that people follow carry a revision, and events that tell of such a row carry it with what the row says. Whoever applies
// an event again, or one that is older than what he knows, sees it by the revision.

import { sql, type Kysely } from 'kysely';

const REVISED = ['run', 'inbox_item', 'asset'];

const RAISE = `
create function raise_rev() returns trigger language plpgsql as $$ begin new.rev := old.rev + 1; return new; end $$;
${REVISED.map(
  (table) => `alter table ${table} add column rev bigint not null default 1;
create trigger ${table}_rev before update on ${table} for each row execute function raise_rev();`,
).join('\n')}`;

// What a run shows of its open questions is part of what its row says. Who writes a question holds the lock of its run; alarms are
// raised without it, and no row of a run speaks of them.
const QUESTIONS = `
create function revise_run_of_item() returns trigger language plpgsql as $$ begin
  update run set rev = rev where id = new.run_id;
  return null; end $$;
create trigger inbox_item_revises_run after insert or update of status on inbox_item for each row
  when (new.run_id is not null and not new.is_alarm) execute function revise_run_of_item();`;

const INSTANT = (column: string): string => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// Null for what tells of no row. In one place, so that no writer can forget it, and as texts: what the writer gave is not read.
const DESCRIBE = `
create function describe_row(type text, run uuid, about text) returns text language sql stable as $$
  select nullif(concat_ws(',',
    case when type in ('run.created', 'run.started', 'run.waiting', 'run.granted', 'run.needs-operator', 'run.pausing', 'run.paused', 'run.resumed',
        'run.cancelling', 'run.completed', 'run.failed', 'run.cancelled') or type like 'inbox.%' then (
      select '"run":' || json_build_object('rev', r.rev, 'status', r.status, 'pauseReasons', r.pause_reasons,
        'openItems', (select count(*) from inbox_item i where i.run_id = r.id and i.status = 'open' and not i.is_alarm),
        'startedAt', ${INSTANT('r.started_at')}, 'endedAt', ${INSTANT('r.ended_at')})
      from run r where r.id = run) end,
    case when type like 'inbox.%' or type like 'alarm.%' then (
      select '"item":' || json_build_object('rev', i.rev, 'status', i.status, 'reminders', i.reminders,
        'escalatedAt', ${INSTANT('i.escalated_at')}, 'endedAt', ${INSTANT('i.ended_at')})
      from inbox_item i where i.id = about) end,
    case when type in ('machine.quarantined', 'machine.released') then (
      select '"asset":' || json_build_object('rev', a.rev, 'quarantineReason', a.quarantine_reason)
      from asset a where a.kind = 'machine' and a.removed_at is null and a.name = about) end), '') $$;`;

const APPEND = `
create or replace function append_events(events json) returns void language plpgsql as $$ begin
  insert into event_row (type, at, run_id, call_path, data)
  select type, to_timestamp(at_ms / 1000), run_id, call_path,
    (case when described is null then data else '{' || concat_ws(',', nullif(substr(data, 2, length(data) - 2), ''), described) || '}' end)::json
  from (select told.*, case when type ~ '^(run|inbox|alarm|machine)[.]' then describe_row(type, run_id, about) end as described
    from rows from (json_to_recordset(events) as (type text, "atMs" float8, "runId" uuid, "callPath" text, about text, data text))
    with ordinality as told (type, at_ms, run_id, call_path, about, data, n)) as given
  order by n;
end $$;`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [RAISE, QUESTIONS, DESCRIBE, APPEND]) await sql.raw(part).execute(db);
}
