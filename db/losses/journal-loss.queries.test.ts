// What Postgres keeps of lost journals: a loss and its acceptance are written wholly or not at all, and no fence is granted twice.

import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { readHistory, toCommandRows, toRequest, useTestLab } from '../test-lab.js';
import { listLastingAlarms } from '../inbox/alarm.queries.js';
import { createRun } from '../runs/create-run.js';
import { shipJournalRows } from '../journal/journal.queries.js';
import { listMachines, releaseMachine } from '../workcells/workcell.queries.js';
import { adoptJournal, getWorkcellJournal, raiseFences, recordAcceptance, recordLoss } from './journal-loss.queries.js';

const AT_MS = 1_800_000_000_000;
const LOSS = { because: 'The file was deleted.', foundAtMs: AT_MS, isWhole: false };
const ACCEPTANCE = { workcell: 'star', bridgeId: 'bridge', by: 'ada', note: 'looked', atMs: AT_MS };

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab: { db: Database; definition: PublishedProtocol }) => {
  ({ db, definition } = lab);
});

/** As a connection that is cut off in the middle of it. */
async function cutOff(work: () => Promise<void>): Promise<void> {
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`.execute(db);
  await sql`create trigger refuse before update on asset for each row execute function refuse()`.execute(db);
  await expect(work()).rejects.toThrow('cut off');
  await sql`drop function refuse cascade`.execute(db);
}

const findQuarantined = async (): Promise<string[]> =>
  (await listMachines(db)).filter(({ status }) => status === 'quarantined').map(({ name }) => name);

test('a loss whose record was cut off is recorded when it is told again, and so is its acceptance', async () => {
  await cutOff(() => recordLoss(db, 'star', LOSS));
  await recordLoss(db, 'star', LOSS);
  expect(await findQuarantined()).toContain('star');
  expect(await listLastingAlarms(db, 'star', 'alarm/journal/')).toHaveLength(1);

  await cutOff(() => recordAcceptance(db, ACCEPTANCE));
  // Still shown as lost, so that the person can repeat it.
  expect(await getWorkcellJournal(db, 'star')).toMatchObject({ lost: { because: LOSS.because } });
  await recordAcceptance(db, ACCEPTANCE);
  expect(await getWorkcellJournal(db, 'star')).toMatchObject({ journalId: 'bridge', lost: null });
  expect(await findQuarantined()).toEqual([]);
  expect(await listLastingAlarms(db, 'star', 'alarm/journal/')).toEqual([]);
});

test('no machine is given free while a lost journal waits to be accepted', async () => {
  const release = () => releaseMachine(db, { machineId: 'star', atMs: AT_MS, releasedBy: 'ada', note: 'looked' });
  await recordLoss(db, 'star', LOSS);
  const before = await findQuarantined();
  await expect(release()).rejects.toMatchObject({ code: 'MACHINE_HELD', remedy: expect.stringContaining('star') as unknown });
  expect(await findQuarantined()).toEqual(before);
  await recordAcceptance(db, ACCEPTANCE);
  expect(await release()).toBe(false);
});

test('who accepts a journal, and each run that may have moved, is told from when on commands stand in no list', async () => {
  // The first has the machine; the second waits for it.
  const runId = (await createRun(db, toRequest(definition))).run.id;
  await createRun(db, toRequest(definition));
  await adoptJournal(db, 'star', 'before');
  await shipJournalRows(db, 'before', toCommandRows(runId, 1));
  await recordLoss(db, 'star', LOSS);
  const since = new Date(AT_MS + 5).toISOString();
  expect((await getWorkcellJournal(db, 'star')).lost?.gap).toEqual({ since, runs: [runId] });
  const told = (await readHistory(db, { after: 0, limit: 100 })).filter(({ type }) => type === 'run.notified');
  expect(told.map((event) => [event.runId, event.data['text']])).toEqual([[runId, expect.stringContaining(since)]]);
  await recordAcceptance(db, ACCEPTANCE);
  // Of a journal that misses no row nothing is to be told.
  await recordLoss(db, 'star', { ...LOSS, isWhole: true });
  expect((await getWorkcellJournal(db, 'star')).lost?.gap).toBeNull();
});

test('fences are raised, never lowered, and none that is granted meanwhile is granted again', async () => {
  const grant = async (): Promise<number> =>
    (await sql<{ fence: number }>`select nextval('fence_sequence')::float8 as fence`.execute(db)).rows[0]!.fence;
  const granted: number[] = [];
  const grantMany = async (): Promise<void> => {
    for (let i = 0; i < 300; i += 1) granted.push(await grant());
  };
  const raiseMany = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await raiseFences(db, 1);
  };
  await Promise.all([grantMany(), grantMany(), grantMany(), raiseMany(), raiseMany()]);
  expect(new Set(granted).size).toBe(granted.length);
  await raiseFences(db, 5_000);
  expect(await grant()).toBe(5_001);
  await raiseFences(db, 10);
  expect(await grant()).toBe(5_002);
});
