// A real Postgres for the tests of one file, a migrated database for each test, and a small lab in it.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createDatabase, type PostgresServer } from '../local/postgres.js';
import { startThrowAwayPostgres } from '../local/throw-away-postgres.js';
import { invariant } from '../domain/errors/error.js';
import type { LabEvent } from '../domain/history/event.js';
import type { JsonObject } from '../domain/json/json.js';
import type { LabwareSpec, WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import type { AssetSpec, DiscoveredProtocol, PublishedProtocol } from '../domain/protocols/protocol.js';
import type { JournalRow } from '../domain/wire/wire.js';
import { closeDatabase, connectDatabase, type Database } from './connection/connect-database.js';
import { migrateToLatest } from './connection/migrate.js';
import type { RunRequest } from './runs/run-request.js';
import { listEventsAfter, type EventFilter } from './history/event.queries.js';
import { findDefinition, publishDefinitions } from './protocols/definition.queries.js';
import { applyWorkcell } from './workcells/workcell.queries.js';

export interface TestServer {
  readonly url: string;
  /** A fresh migrated database; closed when the server stops. */
  open(): Promise<{ db: Database; url: string }>;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const server: PostgresServer = await startThrowAwayPostgres();
  const templateUrl = await createDatabase(server.url, 'migrated');
  const template = connectDatabase({ url: templateUrl, applicationName: 'template' });
  await migrateToLatest(template);
  await closeDatabase(template);
  const opened: Database[] = [];
  return {
    url: server.url,
    async open() {
      const url = await createDatabase(server.url, `test_${opened.length + 1}`, 'migrated');
      const db = connectDatabase({ url, applicationName: 'test', onError: () => undefined });
      opened.push(db);
      return { db, url };
    },
    async stop() {
      for (const db of opened) await closeDatabase(db);
      await server.stop();
    },
  };
}

/** What the sequencer does, which does not run beside these tests. */
export async function placeEvents(db: Database): Promise<void> {
  await sql`select sequence_events()`.execute(db);
}

/** All that has happened so far. */
export async function readHistory(db: Database, filter: EventFilter): Promise<LabEvent[]> {
  await placeEvents(db);
  return await listEventsAfter(db, filter);
}

export interface TestLab {
  readonly db: Database;
  readonly definition: PublishedProtocol;
}

/** One server for the tests of a file, and before each of them a fresh lab on a database of its own. */
export function useTestLab(takeOver: (lab: TestLab) => void | Promise<void>): void {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    const { db } = await server.open();
    await takeOver({ db, definition: await fillLab(db) });
  });
}

export function toLabware(name: string, category: LabwareSpec['category'], type = 'Cor_96_wellplate_360ul_Fb'): LabwareSpec {
  return { name, type, category, location: { carrier: 'carrier', site: 0 }, fresh: {}, autoReplace: true };
}

export const STAR: WorkcellSpec = {
  name: 'star',
  machines: [
    { name: 'star', frontend: 'LiquidHandler', backend: 'STARChatterboxBackend', backendArguments: { b: 1, a: [2] }, mode: 'simulation' },
  ],
  deck: { type: 'STARLetDeck', carriers: [{ name: 'carrier', type: 'PLT_CAR_L5AC_A00', rails: 9 }] },
  labware: [
    toLabware('tips_1', 'tip_rack', 'hamilton_96_tiprack_300uL_filter'),
    toLabware('tips_2', 'tip_rack', 'hamilton_96_tiprack_300uL_filter'),
    toLabware('plate_1', 'plate'),
    toLabware('plate_2', 'plate'),
    toLabware('small_plate', 'plate', 'Cor_24_wellplate_3470ul_Fb'),
    toLabware('diluent_1', 'trough', 'hamilton_1_trough_60ml_Vb'),
  ],
};

export function toProtocol(assets: Readonly<Record<string, AssetSpec>>, given: Partial<DiscoveredProtocol> = {}): DiscoveredProtocol {
  return {
    name: 'serial_dilution',
    version: '1.0.0',
    description: 'Dilutes a sample down a row.',
    isTopLevel: true,
    kind: 'child',
    parameters: { numDilutions: { type: 'integer', min: 1, max: 11, default: 8 }, sampleUl: { type: 'number', unit: 'µL' } },
    assets,
    file: 'serial-dilution.ts',
    line: 7,
    exportName: 'serialDilution',
    ...given,
  };
}

export const DILUTION_ASSETS: Readonly<Record<string, AssetSpec>> = {
  lh: { kind: 'machine', type: 'LiquidHandler' },
  plate: { kind: 'labware', type: 'plate', positions: 96 },
  tips: { kind: 'labware', type: 'tip_rack' },
};

/** The workcell `star` and one published protocol. */
export async function fillLab(db: Database, assets = DILUTION_ASSETS): Promise<PublishedProtocol> {
  await applyWorkcell(db, STAR);
  await publishDefinitions(db, { source: 'library', bundle: 'aaaaaaaaaaaa', definitions: [toProtocol(assets)] });
  const definition = await findDefinition(db, 'serial_dilution');
  invariant(definition !== undefined, 'a definition that was just published is there');
  return definition;
}

export function toRequest(definition: PublishedProtocol, given: Partial<RunRequest> = {}): RunRequest {
  return {
    id: randomUUID(),
    definition,
    parameters: { numDilutions: 8, sampleUl: 100 },
    requestedAssets: {},
    createdBy: 'ada',
    priority: 0,
    requestHash: 'hash',
    atMs: 1_800_000_000_000,
    ...given,
  };
}

export function toCommandRows(runId: string, count: number, given: { firstRow?: number; body?: JsonObject } = {}): JournalRow[] {
  const firstRow = given.firstRow ?? 1;
  return Array.from({ length: count }, (_, i) => {
    const callPath = 'serial_dilution';
    const command = { runId, callPath, n: i + 1, retry: 0, machine: 'star', method: 'aspirate', arguments: { vols: [i] }, fence: 1 };
    const commandId = `${runId}/${callPath}/${i + 1}/0`;
    const atMs = 1_800_000_000_000 + i * 10;
    const outcome = { status: 'completed', result: { i }, error: null, beganAtMs: atMs, endedAtMs: atMs + 5, sends: 1 };
    return [
      { row: firstRow + 2 * i, kind: 'SENT' as const, atMs, commandId, body: { command, payloadHash: 'x', step: 0, ...given.body } },
      { row: firstRow + 2 * i + 1, kind: 'END' as const, atMs: atMs + 5, commandId, body: { outcome, delta: {} } },
    ];
  }).flat();
}
