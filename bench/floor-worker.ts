// Process: the bare Temporal workers of the floor. Workflows and activities have a worker each, as ours do.
// Usage: node dist/bench/floor-worker.js <temporal address> <bundle of floor-workflows> [<python> <workcell file>]

import { readFileSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { announceReady } from '../platform/announce-ready.js';
import { createFloorActivities } from './floor-activities.js';
import { startFloorPython } from './floor-python.js';

/** As ours: how fast a cancellation reaches an activity. */
const HEARTBEAT_THROTTLE_MS = 200;

const [address = '', bundleFile = '', python = '', workcellFile = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const floorPython = python === '' ? undefined : startFloorPython(python, workcellFile);
const connection = await NativeConnection.connect({ address });
// One without Python is only timed while it starts, and must not take work from the other.
const prefix = floorPython ? 'floor' : 'floor.idle';
const shared = { connection, namespace: 'praxis' };
const workers = [
  await Worker.create({ ...shared, taskQueue: `${prefix}.workflows`, workflowBundle: { code: readFileSync(bundleFile, 'utf8') } }),
  await Worker.create({
    ...shared,
    taskQueue: `${prefix}.activities`,
    activities: { ...createFloorActivities(floorPython) },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
  }),
];
const running = workers.map((worker) => worker.run());
process.stdin.once('end', () => {
  // Ctrl-C reaches it as well as the bench, and then it is stopping already.
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
});
process.stdin.resume();
announceReady('floor');
await Promise.all(running);
floorPython?.close();
await connection.close();
