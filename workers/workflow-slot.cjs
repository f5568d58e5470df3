// What a slot runs: Temporal's workflow thread as a process of its own, so that code which nothing can stop ends with it
// and takes nothing along. A thread beside watches what one turn uses; who executes the turns lies in workflow-slots.ts.
// CommonJS, because what the SDK finds must be changed before it is loaded.
// Usage: node workflow-slot.cjs <most milliseconds of processor a turn> <most MiB of memory>

'use strict';

require('./without-promise-traces.cjs');
const threads = require('node:worker_threads');

const [turnMsMax, memoryMibMax] = process.argv.slice(2).map(Number);

// Odd while a turn is under way.
const turns = new Int32Array(new SharedArrayBuffer(4));
// Time is what this process used, so that a machine that stands still or does other things condemns nobody. Buffers lie
// outside the heap that V8 limits. A loop within V8 hears of nothing, not even that the parent is gone; signals end it.
const WATCH = `
const { workerData: { turns, turnMsMax, memoryMibMax } } = require('node:worker_threads');
const parent = process.ppid;
let seen = -1;
let used = process.cpuUsage();
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (process.memoryUsage.rss() > memoryMibMax * 2 ** 20) process.kill(process.pid, 'SIGUSR2');
  const turn = Atomics.load(turns, 0);
  if (turn !== seen) {
    seen = turn;
    used = process.cpuUsage();
    return;
  }
  const { user, system } = process.cpuUsage(used);
  if (turn % 2 === 1 && user + system > turnMsMax * 1_000) process.kill(process.pid, 'SIGXCPU');
}, 50);
`;
const watch = new threads.Worker(WATCH, { eval: true, workerData: { turns, turnMsMax, memoryMibMax }, resourceLimits: { maxOldGenerationSizeMb: 16 } });
watch.unref();

// What nobody holds of author code that went on without end is told by the count itself; it must not fail the task.
const on = process.on.bind(process);
process.on = (event, hear) =>
  on(event, event !== 'unhandledRejection' ? hear : (error, promise) => {
    if (error?.isStepTrip !== true) hear(error, promise);
  });

process.once('disconnect', () => process.exit(0));
const { noteTurn } = require('./ready-context.cjs');
threads.isMainThread = false;
threads.parentPort = {
  on: (event, hear) => process.on(event, (message) => {
    Atomics.add(turns, 0, 1);
    noteTurn();
    hear(message);
  }),
  postMessage: (message) => {
    Atomics.add(turns, 0, 1);
    noteTurn();
    process.send(message);
  },
};
require('@temporalio/worker/lib/workflow/workflow-worker-thread');
require('./seal-host.cjs');
