// Run control on a whole lab whose processes die meanwhile: what a pause has acknowledged holds, what was asked for happens
// after all, a start counts once, and a run that was ended from outside leaves nothing behind.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import type { Call } from '../domain/runs/call.js';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { signalProcess } from '../local/process-identity.js';
import { connectTemporal } from './rig/connect-temporal.js';
import { countTapeLines } from './rig/count-commands.js';
import { waitForPhase, withoutProcess } from './rig/kill-processes.js';
import {
  listCommands,
  listEvents,
  listItems,
  readMachineStatus,
  runToEnd,
  startRun,
  waitForEnd,
  waitForRun,
  waitForStatus,
} from './rig/operate-lab.js';
import { startLab, wait, waitFor, type Lab } from './rig/start-lab.js';

const MOTION_S = 0.1;
const TEST_LIMIT_MS = 240_000;
/** How long a run that must not go on is watched. */
const STILL_MS = 1_500;

let lab: Lab;
let temporal: Client;

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S, protocols: ['test/fixtures/doubt'] });
  temporal = await connectTemporal(lab);
}, TEST_LIMIT_MS);
afterAll(async () => {
  await temporal?.connection.close();
  await lab?.end();
});

describe('pause, resume and cancel while a process is dead', () => {
  test(
    'a command that was scheduled before the pause does not begin after its acknowledgement',
    async () => {
      const runId = await startRun(lab, 'rest_between', { parameters: { times: 2, rest: '2 s' } });
      await waitForPhase(lab, `${runId}/rest_between/1/0`, 'ended');
      await withoutProcess(lab, 'workcell-worker', async () => {
        await waitFor('the next command to wait for a worker', () => isCommandScheduled(runId));
        expect((await lab.post(`/runs/${runId}/pause`, {})).status).toBe(202);
        await wait(STILL_MS);
        // The acknowledgement is the bridge's; nobody has asked it yet.
        expect((await lab.get<Run>(`/runs/${runId}`)).status).not.toBe('paused');
      });
      await waitForStatus(lab, runId, 'paused');
      const acts = await countTapeLines(lab.tapeFile);
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      const resumedAtMs = Date.now();
      expect((await lab.post(`/runs/${runId}/resume`, {})).status).toBe(202);
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 6, failed: 0, uncertain: 0 } },
      });
      const pausedAt = (await listEvents(lab, runId)).find(({ type }) => type === 'run.paused')?.at ?? '';
      const actsMs = await readActTimesMs();
      expect(actsMs.filter((atMs) => atMs > Date.parse(pausedAt) && atMs < resumedAtMs)).toEqual([]);
      expect(actsMs.filter((atMs) => atMs > resumedAtMs).length).toBeGreaterThan(0);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a paused run whose workflow worker dies stays paused, and completes when it is resumed',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 2 } });
      await waitFor('the run to be under way', async () => (await countTapeLines(lab.tapeFile)) - before > 3);
      await lab.post(`/runs/${runId}/pause`, {});
      await waitForStatus(lab, runId, 'paused');
      const acts = await countTapeLines(lab.tapeFile);
      const pid = (await lab.record()).pids['workflow-worker'];
      await lab.kill('workflow-worker');
      await waitFor('another workflow worker', async () => ![undefined, pid].includes((await lab.record()).pids['workflow-worker']));
      await wait(STILL_MS);
      expect(await countTapeLines(lab.tapeFile)).toBe(acts);
      expect(await lab.get<Run>(`/runs/${runId}`)).toMatchObject({ status: 'paused', pauseReasons: ['operator'] });
      await lab.post(`/runs/${runId}/resume`, {});
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 24, uncertain: 0 } } });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(24);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run resumed while its workflow worker is dead goes on when there is one again',
    async () => {
      const runId = await startRun(lab, 'rest_between', { parameters: { times: 1, rest: '1 s' } });
      await waitForPhase(lab, `${runId}/rest_between/1/0`, 'ended');
      await lab.post(`/runs/${runId}/pause`, {});
      await waitForStatus(lab, runId, 'paused');
      await withoutProcess(lab, 'workflow-worker', async () => {
        await waitFor('the worker to be down', async () => (await lab.record()).pids['workflow-worker'] === undefined);
        expect((await lab.post(`/runs/${runId}/resume`, {})).status).toBe(202);
      });
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'completed', counts: { commands: { completed: 4, uncertain: 0 } } });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run cancelled while the workcell worker is dead is cancelled after its cleanups',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const runId = await startRun(lab, 'serial_dilution', { parameters: { numDilutions: 4 } });
      await waitFor('the run to be under way', async () => (await countTapeLines(lab.tapeFile)) - before > 3);
      await withoutProcess(lab, 'workcell-worker', async () => {
        await waitFor('the worker to be down', async () => (await lab.record()).pids['workcell-worker'] === undefined);
        expect((await lab.post(`/runs/${runId}/cancel`, { reason: 'wrong plate' })).body).toMatchObject({ status: 'cancelling' });
      });
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'cancelled',
        error: { code: 'RUN_CANCELLED' },
        counts: { commands: { uncertain: 0 } },
      });
      const commands = await listCommands(lab, runId);
      expect(commands.at(-1)).toMatchObject({ method: 'discard_tips', status: 'completed' });
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(commands.filter(({ beganAt }) => beganAt !== null).length);
      expect((await lab.get<Page<unknown>>('/reservations')).items).toEqual([]);
      // The workflow closes just after the row of its run.
      await expect(temporal.workflow.getHandle(runId).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    },
    TEST_LIMIT_MS,
  );
});

describe('a start whose API dies', () => {
  test(
    'between the row and Temporal is one run, for the row, for the key and in Temporal',
    async () => {
      const before = await countTapeLines(lab.tapeFile);
      const { temporal: temporalPid, api } = (await lab.record()).pids;
      // A server that answers nobody: the row is committed, the start of the workflow hangs.
      signalProcess(temporalPid ?? -1, 'SIGSTOP');
      const wish = { protocol: 'serial_dilution', parameters: { numDilutions: 1 } };
      const { status, body } = await lab.post('/runs', wish, { 'idempotency-key': 'start-once' });
      expect(status).toBe(201);
      await lab.kill('api');
      signalProcess(temporalPid ?? -1, 'SIGKILL');
      const runId = body['id'] as string;
      expect(await waitForEnd(lab, runId)).toMatchObject({
        status: 'completed',
        counts: { commands: { completed: 14, failed: 0, uncertain: 0 } },
      });
      const { pids } = await lab.record();
      expect([pids['temporal'], pids['api']]).not.toEqual([temporalPid, api]);
      expect(await lab.post('/runs', wish, { 'idempotency-key': 'start-once' })).toMatchObject({ status: 200, body: { id: runId } });
      expect(await countExecutions(runId)).toBe(1);
      expect((await countTapeLines(lab.tapeFile)) - before).toBe(14);
    },
    TEST_LIMIT_MS,
  );
});

describe('a run that is terminated in Temporal with an open child and an open question', () => {
  test(
    'is closed within seconds and leaves nothing open',
    async () => {
      const runId = await startRun(lab, 'ask_in_child');
      await waitForRun(lab, runId, 'to ask', ({ openItems }) => openItems === 1);
      const childId = `${runId}/ask_in_child/ask_with_tip.1`;
      expect((await temporal.workflow.getHandle(childId).describe()).status.name).toBe('RUNNING');
      await temporal.workflow.getHandle(runId).terminate('ended by hand');
      expect(await waitForEnd(lab, runId, 30_000)).toMatchObject({ status: 'failed', error: { code: 'RUN_TERMINATED' }, openItems: 0 });
      expect((await lab.get<Page<unknown>>('/reservations')).items).toEqual([]);
      expect(await readMachineStatus(lab, 'star')).toBe('quarantined');
      expect((await listItems(lab, runId)).map(({ status }) => status)).toEqual(['withdrawn']);
      const tree = await lab.get<Call>(`/runs/${runId}/calls`);
      expect([tree, ...tree.children].map(({ path, status }) => [path, status])).toEqual([
        ['ask_in_child', 'cancelled'],
        ['ask_in_child/ask_with_tip.1', 'cancelled'],
      ]);
      await waitFor(
        'the child to be ended too',
        async () => (await temporal.workflow.getHandle(childId).describe()).status.name === 'TERMINATED',
      );
      const item = (await listItems(lab, runId))[0];
      expect(await lab.post(`/inbox/${encodeURIComponent(item?.id ?? '')}/answer`, { answer: true })).toMatchObject({
        status: 409,
        body: { code: 'ITEM_WITHDRAWN' },
      });
      expect((await lab.post('/machines/star/release', { note: 'a tip is on' })).status).toBe(200);
      expect(await runToEnd(lab, 'discard_tips')).toMatchObject({ status: 'completed' });
    },
    TEST_LIMIT_MS,
  );
});

/** The command is in Temporal's queue and nobody has taken it. */
async function isCommandScheduled(runId: string): Promise<boolean> {
  const { raw } = await temporal.workflow.getHandle(runId).describe();
  const isDown = (await lab.record()).pids['workcell-worker'] === undefined;
  return (
    isDown &&
    (raw.pendingActivities ?? []).some(({ activityType, lastStartedTime }) => activityType?.name === 'executeCommand' && !lastStartedTime)
  );
}

async function countExecutions(workflowId: string): Promise<number> {
  let executions = 0;
  for await (const _execution of temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) executions += 1;
  return executions;
}

async function readActTimesMs(): Promise<readonly number[]> {
  const lines = (await readFile(lab.tapeFile, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { at: number }).at * 1_000);
}
