// Protocols of the library as whole runs on a whole lab: every command once and in order, the calls in the record and in
// Temporal, cleanups before the end, and refusals before anything moves.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Call } from '../../domain/runs/call.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Run } from '../../domain/runs/run.js';
import { connectTemporal } from '../rig/connect-temporal.js';
import { countCommands, countTapeLines } from '../rig/count-commands.js';
import {
  listCommands,
  listEvents,
  listHeld,
  readBridgeState,
  runToEnd,
  startRun,
  waitForCommands,
  waitForEnd,
} from '../rig/operate-lab.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

const WHOLE_PLATE = 'A1:H12';
/** Of hello_world: a liquid handler, a rack, a trough, ten plates. */
const HELLO_ASSETS = 13;

let lab: Lab;
let temporal: Client;

beforeAll(async () => {
  lab = await startLab({ motionS: 0.01, protocols: ['test/fixtures/protocols'], keptAsUsed: ['plate_5'] });
  temporal = await connectTemporal(lab);
}, 240_000);
afterAll(async () => {
  await temporal?.connection.close();
  await lab?.end();
});

describe('selective_transfer of a whole plate', () => {
  let runId: string;

  test('gives 384 commands, each once, on the tape in the order of the command list', async () => {
    const before = await countTapeLines(lab.tapeFile);
    const run = await runToEnd(lab, 'selective_transfer', {
      parameters: { sourceWells: WHOLE_PLATE, destWells: WHOLE_PLATE },
      assets: { source: 'source_1' },
    });
    runId = run.id;
    expect(run).toMatchObject({ status: 'completed', counts: { calls: 97, commands: { completed: 384, failed: 0, uncertain: 0 } } });
    expect(await countCommands(lab, runId)).toEqual({
      journalSent: 384,
      journalCompleted: 384,
      journalRepeated: 0,
      postgresCompleted: 384,
      postgresOther: 0,
      tapeLines: before + 384,
    });
    const commands = await listCommands(lab, runId);
    expect(await listTapeOps(before)).toEqual(commands.map(({ method }) => method));
    const expected = Array.from({ length: 96 }, (_, k) =>
      [1, 2, 3, 4].map((n) => `${runId}/selective_transfer/transfer_well.${k + 1}/${n}/0`),
    ).flat();
    expect(commands.map(({ id }) => id)).toEqual(expected);
  }, 300_000);

  test('has 96 calls of kind child in its record', async () => {
    const tree = await lab.get<Call>(`/runs/${runId}/calls`);
    expect(tree).toMatchObject({ path: 'selective_transfer', kind: 'run', status: 'completed', result: { wells: 96, volumeUl: 50 } });
    expect(tree.children.map(({ path }) => path)).toEqual(
      Array.from({ length: 96 }, (_, k) => `selective_transfer/transfer_well.${k + 1}`),
    );
    for (const { kind, status, path, workflowId, startedAt, endedAt } of tree.children) {
      expect({ kind, status, workflowId }).toEqual({ kind: 'child', status: 'completed', workflowId: `${runId}/${path}` });
      expect(Date.parse(endedAt ?? '')).toBeGreaterThan(Date.parse(startedAt));
    }
    expect(tree.children[95]?.arguments).toMatchObject({ from: 'H12', to: 'H12', tip: 'H12', volumeUl: 50 });
  });

  test('has 96 child workflows in Temporal below the run, with ids that name their calls', async () => {
    const ids: string[] = [];
    for await (const { workflowId, parentExecution, type } of temporal.workflow.list({ query: `WorkflowType = 'transfer_well'` })) {
      expect({ parent: parentExecution?.workflowId, type }).toEqual({ parent: runId, type: 'transfer_well' });
      ids.push(workflowId);
    }
    expect(ids.sort()).toEqual(Array.from({ length: 96 }, (_, k) => `${runId}/selective_transfer/transfer_well.${k + 1}`).sort());
    const one = await temporal.workflow.getHandle(`${runId}/selective_transfer/transfer_well.96`).describe();
    expect({ parent: one.parentExecution?.workflowId, status: one.status.name }).toEqual({ parent: runId, status: 'COMPLETED' });
  });
});

describe('hello_world', () => {
  test('draws ten letters with 102 commands', async () => {
    const before = await countTapeLines(lab.tapeFile);
    const run = await runToEnd(lab, 'hello_world');
    expect(run).toMatchObject({
      status: 'completed',
      result: { text: 'HELLO WORLD' },
      counts: { commands: { completed: 102, failed: 0 } },
    });
    expect(await countTapeLines(lab.tapeFile)).toBe(before + 102);
    expect(await listHeld(lab)).toEqual([]);
  });

  test('cancelled in the middle of a letter gives the tips back before it is cancelled, and holds all 13 assets until then', async () => {
    const runId = await startRun(lab, 'hello_world');
    await waitForCommands(lab, runId, 15);
    await lab.post(`/runs/${runId}/cancel`, { reason: 'wrong ink' });
    const held = await waitFor('the run to end, watching what it holds', async () => {
      const names = await listHeld(lab);
      const { status, endedAt } = await lab.get<Run>(`/runs/${runId}`);
      // Read before the status: whoever reads that the run goes on reads that it held everything just before.
      if (endedAt === null) expect(names).toHaveLength(HELLO_ASSETS);
      return endedAt === null ? undefined : status;
    });
    expect(held).toBe('cancelled');
    expect(await listHeld(lab)).toEqual([]);
    const types = (await listEvents(lab, runId)).map(({ type, data }) => ({ type, method: data['method'] }));
    const returned = types.findIndex(({ type, method }) => type === 'command.completed' && method === 'return_tips');
    const asked = types.findIndex(({ type }) => type === 'run.cancelling');
    const ended = types.findIndex(({ type }) => type === 'run.cancelled');
    expect([asked, returned, ended].every((at) => at >= 0)).toBe(true);
    expect(asked).toBeLessThan(returned);
    expect(returned).toBeLessThan(ended);
    expect((await readBridgeState(lab))['star']).toMatchObject({ head: {} });
    expect((await readBridgeState(lab))['tips_1_tipspot_A1']).toMatchObject({ tip: { name: expect.any(String) as unknown } });
  });
});

describe('plate_preparation', () => {
  test('fills a plate with one block of 192 commands', async () => {
    const run = await runToEnd(lab, 'plate_preparation', { assets: { plate: 'plate_3' } });
    expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: 194, failed: 0 } } });
    const history = await temporal.workflow.getHandle(run.id).fetchHistory();
    const scheduled = (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: given }) => given?.activityType?.name ?? []);
    expect(scheduled.filter((name) => name.startsWith('execute'))).toEqual(['executeCommand', 'executeBlock', 'executeCommand']);
  });

  test('cancelled in the middle of the block stops between two commands and discards the tip', async () => {
    const runId = await startRun(lab, 'plate_preparation', { assets: { plate: 'plate_4' } });
    await waitForCommands(lab, runId, 20);
    await lab.post(`/runs/${runId}/cancel`, {});
    const ended = await waitForEnd(lab, runId);
    expect(ended).toMatchObject({ status: 'cancelled', counts: { commands: { failed: 0, uncertain: 0 } } });
    const commands = await listCommands(lab, runId);
    expect(commands.length).toBeLessThan(190);
    expect(commands.at(-1)).toMatchObject({ method: 'discard_tips', status: 'completed' });
    expect(new Set(commands.slice(0, -2).map(({ status }) => status))).toEqual(new Set(['completed']));
    expect(await countCommands(lab, runId)).toMatchObject({ journalRepeated: 0 });
  });
});

describe('serial_dilution_unchecked with twelve dilutions', () => {
  test('fails after 24 commands, discards the full tip, frees its assets and leaves eleven filled wells on record', async () => {
    const before = await readVolumes('plate_5', 12);
    const run = await runToEnd(lab, 'serial_dilution_unchecked', { parameters: { numDilutions: 12 }, assets: { plate: 'plate_5' } });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'LABWARE_NOT_FOUND' }, counts: { commands: { uncertain: 0 } } });
    const commands = await listCommands(lab, run.id);
    expect(commands.slice(0, 24).every(({ status }) => status === 'completed')).toBe(true);
    expect(commands.slice(24).map(({ method, status }) => `${method} ${status}`)).toEqual(['dispense failed', 'discard_tips completed']);
    expect(commands[24]?.error).toMatchObject({ code: 'LABWARE_NOT_FOUND' });
    expect(await listHeld(lab)).toEqual([]);
    const after = await readVolumes('plate_5', 12);
    expect(after.map((volumeUl, k) => volumeUl - (before[k] ?? 0))).toEqual([0, ...Array.from({ length: 11 }, () => 100)]);
    expect((await readBridgeState(lab))['star']).toMatchObject({ head: {} });
  });
});

describe('small ones', () => {
  const cases: readonly [string, string, JsonObject, Readonly<Record<string, string>>, number][] = [
    [
      'simple_transfer of twelve pairs',
      'simple_transfer',
      { sourceWells: 'A1:A12', destWells: 'B1:B12', volumeUl: 20 },
      { source: 'source_1' },
      48,
    ],
    ['wash_tips96', 'wash_tips96', {}, {}, 16],
    ['plate_reader_assay', 'plate_reader_assay', { kind: 'fluorescence', wells: 'A1:B12' }, {}, 1],
  ];
  test.each(cases)('%s', async (_name, protocol, parameters, assets, count) => {
    const run = await runToEnd(lab, protocol, { parameters, assets });
    expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: count, failed: 0 } } });
    expect(await listHeld(lab)).toEqual([]);
  });

  test('kinetic_assay reads at its interval, and its readings are kept', async () => {
    const run = await runToEnd(lab, 'kinetic_assay', { parameters: { interval: '10 s', duration: '1 min' }, timeScale: 40 });
    const { reads, missed } = run.result as { reads: number; missed: number };
    expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: reads + 4 } } });
    expect(reads).toBeGreaterThan(0);
    expect(missed + reads).toBe(6);
    const { items } = await lab.get<{ items: { name: string; commandId?: string }[] }>(`/runs/${run.id}/data?limit=200`);
    const taken = (await listCommands(lab, run.id)).filter(({ method }) => method === 'read_absorbance').map(({ id }) => id);
    expect(items.map(({ commandId }) => commandId)).toEqual(taken);
  });
});

describe('what is refused', () => {
  const bad: readonly [string, string, JsonObject][] = [
    ['lists of unequal length', 'simple_transfer', { sourceWells: 'A1:A3', destWells: 'B1' }],
    ['chosen lists of unequal length', 'selective_transfer', { sourceWells: 'A1:A3', destWells: 'B1:B2' }],
    ['a well that no plate has', 'simple_transfer', { sourceWells: 'A13', destWells: 'B1' }],
    ['no well at all', 'simple_transfer', { sourceWells: 'hello', destWells: 'B1' }],
    ['columns for a pattern without them', 'plate_preparation', { pattern: 'all', columns: [1] }],
  ];
  test.each(bad)('%s: nothing moves', async (_name, protocol, parameters) => {
    const before = await countTapeLines(lab.tapeFile);
    const { status, body } = await lab.post('/runs', { protocol, parameters });
    if (status === 201)
      expect(await waitForEnd(lab, body['id'] as string)).toMatchObject({
        status: 'failed',
        error: { code: 'PARAMETER_RANGE' },
        counts: { commands: { completed: 0, failed: 0 } },
      });
    else
      expect({ status, code: body['code'], field: body['field'] }).toEqual({
        status: 422,
        code: expect.stringMatching(/^PARAMETER_/u),
        field: expect.stringMatching(/^parameters/u),
      });
    expect(await countTapeLines(lab.tapeFile)).toBe(before);
    expect(await listHeld(lab)).toEqual([]);
  });
});

/** What the bridge knows of the first wells of row A. */
async function readVolumes(plate: string, wells: number): Promise<readonly number[]> {
  const state = await readBridgeState(lab);
  return Array.from({ length: wells }, (_, k) => Number(state[`${plate}_well_A${k + 1}`]?.['volumeUl'] ?? 0));
}

async function listTapeOps(from: number): Promise<readonly string[]> {
  const lines = (await readFile(lab.tapeFile, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.slice(from).map((line) => (JSON.parse(line) as { op: string }).op);
}
