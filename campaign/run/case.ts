// One case: programs under faults, an operator beside them, then quiet, a run that must succeed, and the checker.

import { setTimeout as sleep } from 'node:timers/promises';
import { checkLab, type Found } from '../check/check-lab.js';
import type { Evidence } from '../check/evidence.js';
import { readLab } from '../check/read-lab.js';
import { fieldsOf } from '../check/trails.js';
import { carryOut } from './controls.js';
import type { Fault } from './fault.js';
import { fire, isDeviceFault, keepPlan, listFired, noteFault, planDeviceFault } from './faults.js';
import { followFeed, ask, watchStatuses } from './observer.js';
import { answerItems, discardTips, holdsTips, mendMachines } from './operator.js';
import type { Plan } from './plan.js';
import { CARGO, CARGO_HOME, makeProgram } from './program.js';
import { createRandom, type Random } from './random.js';
import { waitUntil, type Rig } from './rig.js';
import { startRun } from './start-run.js';
import { watchServers } from './watch-servers.js';

/** Runs that take longer than this are stuck. */
const RUN_LIMIT_MS = 180_000;
const HEALTH_LIMIT_MS = 120_000;
const POLL_MS = 250;
/** Runs that are started so that a planned fault of a device is come to. */
const EXTRA_RUNS_MAX = 4;
const ENDED = ['completed', 'failed', 'cancelled'];

export interface CaseResult {
  readonly seed: number;
  readonly fired: Readonly<Record<string, number>>;
  readonly unfired: readonly string[];
  readonly acts: readonly string[];
  readonly statuses: readonly string[];
  readonly found: readonly Found[];
  /** What kept the case from coming to its end. */
  readonly stuck: string | undefined;
  readonly evidence: Evidence | undefined;
  /** Tips hang, or a plate stands, where no run knows of it: the next case is to have a lab of its own. */
  readonly isUntidy: boolean;
}

export async function runCase(rig: Rig, plan: Plan): Promise<CaseResult> {
  const random = createRandom(plan.seed ^ 0x5eed);
  const over = new AbortController();
  const runs: string[] = [];
  keepPlan(rig, plan);
  const watching = Promise.all([
    watchStatuses(rig.api, { runs: () => runs, note: rig.note, signal: over.signal }),
    followFeed(rig.api, { client: `case-${plan.seed}`, note: rig.note, signal: over.signal }),
    answerItems(rig, { random: random.fork(), signal: over.signal }),
    mendMachines(rig, { runs, signal: over.signal }),
    watchServers(rig.home, { note: rig.note, signal: over.signal }),
  ]);
  let stuck: string | undefined;
  let fired = new Map<Fault, boolean>();
  let acts: readonly string[] = [];
  try {
    ({ fired, acts } = await stage(rig, plan, { runs, random }));
    // Whoever tidied up may have started one more.
    await waitForEnds(rig, runs);
  } catch (error) {
    stuck = error instanceof Error ? error.message : String(error);
    noteFault(rig, `stuck: ${stuck}`);
  }
  over.abort();
  await watching;
  const evidence = await readLab(rig.places).catch((error: unknown) => {
    stuck ??= `The records could not be read: ${String(error)}`;
    return undefined;
  });
  return {
    seed: plan.seed,
    fired: count([...fired].filter(([, hasFired]) => hasFired).map(([{ kind }]) => kind)),
    unfired: [...fired].filter(([, hasFired]) => !hasFired).map(([{ kind }]) => kind),
    acts,
    statuses: runs.map((id) => evidence?.database.runs.find((run) => run.id === id)?.status ?? 'unknown'),
    found: evidence ? checkLab(evidence) : [],
    stuck,
    evidence,
    isUntidy: (await holdsTips(rig)) || (await isCargoAway(rig)),
  };
}

interface Stage {
  readonly runs: string[];
  readonly random: Random;
}

async function stage(rig: Rig, plan: Plan, { runs, random }: Stage): Promise<{ fired: Map<Fault, boolean>; acts: readonly string[] }> {
  const beganAtMs = Date.now();
  const planned = new Map<Fault, number>();
  for (const fault of plan.faults.filter(isDeviceFault)) planned.set(fault, await planDeviceFault(rig, fault));
  const starting = Promise.all(
    plan.programs.map(async (program, k) => {
      const runId = await startRun(rig, program, `${plan.seed}-${k}-${beganAtMs}`);
      runs.push(runId);
      return runId;
    }),
  );
  const fired = new Map<Fault, boolean>();
  const firing = plan.faults
    .filter((fault) => !isDeviceFault(fault))
    .map(async (fault) => {
      await sleep(Math.max(0, beganAtMs + fault.atMs - Date.now()));
      noteFault(rig, `fires ${JSON.stringify(fault)}`);
      const hasFired = await fire(rig, fault);
      fired.set(fault, hasFired);
      noteFault(rig, `${fault.kind} ${hasFired ? 'fired' : 'did not fire'}`);
      rig.note({ what: 'fault', kind: fault.kind, target: fault.kind, hasFired });
    });
  const ids = await starting;
  const acts: string[] = [];
  const acting = plan.acts.map(async (act) => {
    await sleep(Math.max(0, beganAtMs + act.atMs - Date.now()));
    const runId = ids[act.program];
    if (runId !== undefined && (await carryOut(rig, act, runId))) acts.push(act.action);
  });
  await Promise.all([...firing, ...acting]);
  await waitForEnds(rig, runs);
  await comeToFaults(rig, [...planned.values()], { runs, random });
  const happened = await listFired(rig);
  for (const [fault, id] of planned) fired.set(fault, happened.has(id));
  await rig.simulator.control('faults.clear');
  await provePeace(rig, { runs, random });
  return { fired, acts };
}

/** A fault of a device that no program has come to is come to by further ones. */
async function comeToFaults(rig: Rig, planned: readonly number[], { runs, random }: Stage): Promise<void> {
  for (let extra = 0; extra < EXTRA_RUNS_MAX; extra++) {
    const happened = await listFired(rig);
    if (planned.every((id) => happened.has(id))) return;
    if (await holdsTips(rig)) await discardTips(rig, runs);
    for (const protocol of ['liquid_program', 'instrument_program'] as const)
      runs.push(await startRun(rig, makeProgram(random, protocol), undefined));
    await waitForEnds(rig, runs);
  }
}

/** The faults are over: the lab is healthy again, and a run succeeds. */
async function provePeace(rig: Rig, { runs, random }: Stage): Promise<void> {
  await waitUntil('the lab to be healthy after its faults', () => rig.isHealthy(), { timeoutMs: HEALTH_LIMIT_MS });
  const runId = await startRun(rig, makeProgram(random, 'instrument_program'), undefined);
  runs.push(runId);
  await waitForEnds(rig, runs);
  const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
  rig.note({ what: 'tail', runId, status: run?.status ?? 'unknown' });
}

async function isCargoAway(rig: Rig): Promise<boolean> {
  const { places } = await rig.simulator.control('physics.read');
  return (fieldsOf(places)[CARGO] ?? CARGO_HOME) !== CARGO_HOME;
}

async function waitForEnds(rig: Rig, runs: readonly string[]): Promise<void> {
  const giveUpAtMs = Date.now() + RUN_LIMIT_MS;
  for (const runId of runs) {
    for (;;) {
      const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
      if (run !== undefined && ENDED.includes(run.status)) break;
      if (Date.now() > giveUpAtMs) throw new Error(`Run ${runId} is stuck: ${JSON.stringify(run ?? 'nobody answers')}`);
      await sleep(POLL_MS);
    }
  }
}

export function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
