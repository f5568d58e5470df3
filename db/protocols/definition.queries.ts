// Protocol definitions: what each source offers now, and every older version that runs were started from.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import { MANUAL_DEFINITION } from '../../domain/protocols/manual.js';
import type { Page } from '../../domain/json/page.js';
import type { ParameterSpec } from '../../domain/protocols/parameter.js';
import type { AssetSpec, DiscoveredProtocol, ProtocolKind, PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { RecoveryPolicy } from '../../domain/protocols/recovery.js';
import type { Database, Transaction } from '../connection/connect-database.js';
import { toJsonText } from '../connection/postgres-text.js';
import { parseCursor, toPage } from '../connection/cursor.js';

export interface SourceContent {
  /** Name of the source, for example `library`. */
  readonly source: string;
  readonly bundle: string;
  readonly definitions: readonly DiscoveredProtocol[];
  /** Files of which something is left out: what was published of them, and no other file publishes now, goes on as it was. */
  readonly refused?: readonly string[];
}

/** A version that was published with other content than it has now. */
export interface Republished {
  readonly name: string;
  readonly version: string;
  readonly before: string;
  readonly now: string;
}

/** The protocol of commands by hand, as a definition like any other; it is built into every bundle. */
export function toManualProtocol(): DiscoveredProtocol {
  return { ...MANUAL_DEFINITION, file: 'workflows/manual-command.ts', line: 1, exportName: 'manualCommand' };
}

/**
 * Makes exactly these definitions the current ones of their source. Publishing the same again changes
 * nothing; publishing an older bundle again makes that one current. Returns the versions whose content is another than before.
 */
export async function publishDefinitions(db: Database, content: SourceContent): Promise<readonly Republished[]> {
  refuseDoubles(content.definitions);
  return await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`source:${content.source}`}, 0))`.execute(tx);
    const republished = await listRepublished(tx, content);
    const names = content.definitions.map(({ name }) => name);
    await sql`update definition set is_current = false
      where source = ${content.source} and bundle <> ${content.bundle} and is_current
        and (name = any(${names}::text[]) or file <> all(${content.refused ?? []}::text[]))`.execute(tx);
    for (const definition of content.definitions) await publishOne(tx, content, definition);
    return republished;
  });
}

async function listRepublished(tx: Transaction, { source, definitions }: SourceContent): Promise<readonly Republished[]> {
  const { rows } = await sql<{ name: string; version: string; content_hash: string }>`
    select name, version, content_hash from definition
    where source = ${source} and is_current and content_hash is not null`.execute(tx);
  return rows.flatMap(({ name, version, content_hash: before }) => {
    const now = definitions.find((one) => one.name === name && one.version === version)?.contentHash;
    return now === undefined || now === before ? [] : [{ name, version, before, now }];
  });
}

async function publishOne(tx: Transaction, content: SourceContent, definition: DiscoveredProtocol): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    insert into definition (source, bundle, name, version, description, is_top_level, kind, file, line, export_name, recovery, content_hash, is_current)
    values (${content.source}, ${content.bundle}, ${definition.name}, ${definition.version}, ${definition.description},
            ${definition.isTopLevel}, ${definition.kind}, ${definition.file}, ${definition.line}, ${definition.exportName},
            ${toJsonText(definition.recovery)}::json, ${definition.contentHash ?? null}, true)
    on conflict (name, version, bundle) do update set
      source = excluded.source, description = excluded.description, is_top_level = excluded.is_top_level,
      kind = excluded.kind, file = excluded.file, line = excluded.line, export_name = excluded.export_name, recovery = excluded.recovery,
      content_hash = excluded.content_hash, is_current = true,
      published_at = case when definition.is_current then definition.published_at else excluded.published_at end
    returning id`.execute(tx);
  const id = rows[0]?.id ?? '';
  await tx.deleteFrom('parameter_definition').where('definition_id', '=', id).execute();
  await tx.deleteFrom('asset_definition').where('definition_id', '=', id).execute();
  const parameters = Object.entries(definition.parameters).map(([name, spec], ordinal) => ({
    definition_id: id,
    ordinal,
    name,
    type: spec.type,
    required: spec.default === undefined,
    spec: JSON.stringify(spec),
  }));
  const assets = Object.entries(definition.assets).map(([name, spec], ordinal) => ({
    definition_id: id,
    ordinal,
    name,
    kind: spec.kind,
    type: spec.type,
    positions: spec.kind === 'labware' ? (spec.positions ?? null) : null,
    description: spec.description ?? null,
    hold: spec.kind === 'machine' ? (spec.hold ?? null) : null,
  }));
  if (parameters.length > 0) await tx.insertInto('parameter_definition').values(parameters).execute();
  if (assets.length > 0) await tx.insertInto('asset_definition').values(assets).execute();
}

function refuseDoubles(definitions: readonly DiscoveredProtocol[]): void {
  const places = new Map<string, string>();
  for (const { name, version, file, line } of definitions) {
    const key = `${name} ${version}`;
    const place = `${file}:${line}`;
    const other = places.get(key);
    if (other !== undefined) {
      throw new LabError('INVALID_REQUEST', {
        message: `Protocol ${key} is defined twice: at ${other} and at ${place}.`,
        remedy: 'Give one of them another name or version.',
      });
    }
    places.set(key, place);
  }
}

/** The current definitions, by name and version. */
export async function listDefinitions(
  db: Database,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<PublishedProtocol>> {
  const key = parseCursor(page.cursor, ['string', 'string', 'string']);
  const after = key === undefined ? sql`true` : sql`(d.name, d.version, d.id) > (${key[0]}, ${key[1]}, ${key[2]}::uuid)`;
  const { rows } = await sql<DefinitionRow>`${SELECT_DEFINITION}
    where d.is_current and ${after} order by d.name, d.version, d.id limit ${page.limit + 1}`.execute(db);
  return toPage(rows, { limit: page.limit, toItem: toPublishedProtocol, toKey: (row) => [row.name, row.version, row.id] });
}

/** Bundles that a run started now may need. */
export async function listCurrentBundles(db: Database): Promise<string[]> {
  const rows = await db.selectFrom('definition').select('bundle').distinct().where('is_current', '=', true).execute();
  return rows.map(({ bundle }) => bundle);
}

/** Without a version the one that was published last. */
export async function findDefinition(db: Database, name: string, version?: string): Promise<PublishedProtocol | undefined> {
  if (name.includes('\0') || version?.includes('\0')) return undefined;
  const wanted = version === undefined ? sql`true` : sql`d.version = ${version}`;
  const { rows } = await sql<DefinitionRow>`${SELECT_DEFINITION}
    where d.is_current and d.name = ${name} and ${wanted} order by d.published_at desc, d.version desc, d.id limit 1`.execute(db);
  return rows[0] === undefined ? undefined : toPublishedProtocol(rows[0]);
}

/** What the protocol of a run declares, as it was when the run was made. */
export async function findDeclaredAssets(db: Database | Transaction, runId: string): Promise<PublishedProtocol['assets']> {
  const { rows } = await sql<DefinitionRow>`${SELECT_DEFINITION} join run r on r.definition_id = d.id where r.id = ${runId}::uuid`.execute(
    db,
  );
  return rows[0] === undefined ? {} : toPublishedProtocol(rows[0]).assets;
}

interface DefinitionRow {
  readonly id: string;
  readonly bundle: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly is_top_level: boolean;
  readonly kind: ProtocolKind;
  readonly file: string;
  readonly line: number;
  readonly export_name: string;
  readonly published_at: Date;
  readonly recovery: RecoveryPolicy | null;
  readonly content_hash: string | null;
  readonly parameters: Record<string, ParameterSpec> | null;
  readonly assets: Record<
    string,
    { kind: string; type: string; positions: number | null; description: string | null; hold: string | null }
  > | null;
}

const SELECT_DEFINITION = sql`
  select d.*,
    (select json_object_agg(p.name, p.spec order by p.ordinal) from parameter_definition p where p.definition_id = d.id) as parameters,
    (select json_object_agg(a.name, json_build_object('kind', a.kind, 'type', a.type, 'positions', a.positions,
       'description', a.description, 'hold', a.hold) order by a.ordinal) from asset_definition a where a.definition_id = d.id) as assets
  from definition d`;

function toPublishedProtocol(row: DefinitionRow): PublishedProtocol {
  const assets = Object.entries(row.assets ?? {}).map(([name, { kind, type, positions, description, hold }]) => [
    name,
    {
      kind,
      type,
      ...(positions === null ? {} : { positions }),
      ...(hold === null ? {} : { hold }),
      ...(description === null ? {} : { description }),
    } as AssetSpec,
  ]);
  return {
    id: row.id,
    bundle: row.bundle,
    publishedAt: row.published_at.toISOString(),
    name: row.name,
    version: row.version,
    description: row.description,
    isTopLevel: row.is_top_level,
    kind: row.kind,
    parameters: row.parameters ?? {},
    assets: Object.fromEntries(assets) as Record<string, AssetSpec>,
    ...(row.recovery === null ? {} : { recovery: row.recovery }),
    file: row.file,
    line: row.line,
    exportName: row.export_name,
    ...(row.content_hash === null ? {} : { contentHash: row.content_hash }),
  };
}
