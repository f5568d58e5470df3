// Alarms, reminders and heartbeats on a real Postgres: each cause raised once, acknowledged once, told in history.

import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { findSilence } from '../../domain/inbox/alarm.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { toRequest, useTestLab, readHistory } from '../test-lab.js';
import { acknowledgeAlarm, endAlarms, listLastingAlarms, raiseAlarm, type NewAlarm } from './alarm.queries.js';
import { createRun } from '../runs/create-run.js';
import { listSilences, noteHeartbeat } from '../workcells/heartbeat.queries.js';
import { getItem, listItems, openItem } from './inbox.queries.js';
import { listWaiting, noteTold } from './reminder.queries.js';
import { closeRun, getRun, markRunStarted } from '../runs/run.queries.js';
import { endStuckRun, listStuckRuns, raiseStuckRun } from './stuck-run.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let runId: string;

useTestLab(async (lab: { db: Database; definition: PublishedProtocol }) => {
  ({ db } = lab);
  runId = (await createRun(db, toRequest(lab.definition))).run.id;
  await markRunStarted(db, { runId, workflowRunId: 'w', atMs: AT_MS });
});

function toAlarm(given: Partial<NewAlarm> = {}): NewAlarm {
  const subject = { kind: 'alarm', text: 'Slow.', cause: 'slow-command', workcell: 'star', machine: 'star', commandId: 'c' } as const;
  return { itemId: 'alarm/slow/c', subject, runId, callPath: 'serial_dilution', atMs: AT_MS, ...given };
}

const listTypes = async (of?: string): Promise<string[]> =>
  (await readHistory(db, { after: 0, limit: 99, ...(of !== undefined && { runId: of }) }))
    .map(({ type }) => type)
    .filter((type) => type.startsWith('alarm') || type.startsWith('inbox'));

test('a cause raises one alarm; its run goes on, counts it, and ends without taking it back', async () => {
  const raised = await Promise.all([1, 2, 3].map(() => raiseAlarm(db, toAlarm())));
  expect(raised.filter(Boolean)).toHaveLength(1);
  expect(await getRun(db, runId)).toMatchObject({ status: 'running', openItems: 0, openAlarms: 1 });
  await closeRun(db, { runId, status: 'completed', atMs: AT_MS });
  expect(await getItem(db, 'alarm/slow/c')).toMatchObject({ status: 'open', runId, workflowId: null, subject: { cause: 'slow-command' } });
});

test('it ends once and is acknowledged once, in this order or the other', async () => {
  await raiseAlarm(db, toAlarm());
  expect(await listLastingAlarms(db, 'star', 'alarm/slow/')).toEqual(['alarm/slow/c']);
  await endAlarms(db, ['alarm/slow/c'], AT_MS + 5);
  await endAlarms(db, ['alarm/slow/c'], AT_MS + 9);
  expect(await listLastingAlarms(db, 'star', 'alarm/slow/')).toEqual([]);
  const given = (by: string) => ({ itemId: 'alarm/slow/c', answer: true, by, note: 'looked', atMs: AT_MS + 10 });
  const taken = await Promise.all(['ada', 'ben'].map((by) => acknowledgeAlarm(db, given(by))));
  expect(taken.filter(Boolean)).toHaveLength(1);
  const item = await getItem(db, 'alarm/slow/c');
  expect(item).toMatchObject({
    status: 'answered',
    answer: true,
    answeredBy: taken[0] === true ? 'ada' : 'ben',
    note: 'looked',
    endedAt: new Date(AT_MS + 5).toISOString(),
  });
  expect(await listTypes(runId)).toEqual(['alarm.raised', 'alarm.ended', 'alarm.acknowledged']);
  expect(await acknowledgeAlarm(db, { ...given('ada'), itemId: 'nothing' })).toBe(false);
});

test('an alarm about no run counts for the open runs of its workcell', async () => {
  await raiseAlarm(db, toAlarm({ itemId: 'alarm/silent/x', runId: null, callPath: '' }));
  expect(await getRun(db, runId)).toMatchObject({ openAlarms: 1 });
  expect((await listItems(db, { limit: 9 })).items).toMatchObject([{ id: 'alarm/silent/x', runId: null, protocol: null }]);
  await closeRun(db, { runId, status: 'completed', atMs: AT_MS });
  expect(await getRun(db, runId)).toMatchObject({ openAlarms: 0 });
});

test('people are told of a waiting item once for each reminder, and escalated to once, whoever looks', async () => {
  await openItem(db, {
    itemId: 'q',
    runId,
    callPath: 'serial_dilution',
    workflowId: runId,
    subject: { kind: 'confirm', text: '?' },
    atMs: AT_MS,
  });
  const [item] = await listWaiting(db, 9);
  if (!item) throw new Error('Nothing waits.');
  expect(item).toMatchObject({ itemId: 'q', runId, createdAtMs: AT_MS, reminders: 0, isEscalated: false });
  await Promise.all([1, 2].map(() => noteTold(db, item, { reminder: 2, isEscalation: true }, AT_MS + 50)));
  await noteTold(db, item, { reminder: 1, isEscalation: false }, AT_MS + 60);
  expect(await listTypes(runId)).toEqual(['inbox.opened', 'inbox.reminded', 'inbox.escalated']);
  expect(await listWaiting(db, 9)).toMatchObject([{ reminders: 2, isEscalated: true }]);
  expect(await getItem(db, 'q')).toMatchObject({ reminders: 2, escalatedAt: new Date(AT_MS + 50).toISOString() });
});

test('a workcell is silent by the time since its worker, or its bridge, was heard of while runs are open', async () => {
  const look = async () => {
    const [silence] = await listSilences(db);
    if (!silence) throw new Error('There is no workcell.');
    return silence;
  };
  await noteHeartbeat(db, 'star', true);
  expect(findSilence(await look(), 5_000)).toBeUndefined();
  await sql`update workcell set bridge_heard_at = now() - interval '10 s'`.execute(db);
  await noteHeartbeat(db, 'star', false);
  const bridge = findSilence(await look(), 5_000);
  expect(bridge).toMatchObject({ cause: 'silent-bridge' });
  // The same silence has the same name, however often it is looked at.
  expect(findSilence(await look(), 5_000)).toEqual(bridge);
  await sql`update workcell set worker_heard_at = now() - interval '10 s'`.execute(db);
  expect(findSilence(await look(), 5_000)).toMatchObject({
    cause: 'silent-worker',
    text: 'The worker of workcell star was not heard of for 5 s, and a run is open there.',
  });
  expect(findSilence({ ...(await look()), openRuns: 0 }, 5_000)).toBeUndefined();
});

test('a run that cannot go on needs a person for as long as that lasts, and is told of once', async () => {
  const raise = (atMs: number) => raiseStuckRun(db, { runId, text: 'It cannot go on.', atMs });
  expect([await raise(AT_MS), await raise(AT_MS + 1)]).toEqual([true, false]);
  expect(await getRun(db, runId)).toMatchObject({ status: 'needs-operator', openAlarms: 1 });
  const id = `alarm/stuck/${runId}/${AT_MS}`;
  await acknowledgeAlarm(db, { itemId: id, answer: true, by: 'ada', note: '', atMs: AT_MS + 2 });
  expect([await listStuckRuns(db), (await getRun(db, runId))?.status]).toEqual([[runId], 'needs-operator']);
  await endStuckRun(db, runId, AT_MS + 3);
  expect([await listStuckRuns(db), (await getRun(db, runId))?.status]).toEqual([[], 'running']);
  expect(await raise(AT_MS + 4)).toBe(true);
  await closeRun(db, { runId, status: 'failed', atMs: AT_MS + 5 });
  expect(await getItem(db, `alarm/stuck/${runId}/${AT_MS + 4}`)).toMatchObject({
    status: 'open',
    endedAt: new Date(AT_MS + 5).toISOString(),
  });
  expect([await listStuckRuns(db), await raise(AT_MS + 6)]).toEqual([[], false]);
});
