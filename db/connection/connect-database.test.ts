// The database around the queries: migrations by several processes, outages, notifications, definitions, workcells.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { findProjectRoot } from '../../platform/paths.js';
import { createDatabase } from '../../local/postgres.js';
import { startThrowAwayPostgres } from '../../local/throw-away-postgres.js';
import type { DiscoveredProtocol } from '../../domain/protocols/protocol.js';
import { closeDatabase, connectDatabase, isDatabaseUnavailable, type Database } from './connect-database.js';
import { appendEvents } from '../history/append-events.js';
import { listenForNotifications } from './listen.js';
import { migrateToLatest } from './migrate.js';
import { findDefinition, listDefinitions, publishDefinitions } from '../protocols/definition.queries.js';
import { applyWorkcell, findAsset, getWorkcellSpec, listLabware } from '../workcells/workcell.queries.js';
import { DILUTION_ASSETS, placeEvents, STAR, startTestServer, toProtocol, type TestServer } from '../test-lab.js';

let server: TestServer;
let db: Database;
let url: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  ({ db, url } = await server.open());
});

/** Names of the files, which are the names of the migrations. */
function listMigrations(): string[] {
  return readdirSync(path.join(findProjectRoot(), 'db', 'migrations'))
    .map((file) => path.parse(file).name)
    .sort();
}

describe('connection', () => {
  test('two migrating at once run every migration once, and a third finds nothing to do', async () => {
    const emptyUrl = await createDatabase(server.url, 'empty');
    const connections = [1, 2].map((n) => connectDatabase({ url: emptyUrl, applicationName: `migrate-${n}` }));
    try {
      const ran = await Promise.all(connections.map((connection) => migrateToLatest(connection)));
      expect(ran.flat()).toEqual(listMigrations());
      expect(await migrateToLatest(connections[0]!)).toEqual([]);
    } finally {
      for (const connection of connections) await closeDatabase(connection);
    }
  });

  test('a server that is away is told from a wrong query, and is found again', async () => {
    expect(await sql`select nonsense`.execute(db).catch(isDatabaseUnavailable)).toBe(false);
    const other = await startThrowAwayPostgres();
    const away = connectDatabase({ url: other.url, applicationName: 'away', onError: () => undefined });
    try {
      await sql`select 1`.execute(away);
      const ending = sql`select pg_terminate_backend(pg_backend_pid())`.execute(away);
      expect(await ending.then(() => undefined, isDatabaseUnavailable)).toBe(true);
      // The pool may hand out the ended connection once more before it learns of its end.
      const again = sql`select 1`.execute(away);
      await again.catch((error: unknown) => expect(isDatabaseUnavailable(error)).toBe(true));
      await sql`select 1`.execute(away);
      await other.stop();
      const gone: unknown = await sql`select 1`.execute(away).catch((error: unknown) => error);
      expect([gone, isDatabaseUnavailable(gone)]).toEqual([gone, true]);
    } finally {
      await closeDatabase(away);
    }
  });

  test('a listener hears of events, and looks again after its connection was lost', async () => {
    const heard: [string, string | undefined][] = [];
    let wake = (): void => undefined;
    const listener = listenForNotifications({
      url,
      channels: ['praxis_events', 'praxis_freed'],
      onNotify: (channel, payload) => {
        heard.push([channel, payload]);
        wake();
      },
      onError: () => undefined,
    });
    const until = async (count: number): Promise<void> => {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    const append = async (): Promise<void> => {
      await db.transaction().execute((tx) => appendEvents(tx, [{ type: 'run.started', atMs: 0, runId: null, data: {} }]));
      await placeEvents(db);
    };
    try {
      await until(2);
      await append();
      await until(3);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'praxis-listen'`.execute(db);
      await until(5);
      await append();
      await until(6);
    } finally {
      await listener.close();
    }
    const looks: [string, undefined][] = [
      ['praxis_events', undefined],
      ['praxis_freed', undefined],
    ];
    expect(heard).toEqual([...looks, ['praxis_events', '1'], ...looks, ['praxis_events', '2']]);
  });

  test('all who listen in a process share one connection; each hears its channels alone, and goes without the others', async () => {
    const heard: string[] = [];
    let wake = (): void => undefined;
    const listen = (name: string, channels: readonly string[]) =>
      listenForNotifications({
        url,
        channels,
        onError: () => undefined,
        onNotify: (channel, payload) => {
          heard.push(`${name} ${channel} ${payload ?? 'begins'}`);
          wake();
        },
      });
    const until = async (text: string): Promise<void> => {
      while (!heard.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
    };
    const countConnections = async (): Promise<number> => {
      const { rows } = await sql<{
        n: number;
      }>`select count(*) as n from pg_stat_activity where application_name = 'praxis-listen' and datname = current_database()`.execute(db);
      return rows[0]?.n ?? -1;
    };
    const first = listen('first', ['one', 'both']);
    await until('first both begins');
    const second = listen('second', ['two', 'both']);
    await until('second both begins');
    expect(await countConnections()).toBe(1);
    await sql`select pg_notify('one', 'a'), pg_notify('two', 'b'), pg_notify('both', 'c')`.execute(db);
    await until('second both c');
    await first.close();
    await sql`select pg_notify('one', 'd'), pg_notify('both', 'e')`.execute(db);
    await until('second both e');
    await second.close();
    const begins = ['first one begins', 'first both begins', 'second two begins', 'second both begins'];
    expect(heard).toEqual([...begins, 'first one a', 'second two b', 'first both c', 'second both c', 'second both e']);
    const third = listen('third', ['one']);
    await until('third one begins');
    await third.close();
  });
});

describe('definitions', () => {
  const definition = toProtocol(DILUTION_ASSETS);

  async function publish(bundle: string, definitions: readonly DiscoveredProtocol[] = [definition]): Promise<void> {
    await publishDefinitions(db, { source: 'library', bundle, definitions });
  }

  test('come back as they were published, also when that is done twice at once', async () => {
    await Promise.all([publish('aaaaaaaaaaaa'), publish('aaaaaaaaaaaa')]);
    const found = await findDefinition(db, 'serial_dilution', '1.0.0');
    expect(found).toMatchObject({ ...definition, bundle: 'aaaaaaaaaaaa' });
    expect(Object.keys(found?.assets ?? {})).toEqual(['lh', 'plate', 'tips']);
    await publish('aaaaaaaaaaaa');
    expect(await findDefinition(db, 'serial_dilution')).toEqual(found);
    expect(await findDefinition(db, 'serial_dilution', '2.0.0')).toBeUndefined();
    expect(await findDefinition(db, 'nul\u0000')).toBeUndefined();
  });

  test('the newest bundle is current, and a protocol that left its source is not offered', async () => {
    await publish('aaaaaaaaaaaa', [definition, toProtocol({}, { name: 'gone' })]);
    await publishDefinitions(db, { source: 'mine', bundle: 'cccccccccccc', definitions: [toProtocol({}, { name: 'own' })] });
    await publish('bbbbbbbbbbbb', [definition]);
    const bundles = async (): Promise<string[]> =>
      (await listDefinitions(db, { limit: 9 })).items.map((item) => `${item.name} ${item.bundle}`);
    expect(await bundles()).toEqual(['own cccccccccccc', 'serial_dilution bbbbbbbbbbbb']);
    await publish('aaaaaaaaaaaa', [definition, toProtocol({}, { name: 'gone' })]);
    expect(await bundles()).toEqual(['gone aaaaaaaaaaaa', 'own cccccccccccc', 'serial_dilution aaaaaaaaaaaa']);
    const page = await listDefinitions(db, { limit: 2 });
    expect((await listDefinitions(db, { limit: 2, cursor: page.nextCursor })).items.map((item) => item.name)).toEqual(['serial_dilution']);
  });

  test('what was published of a refused file goes on, and other content of a version is told', async () => {
    const at = (file: string, name: string, contentHash: string): DiscoveredProtocol => ({
      ...toProtocol({}, { name }),
      file,
      contentHash,
    });
    const publishAll = (bundle: string, definitions: readonly DiscoveredProtocol[], refused: readonly string[] = []) =>
      publishDefinitions(db, { source: 'refused', bundle, definitions, refused });
    const current = async (): Promise<string[]> =>
      (await listDefinitions(db, { limit: 20 })).items
        .filter(({ name }) => name.startsWith('x_'))
        .map(({ name, bundle }) => `${name} ${bundle}`);
    expect(await publishAll('aaaaaaaaaaaa', [at('a.ts', 'x_a', '1'), at('a.ts', 'x_moved', '1'), at('b.ts', 'x_b', '1')])).toEqual([]);
    const again = await publishAll('bbbbbbbbbbbb', [at('b.ts', 'x_b', '2'), at('c.ts', 'x_moved', '1')], ['a.ts']);
    expect(again).toEqual([{ name: 'x_b', version: '1.0.0', before: '1', now: '2' }]);
    expect(await current()).toEqual(['x_a aaaaaaaaaaaa', 'x_b bbbbbbbbbbbb', 'x_moved bbbbbbbbbbbb']);
    expect((await findDefinition(db, 'x_b'))?.contentHash).toBe('2');
    expect(await publishAll('cccccccccccc', [at('b.ts', 'x_b', '2')])).toEqual([]);
    expect(await current()).toEqual(['x_b cccccccccccc']);
  });

  test('one protocol defined twice is refused with both places', async () => {
    await expect(publish('aaaaaaaaaaaa', [definition, { ...definition, line: 90 }])).rejects.toThrow(
      'Protocol serial_dilution 1.0.0 is defined twice: at serial-dilution.ts:7 and at serial-dilution.ts:90.',
    );
    expect((await listDefinitions(db, { limit: 9 })).items).toEqual([]);
  });
});

describe('workcells', () => {
  test('come back as they were applied, again and again, and keep the ids of their items', async () => {
    await Promise.all([applyWorkcell(db, STAR), applyWorkcell(db, STAR)]);
    expect(await getWorkcellSpec(db, 'star')).toEqual(STAR);
    const before = await findAsset(db, 'plate_1');
    await applyWorkcell(db, { ...STAR, labware: STAR.labware.filter((item) => item.name !== 'plate_1') });
    expect(await findAsset(db, 'plate_1')).toBeUndefined();
    expect((await listLabware(db)).map((item) => item.name)).toEqual(['tips_1', 'tips_2', 'plate_2', 'small_plate', 'diluent_1']);
    await applyWorkcell(db, STAR);
    expect(await findAsset(db, before?.id ?? '')).toEqual(before);
    expect(await getWorkcellSpec(db, 'star')).toEqual(STAR);
  });

  test('refuse names that are taken, and tell of a workcell that is not there', async () => {
    await applyWorkcell(db, STAR);
    await expect(applyWorkcell(db, { ...STAR, name: 'other' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(/ is already an item of workcell star\.$/u) as unknown,
    });
    await expect(getWorkcellSpec(db, 'other')).rejects.toMatchObject({ code: 'UNKNOWN_ASSET' });
    const [machine] = STAR.machines;
    await expect(applyWorkcell(db, { ...STAR, machines: [machine!, machine!] })).rejects.toThrow(
      'Two items of the workcell are named star.',
    );
  });
});
