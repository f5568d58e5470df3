// The client against the real API, by fetch as a browser would use it.

import { createClient, ProblemError, type Client } from './client.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';

let served: TestApi;
let client: Client;

beforeAll(async () => {
  served = await serveTestApi();
  client = createClient({ url: served.url });
});
afterAll(() => served.stop());

test('an operation fills path, query, headers and body, and gives the answer', async () => {
  const key = { 'idempotency-key': 'once' };
  const run = await client.startRun({ body: { protocol: 'serial_dilution', parameters: { numDilutions: 3 } }, headers: key });
  expect(run).toMatchObject({ protocol: 'serial_dilution', parameters: { numDilutions: 3 } });
  expect((await client.startRun({ body: { protocol: 'serial_dilution', parameters: { numDilutions: 3 } }, headers: key })).id).toBe(run.id);
  expect((await client.getRun({ params: { id: run.id } })).id).toBe(run.id);
  expect((await client.listRuns({ query: { protocol: 'none', status: undefined } })).items).toEqual([]);
  expect((await client.getHealth()).status).toBe('ok');
});

test('a list is read to its end', async () => {
  const { items } = await client.listProtocols({ query: { limit: 200 } });
  expect(await client.readAll('listProtocols', {})).toEqual(items);
});

test('a refusal is the problem document', async () => {
  const refused = client.getInboxItem({ params: { id: 'run/call/q1' } });
  await expect(refused).rejects.toBeInstanceOf(ProblemError);
  await expect(refused).rejects.toMatchObject({ status: 404, problem: { code: 'ITEM_NOT_FOUND' } });
});

test('an address holds what the path and the query are given', () => {
  expect(client.toUrl('getInboxItem', { params: { id: 'a/b c' } })).toBe(`${served.url}/api/v1/inbox/a%2Fb%20c`);
  expect(client.toUrl('streamEvents', { query: { runId: 'r&1', after: 0 } })).toBe(`${served.url}/api/v1/live?runId=r%261&after=0`);
});
