// A run in its course on a real Postgres: what people see of it, in which order, and what its end leaves behind.

import type { ControlState, PauseReason } from '../../domain/runs/control.js';
import type { PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Run } from '../../domain/runs/run.js';
import { showRunStatus } from '../../domain/runs/run-status.js';
import type { Database } from '../connection/connect-database.js';
import { toRequest, useTestLab, readHistory } from '../test-lab.js';
import { releaseResolvedMachine } from '../assets/asset.queries.js';
import { getCallTree, recordCalls } from './call.queries.js';
import { createRun } from './create-run.js';
import type { RunRequest } from './run-request.js';
import { closeItem, getItem, listItems, openItem, type NewItem } from '../inbox/inbox.queries.js';
import { claimForRun, listReservations } from './reservation.queries.js';
import {
  applyControl,
  closeRun,
  getRun,
  listOpenBundles,
  listStartedRunIds,
  listUnstartedRuns,
  markRunStarted,
  setRunStatus,
} from './run.queries.js';
import { listMachines } from '../workcells/workcell.queries.js';

const AT_MS = 1_800_000_000_000;

let db: Database;
let definition: PublishedProtocol;

useTestLab((lab) => {
  ({ db, definition } = lab);
});

async function start(given: Partial<RunRequest> = {}): Promise<Run> {
  return (await createRun(db, toRequest(definition, given))).run;
}

async function startInTemporal(): Promise<Run> {
  const run = await start();
  await markRunStarted(db, { runId: run.id, workflowRunId: 'w', atMs: AT_MS });
  return run;
}

async function ask(itemId: string, runId: string): Promise<void> {
  const subject = { kind: 'confirm', text: 'Is it foamy?' } as const;
  await openItem(db, { itemId, runId, callPath: 'serial_dilution', workflowId: `${runId}.child`, subject, atMs: AT_MS });
}

function toDoubt(runId: string): NewItem {
  const commandId = `${runId}/serial_dilution/1/0`;
  const subject = {
    kind: 'uncertain-command',
    text: 'Doubt.',
    commandId,
    machine: 'star',
    method: 'aspirate',
    arguments: {},
    known: 'It was sent.',
  } as const;
  return { itemId: commandId, runId, callPath: 'serial_dilution', workflowId: runId, subject, atMs: AT_MS };
}

function toControl(rev: number, pauseReasons: readonly PauseReason[], cancel = false): ControlState {
  return { rev, pauseReasons, cancel, freed: 0 };
}

async function listTypes(runId: string): Promise<string[]> {
  return (await readHistory(db, { runId, after: 0, limit: 99 })).map((event) => event.type);
}

test('shown is the first that holds', () => {
  const facts = { isCancelling: true, openItems: 1, isHeld: true, isPausing: true, isQueued: true };
  const shown = [
    facts,
    { ...facts, isCancelling: false },
    { ...facts, isCancelling: false, openItems: 0 },
    { ...facts, isCancelling: false, openItems: 0, isPausing: false },
    { ...facts, isCancelling: false, openItems: 0, isHeld: false },
    { ...facts, isCancelling: false, openItems: 0, isHeld: false, isQueued: false },
  ].map(showRunStatus);
  expect(shown).toEqual(['cancelling', 'needs-operator', 'pausing', 'paused', 'queued', 'running']);
});

describe('a run in its course', () => {
  test('envelope, start, doubt, end: each told once, and never after the end', async () => {
    const run = await start();
    expect(await listUnstartedRuns(db, 10)).toEqual([
      {
        id: run.id,
        bundle: 'aaaaaaaaaaaa',
        envelope: {
          v: 2,
          runId: run.id,
          protocol: 'serial_dilution',
          version: '1.0.0',
          mode: 'simulation',
          user: 'ada',
          workcell: 'star',
          parameters: { numDilutions: 8, sampleUl: 100 },
          assets: run.assets,
          fence: (await listReservations(db))[0]?.fence,
        },
      },
    ]);
    for (const workflowRunId of ['w1', 'w2']) await markRunStarted(db, { runId: run.id, workflowRunId, atMs: AT_MS + 1 });
    expect(await listUnstartedRuns(db, 10)).toEqual([]);
    expect(await getRun(db, run.id)).toMatchObject({ status: 'running', startedAt: new Date(AT_MS + 1).toISOString() });
    const item = { itemId: `${run.id}/serial_dilution/q1`, runId: run.id };
    await ask(item.itemId, run.id);
    await ask(item.itemId, run.id);
    expect(await getRun(db, run.id)).toMatchObject({ status: 'needs-operator', openItems: 1 });
    await closeItem(db, { ...item, status: 'withdrawn', atMs: AT_MS + 2 });
    await closeItem(db, { ...item, status: 'withdrawn', atMs: AT_MS + 2 });
    const error = { code: 'PROTOCOL_ERROR', message: 'No.', callPath: 'serial_dilution' };
    expect(await closeRun(db, { runId: run.id, status: 'failed', error, atMs: AT_MS + 3 })).toEqual({ closed: true });
    expect(await closeRun(db, { runId: run.id, status: 'completed', atMs: AT_MS + 4 })).toEqual({ closed: false });
    await setRunStatus(db, { runId: run.id, status: 'cancelling', atMs: AT_MS + 5 });
    await applyControl(db, { runId: run.id, control: toControl(9, ['operator']), isAcknowledged: false, atMs: AT_MS + 5 });
    await ask('late', run.id);
    expect(await getRun(db, run.id)).toMatchObject({ status: 'failed', error, endedAt: new Date(AT_MS + 3).toISOString() });
    await expect(claimForRun(db, run.id, AT_MS)).rejects.toMatchObject({ code: 'RUN_TERMINATED' });
    expect((await readHistory(db, { runId: run.id, after: 0, limit: 99 })).map((event) => event.type)).toEqual([
      'run.created',
      'run.started',
      'inbox.opened',
      'run.needs-operator',
      'inbox.withdrawn',
      'run.resumed',
      'run.failed',
    ]);
    expect([await listStartedRunIds(db), await listOpenBundles(db)]).toEqual([[], []]);
  });

  test('an uncertain command quarantines its machine and asks for a person, also while others close and claim', async () => {
    const run = await start();
    const next = await start({ requestedAssets: { tips: 'tips_1' }, atMs: AT_MS + 1 });
    const doubt = (): Promise<void> => openItem(db, toDoubt(run.id));
    const claims = Array.from({ length: 6 }, () => claimForRun(db, next.id, AT_MS));
    await Promise.all([...Array.from({ length: 6 }, doubt), ...claims]);
    expect(await getRun(db, run.id)).toMatchObject({ status: 'needs-operator', openItems: 1 });
    await Promise.all([doubt(), closeRun(db, { runId: run.id, status: 'failed', atMs: AT_MS, quarantineMachines: ['star'] }), doubt()]);
    expect(await listTypes(run.id)).toEqual([
      'run.created',
      'machine.quarantined',
      'inbox.opened',
      'run.needs-operator',
      'inbox.withdrawn',
      'run.failed',
    ]);
  });

  test('a waiting run that is started stays queued, and one that ends waits for nothing', async () => {
    await start();
    const second = await start({ requestedAssets: { tips: 'tips_1' }, atMs: AT_MS + 1 });
    await markRunStarted(db, { runId: second.id, workflowRunId: 'w', atMs: AT_MS + 1 });
    expect((await getRun(db, second.id))?.status).toBe('queued');
    await closeRun(db, { runId: second.id, status: 'cancelled', atMs: AT_MS + 2 });
    expect(await db.selectFrom('asset_wait').selectAll().execute()).toEqual([]);
    expect(await getRun(db, second.id)).not.toHaveProperty('waitingFor');
  });
});

describe('run control', () => {
  const apply = (runId: string, control: ControlState, isAcknowledged = false): Promise<void> =>
    applyControl(db, { runId, control, isAcknowledged, atMs: AT_MS });

  test('a pause is shown, acknowledged and taken back, each once; a lower revision changes nothing', async () => {
    const { id } = await startInTemporal();
    await apply(id, toControl(2, ['operator']));
    await apply(id, toControl(1, []), true);
    expect(await getRun(db, id)).toMatchObject({ status: 'pausing', pauseReasons: ['operator'] });
    for (let i = 0; i < 2; i += 1) await apply(id, toControl(2, ['operator']), true);
    await apply(id, toControl(2, ['operator']));
    expect(await getRun(db, id)).toMatchObject({ status: 'paused' });
    // Held all the time: another reason is no new pausing.
    await apply(id, toControl(3, ['operator', 'asset']));
    expect(await getRun(db, id)).toMatchObject({ status: 'paused', pauseReasons: ['operator', 'asset'] });
    await apply(id, toControl(4, []), true);
    await apply(id, toControl(3, ['operator']));
    expect(await getRun(db, id)).toMatchObject({ status: 'running', pauseReasons: [] });
    await apply(id, toControl(5, [], true), true);
    expect((await getRun(db, id))?.status).toBe('cancelling');
    expect(await listTypes(id)).toEqual(['run.created', 'run.started', 'run.pausing', 'run.paused', 'run.resumed', 'run.cancelling']);
  });

  test('an answered question leaves a held run paused, and a resumed queued one queued', async () => {
    const { id } = await startInTemporal();
    await ask('q', id);
    await apply(id, toControl(1, ['operator']), true);
    expect((await getRun(db, id))?.status).toBe('needs-operator');
    await closeItem(db, { itemId: 'q', runId: id, status: 'withdrawn', atMs: AT_MS });
    expect((await getRun(db, id))?.status).toBe('paused');
    const queued = await start({ requestedAssets: { tips: 'tips_1' }, atMs: AT_MS + 1 });
    await apply(queued.id, toControl(1, ['operator']), true);
    expect((await getRun(db, queued.id))?.status).toBe('paused');
    await apply(queued.id, toControl(2, []), true);
    expect((await getRun(db, queued.id))?.status).toBe('queued');
  });

  test('twenty revisions at once end at the highest', async () => {
    const { id } = await startInTemporal();
    await Promise.all(Array.from({ length: 20 }, (_, i) => apply(id, toControl(i + 1, i === 19 ? ['policy'] : ['operator']))));
    expect(await getRun(db, id)).toMatchObject({ status: 'pausing', pauseReasons: ['policy'] });
  });
});

describe('the inbox', () => {
  const given = (itemId: string, by: string) => ({ itemId, answer: { ok: by }, by, note: `said ${by}`, atMs: AT_MS + 7 });

  test('the first of many answers counts', async () => {
    const { id: runId } = await startInTemporal();
    await ask('q1', runId);
    const people = ['ada', 'bob', 'eve'];
    await Promise.all(people.map((by) => closeItem(db, { itemId: 'q1', runId, status: 'answered', given: given('q1', by), atMs: AT_MS })));
    const item = await getItem(db, 'q1');
    expect(item).toMatchObject({
      status: 'answered',
      workflowId: `${runId}.child`,
      protocol: 'serial_dilution',
      answeredAt: new Date(AT_MS + 7).toISOString(),
    });
    expect(item).toMatchObject({ answer: { ok: item?.answeredBy }, note: `said ${item?.answeredBy ?? ''}` });
    const events = await readHistory(db, { runId, after: 0, limit: 99 });
    expect(events.filter((event) => event.type === 'inbox.answered').map((event) => event.data['by'])).toEqual([item?.answeredBy]);
    expect(await getItem(db, 'nothing')).toBeUndefined();
  });

  test('lists newest last, in pages, by status and run', async () => {
    const [one, two] = [await startInTemporal(), await startInTemporal()];
    for (const [i, run] of [one, two, one].entries()) await ask(`q${i}`, run.id);
    await closeItem(db, { itemId: 'q0', runId: one.id, status: 'answered', given: given('q0', 'ada'), atMs: AT_MS });
    const page = await listItems(db, { limit: 2 });
    const rest = await listItems(db, { limit: 2, cursor: page.nextCursor });
    expect([...page.items, ...rest.items].map((item) => item.id)).toEqual(['q0', 'q1', 'q2']);
    expect(rest.items[0]).not.toHaveProperty('workflowId');
    expect((await listItems(db, { limit: 9, status: 'open', runId: one.id })).items.map((item) => item.id)).toEqual(['q2']);
    expect((await listItems(db, { limit: 9, runId: 'x' })).items).toEqual([]);
  });

  test('a resolved command frees its machine, unless something else holds it', async () => {
    const { id: runId } = await startInTemporal();
    await openItem(db, toDoubt(runId));
    expect((await listMachines(db))[0]).toMatchObject({
      status: 'quarantined',
      statusReason: 'Doubt. Where nobody asks for that any more, release it: praxis machines release star.',
    });
    const resolved = { machine: 'star', resolvedBy: 'ada', note: 'It moved.', atMs: AT_MS };
    await releaseResolvedMachine(db, { ...resolved, commandId: 'another' });
    expect((await listMachines(db))[0]?.status).toBe('quarantined');
    for (let i = 0; i < 2; i += 1) await releaseResolvedMachine(db, { ...resolved, commandId: toDoubt(runId).itemId });
    expect((await listMachines(db))[0]?.status).toBe('in-use');
    const events = await readHistory(db, { after: 0, limit: 99 });
    expect(events.filter((event) => event.type === 'machine.released')).toHaveLength(1);
  });
});

describe('the end', () => {
  test('ends calls that still run and takes questions back; a late entry tells the true end', async () => {
    const { id: runId } = await startInTemporal();
    const entry = { atMs: AT_MS, version: '1', kind: 'inline', arguments: {} } as const;
    await recordCalls(db, runId, {
      workflowId: runId,
      entries: [
        { ...entry, n: 1, phase: 'started', path: 'root', name: 'root' },
        { ...entry, n: 2, phase: 'started', path: 'root/mix.1', name: 'mix' },
      ],
    });
    await ask('q', runId);
    const error = { code: 'RUN_TERMINATED', message: 'Ended from outside.' };
    expect(await closeRun(db, { runId, status: 'failed', error, atMs: AT_MS + 9 })).toEqual({ closed: true });
    expect(await getRun(db, runId)).toMatchObject({ status: 'failed', openItems: 0 });
    expect((await getItem(db, 'q'))?.status).toBe('withdrawn');
    const tree = await getCallTree(db, runId);
    expect([tree, tree?.children[0]]).toMatchObject([
      { path: 'root', status: 'cancelled', endedAt: new Date(AT_MS + 9).toISOString(), error },
      { path: 'root/mix.1', status: 'cancelled' },
    ]);
    expect((await listTypes(runId)).slice(-4)).toEqual(['inbox.withdrawn', 'call.cancelled', 'call.cancelled', 'run.failed']);
    await recordCalls(db, runId, {
      workflowId: runId,
      entries: [
        { n: 3, phase: 'completed', path: 'root/mix.1', atMs: AT_MS + 1, result: 5 },
        { ...entry, n: 4, phase: 'started', path: 'root/mix.2', name: 'mix' },
      ],
    });
    expect((await getCallTree(db, runId))?.children.map((call) => call.status)).toEqual(['completed', 'cancelled']);
  });
});
