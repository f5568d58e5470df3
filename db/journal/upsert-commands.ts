// Command rows: read and written many at a time, since journal rows come in batches.

import { sql } from 'kysely';
import type { CommandStatus } from '../../domain/runs/command.js';
import type { Resolution } from '../../domain/inbox/inbox.js';
import type { CommandIdentity, CommandOutcome } from '../../domain/wire/wire.js';
import type { Transaction } from '../connection/connect-database.js';
import { toJsonText, toStorableText, toText } from '../connection/postgres-text.js';

/** A command with what a batch tells of it. */
export interface CommandChange {
  readonly id: string;
  readonly identity: CommandIdentity;
  readonly status: CommandStatus;
  readonly beganAtMs: number | null;
  readonly outcome?: CommandOutcome;
  /** True where the row ended in an earlier batch. */
  readonly hasEnded?: boolean;
  /** False for rows as they were read. */
  readonly isChanged: boolean;
}

export async function findCommands(tx: Transaction, ids: readonly string[]): Promise<Map<string, CommandChange>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('command')
    .selectAll()
    .where('id', 'in', sql<string>`(select unnest(${ids.map(toText)}::text[]))`)
    .execute();
  return new Map(
    rows.map((row) => {
      const { id, run_id: runId, call_path: callPath, n, retry, machine, method, fence } = row;
      const identity = { runId, callPath, n, retry, machine, method, arguments: row.arguments, fence };
      const beganAtMs = row.began_at?.getTime() ?? null;
      return [id, { id, identity, status: row.status, beganAtMs, hasEnded: row.ended_at !== null, isChanged: false }];
    }),
  );
}

/** In the order given, which becomes the order of the run's commands. An outcome never changes again. */
export async function upsertCommands(tx: Transaction, commands: readonly CommandChange[]): Promise<void> {
  if (commands.length === 0) return;
  const texts = (pick: (identity: CommandIdentity) => string): string[] => commands.map(({ identity }) => toText(pick(identity)));
  const numbers = (pick: (identity: CommandIdentity) => number): number[] => commands.map(({ identity }) => pick(identity));
  await sql`
    insert into command (id, run_id, call_path, n, retry, machine, method, arguments, fence, status, began_at, ended_at, result, error)
    select id, run_id, call_path, n, retry, machine, method, arguments, fence, status, to_timestamp(began_ms / 1000),
      to_timestamp(ended_ms / 1000), result, error
    from unnest(${commands.map(({ id }) => toText(id))}::text[], ${texts((i) => i.runId)}::uuid[], ${texts((i) => i.callPath)}::text[],
      ${numbers((i) => i.n)}::int[], ${numbers((i) => i.retry)}::int[], ${texts((i) => i.machine)}::text[], ${texts((i) => i.method)}::text[],
      ${commands.map(({ identity }) => JSON.stringify(identity.arguments))}::json[], ${numbers((i) => i.fence)}::bigint[],
      ${commands.map(({ status }) => status)}::text[], ${commands.map(({ beganAtMs }) => beganAtMs)}::float8[],
      ${commands.map(({ outcome }) => outcome?.endedAtMs ?? null)}::float8[],
      ${commands.map(({ outcome }) => toJsonText(outcome?.result ?? undefined))}::json[],
      ${commands.map(({ outcome }) => toStorableText(outcome?.error ?? undefined))}::json[]) with ordinality
      as g (id, run_id, call_path, n, retry, machine, method, arguments, fence, status, began_ms, ended_ms, result, error, place)
    order by place
    on conflict (id) do update set status = excluded.status, began_at = coalesce(command.began_at, excluded.began_at),
      ended_at = excluded.ended_at, result = excluded.result, error = excluded.error
    where command.ended_at is null`.execute(tx);
}

/** What a person said of an uncertain command. */
export interface CommandResolution {
  readonly id: string;
  readonly happened: Resolution['happened'];
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
}

/** Returns the ids of the commands that had no resolution before; a resolution never changes again. */
export async function resolveCommands(tx: Transaction, resolutions: readonly CommandResolution[]): Promise<ReadonlySet<string>> {
  if (resolutions.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    update command set status = 'resolved', resolution = g.resolution, resolved_by = g.by, resolved_at = to_timestamp(g.at_ms / 1000)
    from unnest(${resolutions.map(({ id }) => toText(id))}::text[],
      ${resolutions.map(({ happened, note }) => JSON.stringify({ happened, note }))}::json[],
      ${resolutions.map(({ by }) => toText(by))}::text[], ${resolutions.map(({ atMs }) => atMs)}::float8[]) as g (id, resolution, by, at_ms)
    where command.id = g.id and command.resolved_at is null returning command.id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
