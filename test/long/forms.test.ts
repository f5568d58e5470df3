// Every form of a protocol function, found by parsing, published, started over HTTP and executed by a real workflow worker.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Call } from '../../domain/runs/call.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Run } from '../../domain/runs/run.js';
import { startLab, waitFor, type Lab } from '../rig/start-lab.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ protocols: ['test/fixtures/forms'] });
}, 240_000);
afterAll(() => lab?.end());

async function runToEnd(protocol: string, parameters: JsonObject = {}): Promise<Run> {
  const { status, body } = await lab.post('/runs', { protocol, parameters });
  expect([status, body]).toEqual([201, body]);
  return waitFor(`the run of ${protocol} to end`, async () => {
    const run = await lab.get<Run>(`/runs/${body['id'] as string}`);
    return run.endedAt === null ? undefined : run;
  });
}

test('a static method calls a function whose parameters come from its signature', async () => {
  const run = await runToEnd('decorated', { pause: '20 s' });
  const path = 'decorated/repeat.1';
  expect(run).toMatchObject({ status: 'completed', parameters: { times: 2, pause: 20_000 } });
  expect(run.result).toEqual({ said: `stroke of star in ${path}, stroke of star in ${path} strokes`, path: 'decorated', pause: 20_000 });
  const tree = await lab.get<Call>(`/runs/${run.id}/calls`);
  expect(tree.children.map((call) => [call.path, call.arguments])).toEqual([[path, { times: 2 }]]);
});

test('a plain function is a protocol by its signature', async () => {
  expect(await runToEnd('plain_function', { greeting: 'good day' })).toMatchObject({
    status: 'completed',
    version: '1.1.0',
    result: 'good day star',
  });
  const refused = await lab.post('/runs', { protocol: 'plain_function', parameters: { greeting: 7 } });
  expect(refused).toMatchObject({ status: 422, body: { code: 'PARAMETER_TYPE', field: 'parameters.greeting' } });
});

test('a calculation takes longer than a workflow may think, and others go on meanwhile', async () => {
  const computing = runToEnd('computing');
  expect(await runToEnd('plain_function')).toMatchObject({ status: 'completed' });
  const run = await computing;
  expect(run).toMatchObject({ status: 'completed', result: { far: 3, near: 4 } });
  const tree = await lab.get<Call>(`/runs/${run.id}/calls`);
  expect(tree.children.map(({ name, kind }) => [name, kind])).toEqual([
    ['compute_long', 'activity'],
    ['compute_long', 'inline'],
  ]);
});

test('an error of a calculation is an error of its call', async () => {
  const run = await runToEnd('computing', { values: [], forMs: 0 });
  expect(run).toMatchObject({
    status: 'failed',
    error: { code: 'PROTOCOL_ERROR', message: expect.stringContaining('nothing to compute') as unknown },
  });
});
