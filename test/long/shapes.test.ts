// Shapes of author code that break engines, run for real: parallel branches, caught errors, bugs, failing
// cleanups, work left over, a run that must wait, a run cancelled or ended from outside.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Call } from '../../domain/runs/call.js';
import type { Command } from '../../domain/runs/command.js';
import type { Page } from '../../domain/json/page.js';
import type { Run } from '../../domain/runs/run.js';
import { connectTemporal } from '../rig/connect-temporal.js';
import { countTapeLines } from '../rig/count-commands.js';
import { waitForRunningCommand } from '../rig/kill-processes.js';
import { runCli } from '../rig/run-cli.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

let lab: Lab;
let temporal: Client;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.02, protocols: ['test/fixtures/protocols'] });
  temporal = await connectTemporal(lab);
}, 240_000);
afterAll(async () => {
  await temporal?.connection.close();
  await lab?.end();
});

describe('author code', () => {
  test('parallel branches: every command once, in order within its branch, the clock and chance of the run', async () => {
    const run = await runToEnd('parallel_branches', { strokes: 4 });
    expect(run).toMatchObject({ status: 'completed', result: { hasClockMoved: true }, counts: { commands: { completed: 26 } } });
    const seen = (run.result as { seen: string[] }).seen;
    expect([...seen].sort()).toEqual(['A', 'B', 'C']);
    const tree = await lab.get<Call>(`/runs/${run.id}/calls`);
    expect(tree.children.map((call) => call.path)).toEqual([1, 2, 3].map((k) => `parallel_branches/branch.${k}`));
    const { items } = await lab.get<Page<Command>>(`/runs/${run.id}/commands?limit=200`);
    for (const call of tree.children) {
      const methods = items.filter((command) => command.callPath === call.path).map((command) => command.method);
      expect(methods).toEqual(['aspirate', 'dispense', 'aspirate', 'dispense', 'aspirate', 'dispense', 'aspirate', 'dispense']);
    }
  });

  test('a defined machine error is caught by its code, and trackers stay right', async () => {
    const run = await runToEnd('caught_error');
    expect(run).toMatchObject({
      status: 'completed',
      result: { code: 'TIP_MISSING' },
      counts: { commands: { completed: 2, failed: 1, uncertain: 0 } },
    });
  });

  test('a plain bug ends the run as failed after its cleanups, last in first out', async () => {
    const run = await runToEnd('author_bug');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'PROTOCOL_ERROR', callPath: 'author_bug' } });
    expect(run.error?.message).toContain('TypeError');
    expect(run.error?.at).toMatch(/^shapes\.protocol\.ts:\d+:\d+$/u);
    expect(run.error?.remedy).toBe(`Mend the protocol at ${run.error?.at ?? ''}.`);
    expect(await listMethods(run.id)).toEqual(['pick_up_tips', 'aspirate', 'dispense', 'return_tips']);
  });

  test('a failing cleanup does not stop the others; it is named, and the machine waits for a look', async () => {
    const run = await runToEnd('failing_cleanup');
    expect(run.status).toBe('failed');
    expect(run.error?.message).toMatch(/^given up · Cleanup 'pick up where no tip can be' failed: TIP_/u);
    expect(await listMethods(run.id)).toEqual(['pick_up_tips', 'pick_up_tips', 'return_tips']);
    await expectQuarantined();
  });

  test('a branch left over by a failure ends its command and gives no other', async () => {
    const run = await runToEnd('left_over');
    expect(run).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^TIP_/u) as unknown } });
    const methods = await listMethods(run.id);
    expect(methods.at(-1)).toBe('discard_tips');
    expect(methods.length).toBeLessThanOrEqual(5);
    const tree = await lab.get<Call>(`/runs/${run.id}/calls`);
    expect(tree.children[0]).toMatchObject({ path: 'left_over/branch.1', status: 'cancelled', error: { code: 'CALL_ABANDONED' } });
  });
});

describe('runs that meet', () => {
  test('an asset in use queues the second run, says who holds it, and starts it when it is free', async () => {
    const first = await start('serial_dilution', { numDilutions: 3 });
    const second = await start('serial_dilution', { numDilutions: 1 });
    expect(second).toMatchObject({
      status: 'queued',
      waitingFor: expect.arrayContaining([
        expect.objectContaining({ asset: 'star', heldByRunId: first.id, heldByProtocol: 'serial_dilution', reason: 'held' }),
      ]) as unknown,
    });
    expect(await waitForEnd(first.id)).toMatchObject({ status: 'completed' });
    const ended = await waitForEnd(second.id);
    expect(ended).toMatchObject({ status: 'completed', counts: { commands: { completed: 14 } } });
    expect(ended.waitingFor).toBeUndefined();
  });

  const cancels: readonly [string, (runId: string) => Promise<unknown>][] = [
    ['praxis cancel', (runId) => runCli(lab.env, ['cancel', runId, '--reason', 'wrong plate'])],
    ['a Temporal cancel', (runId) => temporal.workflow.getHandle(runId).cancel()],
  ];
  test.each(cancels)('%s runs the cleanups before the status says cancelled', async (_name, cancel) => {
    const run = await start('long_work');
    await waitForCommands(run.id, 3);
    await cancel(run.id);
    expect(await waitForEnd(run.id)).toMatchObject({ status: 'cancelled', error: { code: 'RUN_CANCELLED' } });
    expect((await listMethods(run.id)).at(-1)).toBe('discard_tips');
    // The workflow closes just after the row of its run.
    await expect(temporal.workflow.getHandle(run.id).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await lab.get<Page<unknown>>('/reservations')).items).toEqual([]);
  });

  test('a run that waits for its assets is cancelled too; an ended one cannot be', async () => {
    const first = await start('serial_dilution', { numDilutions: 8 });
    const second = await start('serial_dilution', { numDilutions: 1 });
    await waitFor('the waiting run to be in Temporal', async () => (await lab.get<Run>(`/runs/${second.id}`)).startedAt !== null);
    expect(await runCli(lab.env, ['cancel', second.id])).toMatchObject({ exitCode: 0 });
    expect(await waitForEnd(second.id)).toMatchObject({ status: 'cancelled', counts: { commands: { completed: 0 } } });
    expect((await lab.post(`/runs/${first.id}/cancel`, { reason: 'enough' })).body).toMatchObject({ status: 'cancelling' });
    expect(await waitForEnd(first.id)).toMatchObject({ status: 'cancelled' });
    expect(await lab.post(`/runs/${first.id}/cancel`, {})).toMatchObject({
      status: 409,
      body: { code: 'RUN_ENDED', remedy: expect.any(String) as unknown },
    });
    expect(await runCli(lab.env, ['cancel', first.id])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('RUN_ENDED') as unknown,
    });
  });

  test('a run terminated in Temporal is closed, its assets released, its machine quarantined', async () => {
    const run = await start('serial_dilution', { numDilutions: 8 });
    await waitForCommands(run.id, 3);
    await temporal.workflow.getHandle(run.id).terminate('ended by hand');
    expect(await waitForEnd(run.id)).toMatchObject({ status: 'failed', error: { code: 'RUN_TERMINATED' } });
    expect((await lab.get<Page<unknown>>('/reservations')).items).toEqual([]);
    const waiting = await start('discard_tips');
    expect(waiting).toMatchObject({ status: 'queued', waitingFor: [expect.objectContaining({ asset: 'star', reason: 'quarantined' })] });
    await expectQuarantined();
    // It was ended with a tip on: the next protocol is the one that clears the channels.
    expect(await waitForEnd(waiting.id)).toMatchObject({ status: 'completed' });
    expect(await runToEnd('serial_dilution', { numDilutions: 1 })).toMatchObject({ status: 'completed' });
  });
});

describe('the bridge killed in mid-command', () => {
  test('the run waits for a person, nothing is repeated; cancelled and released, the machine serves again', async () => {
    const run = await start('serial_dilution', { numDilutions: 8 });
    // A kill between two commands leaves nothing in doubt, and then the next run is tried.
    const held = await killBridgeUntilHeld(run);
    const before = await countTapeLines(lab.tapeFile);
    const { items } = await lab.get<Page<Command>>(`/runs/${held.id}/commands?limit=200`);
    expect(items.filter((command) => command.status === 'uncertain')).toHaveLength(1);
    await runCli(lab.env, ['cancel', held.id]);
    expect(await waitForEnd(held.id)).toMatchObject({ status: 'cancelled', counts: { commands: { uncertain: 1 } } });
    expect(await countTapeLines(lab.tapeFile)).toBe(before);
    await expectQuarantined();
    expect(await runToEnd('discard_tips')).toMatchObject({ status: 'completed' });
    expect(await runToEnd('caught_error')).toMatchObject({ status: 'completed' });
  }, 240_000);
});

async function killBridgeUntilHeld(first: Run): Promise<Run> {
  for (let run = first; ; run = await start('serial_dilution', { numDilutions: 8 })) {
    await waitForCommands(run.id, 3);
    await waitForRunningCommand(lab, run.id, () => Promise.resolve(true));
    await lab.kill('bridge');
    const settled = await waitFor(`run ${run.id} to be held or to end`, async () => {
      const found = await lab.get<Run>(`/runs/${run.id}`);
      return found.status === 'needs-operator' || found.endedAt !== null ? found : undefined;
    });
    if (settled.status === 'needs-operator') return settled;
    expect(settled).toMatchObject({ status: 'completed', counts: { commands: { completed: 84 } } });
  }
}

async function start(protocol: string, parameters: Record<string, number> = {}): Promise<Run> {
  const { status, body } = await lab.post('/runs', { protocol, parameters });
  if (status !== 201) throw new Error(`Start of ${protocol} was refused: ${JSON.stringify(body)}`);
  return body as unknown as Run;
}

function waitForEnd(runId: string): Promise<Run> {
  return waitFor(`run ${runId} to end`, async () => {
    const run = await lab.get<Run>(`/runs/${runId}`);
    return run.endedAt === null ? undefined : run;
  });
}

async function runToEnd(protocol: string, parameters: Record<string, number> = {}): Promise<Run> {
  return waitForEnd((await start(protocol, parameters)).id);
}

async function waitForCommands(runId: string, count: number): Promise<void> {
  await waitFor(`${count} commands of run ${runId}`, async () => {
    const { items } = await lab.get<Page<Command>>(`/runs/${runId}/commands?limit=200`);
    return items.filter((command) => command.status === 'completed').length >= count;
  });
}

async function listMethods(runId: string): Promise<readonly string[]> {
  const { items } = await lab.get<Page<Command>>(`/runs/${runId}/commands?limit=200`);
  return items.map((command) => command.method);
}

/** The machine waits for a person; the test is that person and releases it. */
async function expectQuarantined(): Promise<void> {
  const { items } = await lab.get<Page<{ name: string; status: string }>>('/machines');
  expect(items).toContainEqual(expect.objectContaining({ name: 'star', status: 'quarantined' }));
  const { status } = await lab.post('/machines/star/release', { note: 'looked at it' });
  expect(status).toBe(200);
}
