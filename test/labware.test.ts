// Untidy labs, as the person at the bench meets them: fresh labware in the place of used, and a run that was
// ended from outside with a tip on and its labware used.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import type { Command } from '../domain/runs/command.js';
import type { Json } from '../domain/json/json.js';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { BridgeClient } from '../workcell/bridge-client.js';
import { connectTemporal } from './rig/connect-temporal.js';
import { runCli } from './rig/run-cli.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

const MOTION_S = 0.02;

let lab: Lab;
let temporal: Client;
let postgres: pg.Client;

beforeAll(async () => {
  lab = await startLab({ motionS: MOTION_S });
  const { databaseUrl } = await lab.record();
  temporal = await connectTemporal(lab);
  postgres = new pg.Client({ connectionString: databaseUrl });
  await postgres.connect();
}, 240_000);
afterAll(async () => {
  await postgres?.end();
  await temporal?.connection.close();
  await lab?.end();
});

const praxis = (...args: string[]) => runCli(lab.env, args);

test('praxis labware replace is refused while a run holds the item, and makes it fresh afterwards', async () => {
  const run = await start();
  await waitForCommands(run.id, 3);
  const held = await praxis('labware', 'replace', 'plate_1');
  expect(held).toMatchObject({ exitCode: 2, stdout: '' });
  expect(held.stderr).toMatch(new RegExp(`^error ASSET_IN_USE name: .*${run.id} \\(serial_dilution\\).*Remedy: .*\\n$`, 'u'));
  expect(await listReplacedByPeople()).toEqual([]);
  expect(await waitForEnd(run.id)).toMatchObject({ status: 'completed', counts: { commands: { completed: 84 } } });

  const replaced = await praxis('labware', 'replace', 'plate_1', '--json');
  expect(replaced).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(replaced.stdout)).toMatchObject({ name: 'plate_1', category: 'plate', status: 'available', heldByRunId: null });
  expect(await praxis('labware', 'replace', 'tips_1')).toMatchObject({ exitCode: 0, stderr: '', stdout: 'tips_1 is fresh.\n' });
  expect(await listReplacedByPeople()).toEqual([['plate_1'], ['tips_1']]);
}, 120_000);

describe('a run terminated in mid-run', () => {
  test('leaves fresh labware and a tip on; after a look, discard_tips clears the way for the next run', async () => {
    const run = await start();
    await waitForCommands(run.id, 3);
    await temporal.workflow.getHandle(run.id).terminate('ended by hand');
    expect(await waitForEnd(run.id)).toMatchObject({ status: 'failed', error: { code: 'RUN_TERMINATED' } });
    const mounted = await readMountedTip();
    // It was terminated after diluent had come into A2, and with the tip of this spot on.
    await waitFor('a fresh plate', async () => (await readState('plate_1_well_A2'))['volumeUl'] === 0);
    expect(await readState(mounted.origin)).toMatchObject({ labware: 'tips_1', tip: expect.anything() as unknown });

    expect(await praxis('machines', 'release', 'star', '--note', 'a tip is on channel 1')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runToEnd('discard_tips')).toMatchObject({ status: 'completed', result: { discarded: true } });
    expect((await readState('star'))['head']).toEqual({});
    expect(await runToEnd('discard_tips')).toMatchObject({ status: 'completed', result: { discarded: false } });
    expect(await runToEnd('serial_dilution')).toMatchObject({
      status: 'completed',
      counts: { commands: { completed: 84, failed: 0, uncertain: 0 } },
    });
  }, 180_000);
});

async function start(): Promise<Run> {
  const { status, body } = await lab.post('/runs', { protocol: 'serial_dilution', parameters: { numDilutions: 8 } });
  if (status !== 201) throw new Error(`The start was refused: ${JSON.stringify(body)}`);
  return body as unknown as Run;
}

/** Through the command, as the remedies say it. */
async function runToEnd(protocol: string): Promise<Run> {
  const { exitCode, stdout, stderr } = await praxis('run', protocol, '--wait', '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Run;
}

function waitForEnd(runId: string): Promise<Run> {
  return waitFor(`run ${runId} to end`, async () => {
    const run = await lab.get<Run>(`/runs/${runId}`);
    return run.endedAt === null ? undefined : run;
  });
}

async function waitForCommands(runId: string, count: number): Promise<void> {
  await waitFor(`${count} commands of run ${runId}`, async () => {
    const { items } = await lab.get<Page<Command>>(`/runs/${runId}/commands?limit=200`);
    return items.filter((command) => command.status === 'completed').length >= count;
  });
}

/** Labware of replacements that no run did. */
async function listReplacedByPeople(): Promise<readonly Json[]> {
  const { rows } = await postgres.query<{ labware: Json }>(
    `select data->'labware' as labware from event_row where type = 'labware.replaced' and run_id is null order by id`,
  );
  return rows.map(({ labware }) => labware);
}

async function readMountedTip(): Promise<{ readonly origin: string }> {
  const tips = Object.values((await readState('star'))['head'] as Readonly<Record<string, { readonly origin: string }>>);
  const [tip] = tips;
  if (tip === undefined || tips.length > 1) throw new Error(`One tip was to be mounted: ${JSON.stringify(tips)}`);
  return tip;
}

async function readState(resource: string): Promise<Readonly<Record<string, Json>>> {
  const bridge = new BridgeClient((await lab.record()).bridgeSocket);
  try {
    const { resources } = await bridge.request('state.read', {});
    return (resources[resource] ?? {}) as Readonly<Record<string, Json>>;
  } finally {
    bridge.close();
  }
}
