// Every protocol of the library as a person starts it, by name alone, on the demonstration workcell: real Temporal,
// Postgres and PyLabRobot. Nobody names an item or a parameter, and it works.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Call } from '../../domain/runs/call.js';
import type { InboxItem } from '../../domain/inbox/inbox.js';
import type { Page } from '../../domain/json/page.js';
import { isEndedRunStatus, type Run } from '../../domain/runs/run.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
}, 240_000);
afterAll(() => lab?.end());

async function start(body: object): Promise<string> {
  const { status, body: run } = await lab.post('/runs', body);
  if (status >= 300) throw new Error(`The start was answered with ${status}: ${JSON.stringify(run)}`);
  return run['id'] as string;
}

function waitForEnd(id: string): Promise<Run> {
  const look = async (): Promise<Run | false> => {
    const run = await lab.get<Run>(`/runs/${id}`);
    return isEndedRunStatus(run.status) ? run : false;
  };
  return waitFor(`run ${id} to end`, look, { timeoutMs: 100_000 });
}

async function answer(id: string, given: boolean): Promise<void> {
  const find = async (): Promise<InboxItem | undefined> =>
    (await lab.get<Page<InboxItem>>('/inbox?status=open')).items.find(({ runId }) => runId === id);
  const item = await waitFor('the question', find);
  expect((await lab.post(`/inbox/${encodeURIComponent(item.id)}/answer`, { answer: given })).status).toBe(200);
}

function summarise({ status, error, counts }: Run): object {
  return { status, code: error?.code ?? null, ...counts.commands };
}

const done = (completed: number): object => ({ status: 'completed', code: null, completed, failed: 0, uncertain: 0 });

test.each([
  ['simple_transfer', 4],
  ['selective_transfer', 16],
  ['serial_dilution', 84],
  ['plate_preparation', 194],
  ['hello_world', 102],
  ['wash_tips96', 16],
  ['plate_reader_assay', 1],
  ['read_plate', 8],
])('%s completes with %i commands', async (protocol, commands) => {
  expect(summarise(await waitForEnd(await start({ protocol })))).toEqual(done(commands));
});

test('a kinetic assay reads at its interval and computes growth outside the workflow', async () => {
  const parameters = { interval: '30 min', duration: '10 h' };
  const id = await start({ protocol: 'kinetic_assay', parameters, timeScale: 2_000 });
  const run = await waitForEnd(id);
  const result = run.result as { readonly reads: number; readonly missed: number };
  // Under load a turn may be missed; none is read twice, and none is lost without being told.
  expect(result.reads + result.missed).toBe(20);
  expect(summarise(run)).toEqual(done(result.reads + 4));
  const { children } = await lab.get<Call>(`/runs/${id}/calls`);
  expect(children.map(({ name, kind, status }) => [name, kind, status])).toEqual([['fit_growth', 'activity', 'completed']]);
});

test.each([
  ['yes carries the plan out', true, 202],
  ['no completes with the plan and moves nothing', false, 0],
])('antigen_dilution_series: %s', async (_name, given, commands) => {
  const id = await start({ protocol: 'antigen_dilution_series' });
  await answer(id, given);
  const run = await waitForEnd(id);
  expect(summarise(run)).toEqual(done(commands));
  expect(run.result).toMatchObject({ done: given, plan: { samples: [{ id: 'S1' }, { id: 'S2' }, { id: 'S3' }] } });
});
