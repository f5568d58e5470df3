// SIGKILL to a worker → the next command begins. The floor is what is waited for by configuration: for the workflow worker the
// sticky timeout and the start of a bare worker, for the workcell worker the heartbeat timeout and the retry interval.

import { BridgeClient } from '../workcell/bridge-client.js';
import { waitFor } from '../test/rig/start-lab.js';
import type { Figure, Findings } from './figures.js';
import { measureRatio } from './ratios.js';
import { toMs, type Stage } from './stage.js';

const BLOCKS = 3;
const GOAL_RATIO = 1.5;
/** As in workers/workflow-worker.ts: how long Temporal keeps a task for the worker that had the run in memory. */
const STICKY_TIMEOUT_MS = 1_000;
/** As in workflows/execution/activity-stubs.ts. */
const HEARTBEAT_TIMEOUT_MS = 2_000;
const RETRY_INTERVAL_MS = 100;
/** The run must outlast the crash. */
const STROKES = { slow_pump: 8, quick_pump: 25 } as const;
const BEGIN_WAIT_MS = 20_000;

export async function benchCrash(stage: Stage): Promise<Findings> {
  const figures: Figure[] = [
    await measureRatio(
      {
        name: 'workflow worker killed → next command',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: async () => {
          const startedAtMs = performance.now();
          const worker = await stage.startIdleFloorWorker();
          const startMs = performance.now() - startedAtMs;
          await worker.end();
          return STICKY_TIMEOUT_MS + startMs;
        },
        ours: () => killAndMeasure(stage, 'workflow-worker', 'quick_pump'),
      },
      stage.say,
    ),
    await measureRatio(
      {
        name: 'workcell worker killed → next command',
        goal: GOAL_RATIO,
        blocks: BLOCKS,
        floor: () => Promise.resolve(HEARTBEAT_TIMEOUT_MS + RETRY_INTERVAL_MS),
        ours: () => killAndMeasure(stage, 'workcell-worker', 'slow_pump'),
      },
      stage.say,
    ),
  ];
  return { figures };
}

/** The worker dies while a command runs; no command that it had not sent yet can begin before it is back. */
async function killAndMeasure(stage: Stage, worker: string, pump: keyof typeof STROKES): Promise<number> {
  const bridge = new BridgeClient(stage.record.bridgeSocket);
  try {
    const pidBefore = (await stage.lab.record()).pids[worker];
    const runId = await stage.start('pump_strokes', { parameters: { strokes: STROKES[pump] }, assets: { pump } });
    const findRunning = async (): Promise<string | undefined> =>
      (await bridge.request('hello', {})).runningCommands.find((id) => id.startsWith(runId));
    const first = await waitFor('the first command', findRunning, { timeoutMs: BEGIN_WAIT_MS });
    await waitFor(
      'a later command',
      async () => {
        const running = await findRunning();
        return running !== undefined && running !== first;
      },
      { timeoutMs: BEGIN_WAIT_MS },
    );
    const killedAtMs = Date.now();
    await stage.lab.kill(worker);
    const run = await stage.waitForEnd(runId);
    if (run.status !== 'completed')
      throw new Error(`Run ${runId} ended ${run.status} after the death of ${worker}: ${JSON.stringify(run.error)}`);
    if ((await stage.lab.record()).pids[worker] === pidBefore) throw new Error(`${worker} was not replaced.`);
    const next = (await stage.listCommands(runId)).find((command) => toMs(command.beganAt) > killedAtMs);
    return toMs(next?.beganAt) - killedAtMs;
  } finally {
    bridge.close();
  }
}
