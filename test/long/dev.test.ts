// npm run dev, on protocols in a folder of its own: a changed protocol is taken by the next start, while a run
// under way goes on with the one it was started with; what cannot be read changes nothing.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../domain/json/json.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import type { Run } from '../../domain/runs/run.js';
import { findProjectRoot } from '../../platform/paths.js';
import { clearLabPlace, listProcessesOf, makeLabPlace, readPids, runProgram, type LabPlace, type Program } from '../rig/run-program.js';
import { toCounting, waitFor } from '../rig/start-lab.js';

const TEST_TIMEOUT_MS = 240_000;
/** So slow that a run lasts longer than taking over a change. */
const MOTION_S = 0.2;
const ROUNDS = 50;

const WATCHING = 'Watching the sources';
const toProtocol = (edition: string): string => `
import { labware, machine, param, protocolFunction } from 'praxis/sdk';

export const mix = protocolFunction({
  name: 'mix', version: '1.0.0', isTopLevel: true,
  description: '${edition}',
  parameters: { rounds: param.integer({ min: 1, max: 200, default: ${ROUNDS} }) },
  assets: { lh: machine.liquidHandler(), plate: labware.plate({ wells: 96 }), tips: labware.tipRack(), diluent: labware.trough() },
}, async ({ rounds }, { lh, tips }) => {
  for (let k = 0; k < rounds; k++) {
    await lh.pickUpTips(tips.spots('A1'));
    await lh.dropTips(tips.spots('A1'));
  }
  return '${edition}';
});
`;

let place: LabPlace;
let protocolFile: string;
let sources: string;
let dev: Program;

beforeAll(async () => {
  sources = mkdtempSync(path.join(tmpdir(), 'praxis-sources-'));
  protocolFile = path.join(sources, 'mix.protocol.ts');
  writeFileSync(protocolFile, toProtocol('first'));
  const demo = JSON.parse(readFileSync(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;
  const workcellFile = path.join(sources, 'workcell.json');
  writeFileSync(workcellFile, JSON.stringify(toCounting(demo, { tapeFile: path.join(sources, 'tape.jsonl'), motionS: MOTION_S })));
  place = await makeLabPlace({ PRAXIS_PROTOCOLS: sources, PRAXIS_WORKCELL_FILE: workcellFile });
  dev = runProgram(place, 'tools/dev.mjs');
  await dev.waitForPrint(WATCHING);
}, TEST_TIMEOUT_MS);
afterAll(async () => {
  await clearLabPlace(place, [dev]);
  rmSync(sources, { recursive: true, force: true });
});

async function startRun(parameters: JsonObject = {}): Promise<string> {
  const response = await fetch(`${place.url}/api/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: 'mix', parameters }),
  });
  return ((await response.json()) as Run).id;
}

async function getRun(runId: string): Promise<Run | undefined> {
  const response = await fetch(`${place.url}/api/v1/runs/${runId}`).catch(() => undefined);
  return response?.ok === true ? ((await response.json()) as Run) : undefined;
}

function waitForEnd(runId: string): Promise<Run> {
  return waitFor(`run ${runId} to end`, async () => {
    const run = await getRun(runId);
    return run?.endedAt ? run : undefined;
  });
}

test(
  'a changed protocol is taken by the next start and not by the run under way',
  async () => {
    const first = await startRun();
    await waitFor('the run to move', async () => ((await getRun(first))?.counts.commands.completed ?? 0) > 2);
    const before = readPids(place);
    writeFileSync(protocolFile, toProtocol('second'));
    await dev.waitForPrint('mix.protocol.ts: workers and API run it');
    for (const name of ['workflow-worker', 'workcell-worker', 'api']) expect(readPids(place)[name]).not.toBe(before[name]);
    for (const name of ['bridge', 'temporal', 'postgres']) expect(readPids(place)[name]).toBe(before[name]);
    expect((await getRun(first))?.endedAt).toBeNull();

    const second = await startRun({ rounds: 1 });
    expect(await waitForEnd(first)).toMatchObject({
      status: 'completed',
      result: 'first',
      counts: { commands: { completed: 2 * ROUNDS, failed: 0, uncertain: 0 } },
    });
    expect(await waitForEnd(second)).toMatchObject({ status: 'completed', result: 'second' });
  },
  TEST_TIMEOUT_MS,
);

test(
  'a protocol that cannot be read is shown with its place, and everything runs on',
  async () => {
    const before = readPids(place);
    writeFileSync(protocolFile, toProtocol('third').replace("name: 'mix'", 'name: makeName()'));
    await dev.waitForPrint('mix.protocol.ts: it cannot be published; everything runs on as it was');
    expect(dev.stderr()).toMatch(/mix\.protocol\.ts:\d+/u);
    expect(readPids(place)).toEqual(before);
    expect(await waitForEnd(await startRun({ rounds: 1 }))).toMatchObject({ status: 'completed', result: 'second' });
  },
  TEST_TIMEOUT_MS,
);

test(
  'Ctrl-C ends all in order',
  async () => {
    expect(await dev.interrupt()).toBe(0);
    expect(dev.stdout()).toContain('Stopped. The next start goes on from here.');
    expect(listProcessesOf(place.folder)).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
