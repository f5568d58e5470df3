// Run control, the inbox and stored results on a real Postgres and a real bridge whose motions take a while.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { closeDatabase, connectDatabase, type Database } from '../db/connection/connect-database.js';
import { recordCalls } from '../db/runs/call.queries.js';
import { listCommands } from '../db/runs/command.queries.js';
import { createRun } from '../db/runs/create-run.js';
import { findDefinition, publishDefinitions } from '../db/protocols/definition.queries.js';
import { getItem } from '../db/inbox/inbox.queries.js';
import { closeRun, getRun, markRunStarted } from '../db/runs/run.queries.js';
import { applyWorkcell, listMachines } from '../db/workcells/workcell.queries.js';
import { startTestServer, toProtocol, toRequest, type TestServer } from '../db/test-lab.js';
import { NO_CONTROL, type ControlState } from '../domain/runs/control.js';
import type { UncertainCommand } from '../domain/inbox/inbox.js';
import type { JsonObject } from '../domain/json/json.js';
import type { WorkcellSpec } from '../domain/workcells/workcell-spec.js';
import { FINAL_HOLD_REV, type CommandRequest } from '../domain/wire/wire.js';
import { findProjectRoot } from '../platform/paths.js';
import { waitFor } from '../test/rig/start-lab.js';
import { startTestBridge, type TestBridge } from '../test/rig/start-test-bridge.js';
import type { Attention } from '../workcell/attention.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { submitBlock, submitCommand } from '../workcell/submit-command.js';
import { applyControl } from './apply-control.js';
import type { ControlWorld } from './control-world.js';
import { closeItem, openItem, resolveCommand } from './inbox-activities.js';
import { startJournalShipper, type JournalShipper } from './journal-shipper.js';
import { finishRun } from './finish-run.js';
import { readResults } from './read-results.js';

const MOTION_S = 0.4;
const logger = pino({ level: 'silent' });

let server: TestServer;
let db: Database;
let bridge: TestBridge;
let shipper: JournalShipper;
let world: ControlWorld;

beforeAll(async () => {
  server = await startTestServer();
  ({ db } = await server.open());
  const spec = JSON.parse(await readFile(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  await applyWorkcell(db, spec);
  const definition = toProtocol(
    { lh: { kind: 'machine', type: 'LiquidHandler' }, tips: { kind: 'labware', type: 'tip_rack' } },
    { name: 'tipping' },
  );
  await publishDefinitions(db, { source: 'test', bundle: 'cccccccccccc', definitions: [definition] });
  bridge = await startTestBridge(spec, MOTION_S);
  shipper = startJournalShipper({ db, bridge: new BridgeClient(bridge.socket), logger });
  world = { db, bridge: bridge.client, shipper, workcell: spec.name, logger, cancelWorkflow: () => Promise.resolve() };
});
afterAll(async () => {
  await shipper?.stop();
  await bridge?.stop();
  await server?.stop();
});

interface Started {
  readonly runId: string;
  readonly command: (n: number, method: string, given?: JsonObject) => CommandRequest;
}

async function start(): Promise<Started> {
  const definition = await findDefinition(db, 'tipping');
  if (definition === undefined) throw new Error('the protocol was not published');
  const created = await createRun(db, toRequest(definition, { atMs: Date.now(), requestedAssets: { tips: 'tips_1' } }));
  if (!created.created || created.unstarted.envelope.fence === null) throw new Error('the run before was not closed');
  const { id: runId } = created.run;
  const { fence } = created.unstarted.envelope;
  await markRunStarted(db, { runId, workflowRunId: 'w', atMs: Date.now() });
  return {
    runId,
    command: (n, method, given = {}) => ({
      id: `${runId}/tipping/${n}/0`,
      runId,
      callPath: 'tipping',
      n,
      retry: 0,
      machine: 'star',
      method,
      arguments: given,
      fence,
    }),
  };
}

const end = (runId: string) => closeRun(db, { runId, status: 'completed', atMs: Date.now() });

const readStarStatus = async () => (await listMachines(db)).find(({ name }) => name === 'star')?.status;

const pickUp = (position: string): JsonObject => ({ tip_spots: [{ $item: ['tips_1', position] }] });

function attend(): Attention & { stopNow(): void; leaveNow(): void } {
  const [stop, leave] = [new AbortController(), new AbortController()];
  return {
    stop: stop.signal,
    leave: leave.signal,
    stopNow: () => {
      stop.abort();
    },
    leaveNow: () => {
      leave.abort();
    },
  };
}

function toControl(rev: number, given: Partial<ControlState>): ControlState {
  return { ...NO_CONTROL, rev, ...given };
}

async function waitUntilSent(id: string): Promise<void> {
  await waitFor('the command to be sent', async () => (await bridge.client.request('command.status', { id })).phase === 'sent', {});
}

test('a run is pausing while its command ends, then paused; a held command is refused, and begins after the resume', async () => {
  const { runId, command } = await start();
  const running = submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A1')), attend());
  await waitUntilSent(command(1, '').id);
  const { signal } = new AbortController();
  const pausing = applyControl(world, { runId, control: toControl(1, { pauseReasons: ['operator'] }) }, signal);
  await waitFor('the run to show pausing', async () => (await getRun(db, runId))?.status === 'pausing', {});
  await pausing;
  expect((await running).status).toBe('completed');
  expect(await getRun(db, runId)).toMatchObject({ status: 'paused', pauseReasons: ['operator'] });
  await expect(submitCommand(bridge.client, command(2, 'discard_tips'), attend())).rejects.toMatchObject({ code: 'RUN_HELD' });
  expect(await submitBlock(bridge.client, [command(2, 'discard_tips')], attend())).toEqual({ outcomes: [], isHeld: true });
  await applyControl(world, { runId, control: toControl(2, {}) }, signal);
  expect((await getRun(db, runId))?.status).toBe('running');
  // What was overtaken on its way changes nothing.
  await applyControl(world, { runId, control: toControl(1, { pauseReasons: ['operator'] }) }, signal);
  expect((await getRun(db, runId))?.status).toBe('running');
  expect((await submitCommand(bridge.client, command(2, 'discard_tips'), attend())).status).toBe('completed');
  await end(runId);
});

test('a cancelled run begins nothing that was on its way, only cleanups; a resume does not change that, its end does', async () => {
  const { runId, command } = await start();
  const { signal } = new AbortController();
  await applyControl(world, { runId, control: toControl(1, { cancel: true }) }, signal);
  expect((await getRun(db, runId))?.status).toBe('cancelling');
  await expect(submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A5')), attend())).rejects.toMatchObject({
    code: 'RUN_HELD',
  });
  await applyControl(world, { runId, control: toControl(2, { cancel: true }) }, signal);
  await expect(submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A5')), attend())).rejects.toMatchObject({
    code: 'RUN_HELD',
  });
  expect((await submitCommand(bridge.client, { ...command(2, 'pick_up_tips', pickUp('A5')), isShielded: true }, attend())).status).toBe(
    'completed',
  );
  await bridge.client.request('run.hold', { runId, rev: FINAL_HOLD_REV, isHeld: false });
  expect((await submitCommand(bridge.client, command(3, 'discard_tips'), attend())).status).toBe('completed');
  await end(runId);
});

test('a command that waits behind another is stopped before it moves; one without a stop method ends by itself', async () => {
  const { runId, command } = await start();
  const [first, second] = [attend(), attend()];
  const running = submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A2')), first);
  await waitUntilSent(command(1, '').id);
  const queued = submitCommand(bridge.client, command(2, 'discard_tips'), second);
  await waitFor(
    'the second to wait',
    async () => (await bridge.client.request('command.status', { id: command(2, '').id })).phase === 'accepted',
    {},
  );
  second.stopNow();
  first.stopNow();
  expect(await queued).toMatchObject({ status: 'stopped', sends: 0, beganAtMs: null });
  expect((await running).status).toBe('completed');
  // After a stop nothing is begun that the bridge has not seen, and what it has seen is told.
  await expect(submitCommand(bridge.client, command(3, 'discard_tips'), second)).rejects.toMatchObject({ code: 'COMMAND_STOPPED' });
  expect((await bridge.client.request('command.status', { id: command(3, '').id })).phase).toBe('never-seen');
  expect((await submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A2')), first)).status).toBe('completed');
  expect((await submitCommand(bridge.client, command(4, 'discard_tips'), attend())).status).toBe('completed');
  await end(runId);
});

test('a cancel itself stops what it names, and the bridge hears of it also where Postgres is away', async () => {
  const { runId, command } = await start();
  const running = submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('A6')), attend());
  await waitUntilSent(command(1, '').id);
  const queued = submitCommand(bridge.client, command(2, 'discard_tips'), attend());
  await waitFor(
    'the second to wait',
    async () => (await bridge.client.request('command.status', { id: command(2, '').id })).phase === 'accepted',
    {},
  );
  const lost = connectDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test' });
  const cancel = { runId, control: toControl(1, { cancel: true }), stop: [command(1, '').id, command(2, '').id, command(9, '').id] };
  await expect(applyControl({ ...world, db: lost }, cancel, new AbortController().signal)).rejects.toThrow();
  await closeDatabase(lost);
  // Without it the second would be refused at its turn, and not ended.
  expect(await queued).toMatchObject({ status: 'stopped', sends: 0, beganAtMs: null });
  expect((await running).status).toBe('completed');
  await bridge.client.request('run.hold', { runId, rev: FINAL_HOLD_REV, isHeld: false });
  expect((await submitCommand(bridge.client, command(3, 'discard_tips'), attend())).status).toBe('completed');
  await end(runId);
});

test('a block is stopped between two commands, and a stopped one that is sent again begins nothing more', async () => {
  const { runId, command } = await start();
  const block = [
    command(1, 'pick_up_tips', pickUp('A3')),
    command(2, 'discard_tips'),
    command(3, 'pick_up_tips', pickUp('A4')),
    command(4, 'discard_tips'),
  ];
  const attention = attend();
  const running = submitBlock(bridge.client, block, attention);
  await waitUntilSent(command(1, '').id);
  attention.stopNow();
  const { outcomes } = await running;
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'stopped']);
  const again = await submitBlock(bridge.client, block, attention);
  expect(again.outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'stopped']);
  await expect(submitBlock(bridge.client, block.slice(2), attention)).rejects.toMatchObject({ code: 'COMMAND_STOPPED' });
  const rest = await submitBlock(bridge.client, [command(5, 'discard_tips'), ...block.slice(2)], attend());
  expect(rest.outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'completed', 'completed']);
  await end(runId);
});

test('a crash in the middle of a motion: the doubt is asked, a wrong statement changes nothing, a right one frees the machine', async () => {
  const { runId, command } = await start();
  const request = command(1, 'pick_up_tips', pickUp('B1'));
  const running = submitCommand(bridge.client, request, attend());
  await waitUntilSent(request.id);
  await bridge.crash();
  expect(await running).toMatchObject({ status: 'uncertain', error: { code: 'UNCERTAIN' } });
  const { id: commandId, machine, method } = request;
  const subject: UncertainCommand = {
    kind: 'uncertain-command',
    text: 'Was the tip picked up?',
    commandId,
    machine,
    method,
    arguments: request.arguments,
    known: 'sent',
  };
  const item = { itemId: commandId, runId, callPath: 'tipping', workflowId: runId, subject };
  const calls = {
    workflowId: runId,
    entries: [{ n: 1, phase: 'started', path: 'tipping', atMs: Date.now(), name: 'tipping', version: '1', kind: 'run', arguments: {} }],
  } as const;
  for (let i = 0; i < 2; i += 1) await openItem(world, { ...item, calls });
  expect(await getRun(db, runId)).toMatchObject({
    status: 'needs-operator',
    openItems: 1,
    counts: { calls: 1, commands: { uncertain: 1 } },
  });
  expect(await readStarStatus()).toBe('quarantined');
  await closeItem(world, { itemId: 'another', runId, status: 'withdrawn' });

  const given = { itemId: commandId, answer: null, by: 'ada', note: 'I looked.', atMs: Date.now() };
  const resolve = { runId, commandId, machine, given };
  const wrong = { happened: 'partly', then: 'abort', corrections: [{ labware: 'no_plate', item: 'A1', volumeUl: 1 }] } as const;
  await expect(resolveCommand(world, { ...resolve, resolution: wrong })).rejects.toMatchObject({ code: 'BAD_STATEMENT' });
  expect((await getItem(db, commandId))?.status).toBe('open');
  for (let i = 0; i < 2; i += 1) await resolveCommand(world, { ...resolve, resolution: { happened: 'done', then: 'skip' } });
  expect(await getItem(db, commandId)).toMatchObject({ status: 'answered', answeredBy: 'ada', note: 'I looked.' });
  expect(await readStarStatus()).toBe('in-use');
  expect((await getRun(db, runId))?.status).toBe('running');
  expect((await listCommands(db, runId, { limit: 9 })).items).toMatchObject([
    { status: 'resolved', resolution: { happened: 'done', by: 'ada', note: 'I looked.' } },
  ]);
  expect(await bridge.hasTip('tips_1', 'B1')).toBe(false);
  expect((await submitCommand(bridge.client, command(2, 'discard_tips'), attend())).status).toBe('completed');
  await end(runId);
});

test('results are read again: of commands from the journal, of calls from Postgres; what nobody knows is an error', async () => {
  const { runId, command } = await start();
  await submitCommand(bridge.client, command(1, 'pick_up_tips', pickUp('B2')), attend());
  await submitCommand(bridge.client, command(2, 'discard_tips'), attend());
  const big = { ods: Array.from({ length: 500 }, (_, i) => i / 7) };
  await recordCalls(db, runId, {
    workflowId: runId,
    entries: [{ n: 1, phase: 'completed', path: 'tipping/read.1', atMs: Date.now(), result: big }],
  });
  const known = await readResults(world, { runId, commandIds: [command(1, '').id], callPaths: ['tipping/read.1'] });
  expect(known).toEqual({ commands: { [command(1, '').id]: null }, calls: { 'tipping/read.1': big } });
  await expect(readResults(world, { runId, commandIds: [], callPaths: ['tipping/nothing.1'] })).rejects.toMatchObject({ code: 'INTERNAL' });
  await end(runId);
});

test('a run ends as it has ended, whatever the bridge says of what it has used up', async () => {
  const spec = JSON.parse(await readFile(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  const [tips] = spec.labware;
  // The bridge knows no such item and refuses it for good, as it does where the instrument that holds it is gone.
  await applyWorkcell(db, { ...spec, labware: [...spec.labware, { ...tips!, name: 'ghost_tips' }] });
  const definition = (await findDefinition(db, 'tipping'))!;
  const endings = [
    { status: 'completed', result: 7, error: null },
    { status: 'failed', result: null, error: { code: 'MACHINE_ERROR', message: "star can't be reached. · cleanup return failed" } },
  ] as const;
  for (const [k, ending] of endings.entries()) {
    const { run } = await createRun(db, toRequest(definition, { parameters: {}, requestedAssets: { tips: `tips_${k + 1}` } }));
    await finishRun(world, { runId: run.id, ...ending, calls: null, labware: ['ghost_tips'], fence: 1_000 + k, quarantineMachines: [] });
    const { status, result, error } = (await getRun(db, run.id))!;
    expect({ status, result: result ?? null, error: error ?? null }).toMatchObject(ending);
  }
});
