// What a slot runs: Temporal's workflow thread as a process of its own, so that code which nothing can stop ends with it
// and takes nothing along. A thread beside watches what one turn uses; who executes the turns lies in workflow-slots.ts.
// CommonJS, because what the SDK finds must be changed before it is loaded.
// Usage: node workflow-slot.cjs <most milliseconds of processor a turn> <most MiB of memory>

'use strict';

require('./without-promise-traces.cjs');
const threads = require('node:worker_threads');

const [turnMsMax, memoryMibMax] = process.argv.slice(2).map(Number);

// First: odd while a turn is under way. Then which turn is condemned, and why, as an index into the signals.
const turns = new Int32Array(new SharedArrayBuffer(12));
const SIGNALS = ['SIGXCPU', 'SIGUSR2'];

// Time is what this process used, so that a machine that stands still or does other things condemns nobody. Buffers lie
// outside the heap that V8 limits. A loop within V8 hears of nothing, not even that the parent is gone; signals end it.
// The parent takes the answer of a turn for its end, so a turn that is condemned gives none: either the watch sees that it
// still runs, or the turn sees that it is condemned, or both.
const WATCH = `
const { workerData: { turns, turnMsMax, memoryMibMax, signals } } = require('node:worker_threads');
const parent = process.ppid;
let seen = -1;
let used = process.cpuUsage();
const condemn = (turn, why) => {
  Atomics.store(turns, 2, why);
  Atomics.store(turns, 1, turn);
  if (Atomics.load(turns, 0) === turn) process.kill(process.pid, signals[why]);
};
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  const turn = Atomics.load(turns, 0);
  if (process.memoryUsage.rss() > memoryMibMax * 2 ** 20) {
    if (turn % 2 === 1) condemn(turn, 1);
    else process.kill(process.pid, 'SIGTERM');
  }
  if (turn !== seen) {
    seen = turn;
    used = process.cpuUsage();
    return;
  }
  const { user, system } = process.cpuUsage(used);
  if (turn % 2 === 1 && user + system > turnMsMax * 1_000) condemn(turn, 0);
}, 50);
`;
const watch = new threads.Worker(WATCH, {
  eval: true,
  workerData: { turns, turnMsMax, memoryMibMax, signals: SIGNALS },
  resourceLimits: { maxOldGenerationSizeMb: 16 },
});
watch.unref();

// What nobody holds of author code that went on without end is told by the count itself; it must not fail the task.
const on = process.on.bind(process);
process.on = (event, hear) =>
  on(
    event,
    event !== 'unhandledRejection'
      ? hear
      : (error, promise) => {
          if (error?.isStepTrip !== true) hear(error, promise);
        },
  );

/** Why the turn that ends here must not be answered, if it must not. What it has left in memory is found here, not in the next. */
function endTurn() {
  if (process.memoryUsage.rss() > memoryMibMax * 2 ** 20) return 1;
  const turn = Atomics.add(turns, 0, 1);
  return Atomics.load(turns, 1) === turn ? Atomics.load(turns, 2) : undefined;
}

process.once('disconnect', () => process.exit(0));
const { noteTurn } = require('./ready-context.cjs');
threads.isMainThread = false;
threads.parentPort = {
  on: (event, hear) =>
    process.on(event, (message) => {
      Atomics.add(turns, 0, 1);
      noteTurn();
      hear(message);
    }),
  postMessage: (message) => {
    const why = endTurn();
    if (why !== undefined) {
      process.kill(process.pid, SIGNALS[why]);
      return;
    }
    noteTurn();
    process.send(message);
  },
};
require('@temporalio/worker/lib/workflow/workflow-worker-thread');
require('./seal-host.cjs');
