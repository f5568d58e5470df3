// Values of any size through the engine on a real Temporal: what is large arrives whole, and what is too large is refused by
// name, with limit, size and remedy.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEngine, type EngineRig } from './rig/start-engine.js';

/** No message that the engine sends to Temporal or over the wire of the bridge comes near their limits. */
const CALL_LOG_LIMIT_BYTES = 256 * 1024;

let rig: EngineRig;

beforeAll(async () => {
  rig = await startEngine({
    entry: (root) => [
      `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
      `import * as sizes from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'engine', 'sizes.protocol.ts'))};`,
      'export default createRunWorkflow([sizes]);',
    ],
  });
}, 240_000);
afterAll(() => rig?.end());

const countCommands = (runId: string): number => rig.asked.commands.filter((command) => command.runId === runId).length;

/** The largest payload in any event of a workflow's executions. */
async function measureHistory(runId: string): Promise<number> {
  const { events } = await rig.client.workflow.getHandle(runId).fetchHistory();
  return Math.max(...(events ?? []).map((event) => JSON.stringify(event).length));
}

describe('large values', () => {
  test('a result of 2.2 MB arrives whole', async () => {
    const runId = await rig.start('large_result', { bytes: 2_200_000 });
    expect(await rig.result(runId)).toBe('x'.repeat(2_200_000));
    expect(rig.asked.finished.find((each) => each.runId === runId)).toMatchObject({ status: 'completed' });
    expect(await measureHistory(runId)).toBeLessThan(CALL_LOG_LIMIT_BYTES);
  });

  test('96 children of a caller with 60 kB of state', async () => {
    const runId = await rig.start('large_state', { count: 96, bytes: 60_000 });
    expect(await rig.result(runId)).toBe(96);
    expect(countCommands(runId)).toBe(96);
  });
});
