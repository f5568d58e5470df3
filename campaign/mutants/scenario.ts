// The stage on which a mutant is provoked: programs are started, faults fired, moments waited for, while somebody outside
// watches and an honest operator answers. Then all records are read and judged.

import { setTimeout as sleep } from 'node:timers/promises';
import { checkLab, type Found } from '../check/check-lab.js';
import type { TapeLine } from '../check/evidence.js';
import { readLab, readLines } from '../check/read-lab.js';
import { carryOut } from '../run/controls.js';
import { followFeed, ask, watchStatuses } from '../run/observer.js';
import { answerItems, mendMachines } from '../run/operator.js';
import type { Act } from '../run/plan.js';
import type { Program, Step } from '../run/program.js';
import { createRandom } from '../run/random.js';
import { waitUntil, type Rig } from '../run/rig.js';
import { startRun } from '../run/start-run.js';

const POLL_MS = 50;
const MOMENT_LIMIT_MS = 40_000;
/** A journal of commands that ended last is shipped. */
const SETTLE_MS = 1_000;
const ENDED = ['completed', 'failed', 'cancelled'];

export interface Stage {
  readonly rig: Rig;
  /** Starts a program with the tip, or of the small instruments, and returns its run. */
  readonly start: (protocol: Program['protocol'], steps: readonly Step[]) => Promise<string>;
  /** The first such operation from now on goes wrong. */
  readonly planFault: (fault: {
    readonly device: string;
    readonly op: string;
    readonly mode: string;
    readonly delayMs?: number;
  }) => Promise<void>;
  /** Until the run has moved a device in this way. */
  readonly waitForAct: (runId: string, op: string) => Promise<void>;
  readonly waitForStatus: (runId: string, statuses: readonly string[]) => Promise<void>;
  readonly waitForEnd: (runId: string) => Promise<void>;
  /** Pauses, and resumes after a while; or cancels. True where it was acknowledged. */
  readonly control: (action: Act['action'], runId: string, holdMs?: number) => Promise<boolean>;
}
export type Scenario = (stage: Stage) => Promise<void>;

export interface Judged {
  readonly found: readonly Found[];
  /** Runs that had not ended in time, and moments that did not come; a mutant may well do that. */
  readonly stuck: string | undefined;
}

export async function playScenario(
  rig: Rig,
  scenario: Scenario,
  { name, endLimitMs }: { name: string; endLimitMs: number },
): Promise<Judged> {
  const over = new AbortController();
  const runs: string[] = [];
  const random = createRandom(name.length);
  const { signal } = over;
  const watching = Promise.all([
    watchStatuses(rig.api, { runs: () => runs, note: rig.note, signal }),
    followFeed(rig.api, { client: name, note: rig.note, signal }),
    answerItems(rig, { random: random.fork(), signal }),
    mendMachines(rig, { runs, signal }),
  ]);
  let stuck: string | undefined;
  try {
    await scenario(createStage(rig, runs));
    await waitUntil('the runs to end', async () => (await Promise.all(runs.map((runId) => isIn(rig, runId, ENDED)))).every(Boolean), {
      timeoutMs: endLimitMs,
    });
    await sleep(SETTLE_MS);
  } catch (error) {
    stuck = error instanceof Error ? error.message : String(error);
  }
  over.abort();
  await watching;
  await rig.simulator.control('faults.clear');
  return { found: checkLab(await readLab(rig.places)), stuck };
}

function createStage(rig: Rig, runs: string[]): Stage {
  const waitForStatus: Stage['waitForStatus'] = (runId, statuses) =>
    waitUntil(`run ${runId} to be ${statuses.join(' or ')}`, () => isIn(rig, runId, statuses), { timeoutMs: MOMENT_LIMIT_MS });
  return {
    rig,
    start: async (protocol, steps) => {
      const runId = await startRun(rig, { protocol, steps, commands: steps.length }, undefined);
      runs.push(runId);
      return runId;
    },
    planFault: async (fault) => {
      await rig.simulator.control('faults.add', { fault: { ...fault, nth: 1, times: 1 } });
    },
    waitForAct: (runId, op) =>
      waitUntil(
        `${op} of run ${runId}`,
        () => readLines<TapeLine>(rig.places.tapeFile).some((line) => line.op === op && line.commandId?.startsWith(`${runId}/`) === true),
        { timeoutMs: MOMENT_LIMIT_MS },
      ),
    waitForStatus,
    waitForEnd: (runId) => waitForStatus(runId, ENDED),
    control: (action, runId, holdMs = 0) => carryOut(rig, { action, atMs: 0, program: 0, holdMs }, runId),
  };
}

async function isIn(rig: Rig, runId: string, statuses: readonly string[]): Promise<boolean> {
  const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
  await sleep(POLL_MS);
  return run !== undefined && statuses.includes(run.status);
}
