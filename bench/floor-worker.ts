// Process: the bare Temporal workers of the floor. Workflows and activities have a worker each, as ours do.
// Usage: node dist/bench/floor-worker.js <temporal address> <python> <workcell file>

import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { announceReady } from '../platform/announce-ready.js';
import { findProjectRoot } from '../platform/paths.js';
import { createFloorActivities } from './floor-activities.js';

const [address = '', program = '', workcellFile = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const root = findProjectRoot();
const { close, ...activities } = createFloorActivities({
  program,
  args: [path.join(root, 'bench', 'floor_pylabrobot.py'), workcellFile],
  env: { ...process.env, PYTHONPATH: path.join(root, 'bridge') },
});
const connection = await NativeConnection.connect({ address });
const shared = { connection, namespace: 'praxis' };
const workers = [
  await Worker.create({ ...shared, taskQueue: 'floor.workflows', workflowsPath: path.join(root, 'bench', 'floor-workflows.ts') }),
  await Worker.create({ ...shared, taskQueue: 'floor.activities', activities }),
];
const running = workers.map((worker) => worker.run());
process.stdin.once('end', () => { for (const worker of workers) worker.shutdown(); });
process.stdin.resume();
announceReady('floor');
await Promise.all(running);
close();
await connection.close();
