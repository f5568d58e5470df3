// Who follows a row by its events, on a real Postgres: applied twice, or onto a row that was read later, they change nothing.

import type { ControlState, PauseReason } from '../../domain/runs/control.js';
import type { LabEvent } from '../../domain/history/event.js';
import { isJsonObject, type JsonObject } from '../../domain/json/json.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Database } from '../connection/connect-database.js';
import { acknowledgeAlarm, raiseAlarm } from '../inbox/alarm.queries.js';
import { createRun } from '../runs/create-run.js';
import { closeItem, getItem, openItem } from '../inbox/inbox.queries.js';
import { applyControl, closeRun, getRun, markRunStarted, setRunStatus } from '../runs/run.queries.js';
import { listMachines, quarantineMachine, releaseMachine } from '../workcells/workcell.queries.js';
import { readHistory, toRequest, useTestLab } from '../test-lab.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

/** What a client does with an event: it takes what is newer than what it knows. */
function follow(known: JsonObject, event: LabEvent, key: string): JsonObject {
  const told = event.data[key];
  if (!isJsonObject(told)) return known;
  return Number(told['rev']) > Number(known['rev'] ?? 0) ? { ...known, ...told } : known;
}

function toControl(rev: number, pauseReasons: readonly PauseReason[], cancel = false): ControlState {
  return { rev, pauseReasons, cancel, freed: 0 };
}

async function readRun(id: string): Promise<JsonObject> {
  const run = await getRun(db, id);
  if (run === undefined) throw new Error('The run is there.');
  const { rev, status, pauseReasons, openItems, startedAt, endedAt } = run;
  return { rev, status, pauseReasons: [...pauseReasons], openItems, startedAt, endedAt };
}

/** From start to end, with what was read after each change. */
async function leadRun(): Promise<{ id: string; read: JsonObject[] }> {
  const { id } = (await createRun(db, toRequest(definition))).run;
  const read = [await readRun(id)];
  const question = { itemId: `${id}/q1`, runId: id };
  const changes: readonly (() => Promise<unknown>)[] = [
    () => markRunStarted(db, { runId: id, workflowRunId: 'w', atMs: AT_MS }),
    () => applyControl(db, { runId: id, control: toControl(1, ['operator']), isAcknowledged: false, atMs: AT_MS }),
    () => applyControl(db, { runId: id, control: toControl(1, ['operator']), isAcknowledged: true, atMs: AT_MS }),
    () =>
      openItem(db, {
        ...question,
        callPath: 'serial_dilution',
        workflowId: id,
        subject: { kind: 'text', text: 'A \u0000 and a "quote\\' },
        atMs: AT_MS,
      }),
    () =>
      closeItem(db, {
        ...question,
        status: 'answered',
        given: { itemId: question.itemId, answer: '\u0000', by: 'ada', note: '', atMs: AT_MS },
        atMs: AT_MS,
      }),
    () => applyControl(db, { runId: id, control: toControl(2, []), isAcknowledged: true, atMs: AT_MS }),
    () =>
      openItem(db, {
        ...question,
        itemId: `${id}/q2`,
        callPath: 'serial_dilution',
        workflowId: id,
        subject: { kind: 'confirm', text: '?' },
        atMs: AT_MS,
      }),
    () => setRunStatus(db, { runId: id, status: 'cancelling', atMs: AT_MS }),
    () => closeRun(db, { runId: id, status: 'cancelled', atMs: AT_MS + 5 }),
  ];
  for (const change of changes) {
    await change();
    read.push(await readRun(id));
  }
  return { id, read };
}

test('events of a run lead to what its row says, however often and onto whatever state they are applied', async () => {
  const { id, read } = await leadRun();
  const events = await readHistory(db, { runId: id, after: 0, limit: 99 });
  const last = read.at(-1);
  expect(last).toMatchObject({ status: 'cancelled', openItems: 0, pauseReasons: [] });
  const once = events.reduce((known, event) => follow(known, event, 'run'), {});
  expect(events[0]).toMatchObject({ type: 'run.created', data: { run: { rev: 1, status: 'queued' } } });
  expect(once).toEqual(last);
  expect(events.reduce((known, event) => follow(known, event, 'run'), once)).toEqual(last);
  expect(events.toReversed().reduce((known, event) => follow(known, event, 'run'), {})).toEqual(last);
  // A row read at any time, and then all events since the beginning.
  for (const row of read) expect(events.reduce((known, event) => follow(known, event, 'run'), row)).toEqual(last);
});

test('nothing that a run shows changes without a new revision', async () => {
  const { read } = await leadRun();
  const shown = new Map<number, string>();
  for (const { rev, ...rest } of read) {
    const before = shown.get(Number(rev)) ?? JSON.stringify(rest);
    expect(JSON.stringify(rest)).toBe(before);
    shown.set(Number(rev), before);
  }
  expect([...shown.keys()]).toEqual([...shown.keys()].sort((a, b) => a - b));
  expect(shown.size).toBe(read.length);
});

test('what the writer of an event told stays as it was', async () => {
  const { id } = await leadRun();
  const opened = (await readHistory(db, { runId: id, after: 0, limit: 99 })).find(({ type }) => type === 'inbox.opened');
  expect(opened?.data).toMatchObject({
    itemId: `${id}/q1`,
    kind: 'text',
    text: 'A \u0000 and a "quote\\',
    item: { rev: 1, status: 'open' },
  });
});

test('events of an inbox item, an alarm and a machine carry the revision of theirs', async () => {
  const { id } = await leadRun();
  const subject = { kind: 'alarm', text: 'Slow.', cause: 'slow-command', workcell: 'star' } as const;
  await raiseAlarm(db, { itemId: 'alarm/x', subject, runId: null, callPath: '', atMs: AT_MS });
  await acknowledgeAlarm(db, { itemId: 'alarm/x', answer: true, by: 'ada', note: '', atMs: AT_MS });
  await db.transaction().execute((tx) => quarantineMachine(tx, { machineId: 'star', reason: 'Doubt.', atMs: AT_MS }));
  const [doubtful] = await listMachines(db);
  await releaseMachine(db, { machineId: 'star', atMs: AT_MS, releasedBy: 'ada', note: '' });
  const events = await readHistory(db, { after: 0, limit: 99 });
  const lead = (key: string, isOf: (event: LabEvent) => boolean): JsonObject =>
    events.filter(isOf).reduce((known, event) => follow(known, event, key), {});
  for (const itemId of [`${id}/q1`, `${id}/q2`, 'alarm/x']) {
    const item = await getItem(db, itemId);
    expect(lead('item', ({ data }) => data['itemId'] === itemId)).toMatchObject({ rev: item?.rev, status: item?.status });
  }
  const asset = lead('asset', ({ type }) => type.startsWith('machine.'));
  expect(asset).toEqual({ rev: (await listMachines(db))[0]?.rev, quarantineReason: null });
  expect(Number(asset['rev'])).toBeGreaterThan(Number(doubtful?.rev));
});
