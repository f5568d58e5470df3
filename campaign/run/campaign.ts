// `npm run campaign -- --minutes 10 --seed N [--cases K] [--faults kind,kind] [--engine FOLDER]`: cases from neighbouring seeds
// until the time is over, every kind of fault in turn. Prints what fired and what was violated; one line of the results file
// tells of each campaign. `--replay SEED` runs one case again. Exits with 1 where anything was violated or did not fire.

import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';
import type { Found } from '../check/check-lab.js';
import { describeFindings } from '../check/report.js';
import { count, runCase, type CaseResult } from './case.js';
import { CLOCK_STEP, DISK_FULL, FAULT_KINDS, losesJournal, needsFalseClock } from './faults.js';
import { drawHistoryBudget, makePlan, separate, type Plan } from './plan.js';
import { createRandom } from './random.js';
import { readOptions } from './read-options.js';
import { startRig, type Rig } from './rig.js';

const RESULTS_FILE = path.join(findProjectRoot(), 'campaign', 'results.jsonl');
/** The records of a lab are judged whole after each case, so a lab serves a few cases only. */
const CASES_PER_LAB = 6;
const FAULTS_PER_CASE = 4;

const USAGE = `npm run campaign -- [--minutes 10] [--cases N] [--seed N] [--replay SEED --faults a,b] [--engine FOLDER] [--results FILE] [--keep]
  --minutes  begins no case after so many; 10 where left out
  --cases    at most so many cases
  --seed     of the first case; another one each time where left out
  --replay   one case again, by its seed, with the kinds of faults that --faults names
  --engine   takes the lab from another built copy
  --results  the file that gets a line; campaign/results.jsonl where left out
  --keep     keeps the records of the lab`;
const values = readOptions(
  {
    ...{ minutes: { type: 'string' }, seed: { type: 'string' }, cases: { type: 'string' }, faults: { type: 'string' } },
    ...{ engine: { type: 'string' }, replay: { type: 'string' }, results: { type: 'string' }, keep: { type: 'boolean' } },
  },
  USAGE,
);
process.exitCode = (await main()) ? 0 : 1;

interface Tally {
  readonly results: CaseResult[];
  readonly found: Found[];
  readonly seen: Set<string>;
}

async function main(): Promise<boolean> {
  const seed = Number(values.replay ?? values.seed ?? Date.now() % 1_000_000);
  const untilMs = Date.now() + Number(values.minutes ?? 10) * 60_000;
  const casesMax = values.replay === undefined ? Number(values.cases ?? Infinity) : 1;
  const tally: Tally = { results: [], found: [], seen: new Set() };
  const kinds = createBag(seed);
  say(
    `Campaign of seed ${seed}, at most ${values.cases ?? '∞'} cases, ${values.minutes ?? 10} minutes. Kinds of faults: ${FAULT_KINDS.length}.${FAULT_KINDS.includes(CLOCK_STEP) ? '' : ' Not available here: a clock that steps, which needs faketime.'}${FAULT_KINDS.includes(DISK_FULL) ? '' : ' Not available here: disk-full, which needs the right to mount.'}`,
  );
  let rig: Rig | undefined;
  let casesOfLab = 0;
  process.once('SIGTERM', () => void endEarly(rig));
  process.once('SIGINT', () => void endEarly(rig));
  for (let k = 0; k < casesMax && (k === 0 || Date.now() < untilMs); k++) {
    const plan = makePlan(seed + k, values.replay === undefined ? kinds() : (values.faults?.split(',') ?? []));
    const has = (isWanted: (kind: string) => boolean): boolean => plan.faults.some(({ kind }) => isWanted(kind));
    const [hasFalseClock, hasSmallDisk, hasNoJournal] = [has(needsFalseClock), has((kind) => kind === DISK_FULL), has(losesJournal)];
    if (rig && ((hasFalseClock && !rig.setClock) || (hasSmallDisk && !rig.disk) || hasNoJournal)) {
      await rig.end();
      rig = undefined;
      casesOfLab = 0;
    }
    rig ??= await startRig({
      hasFalseClock,
      hasSmallDisk,
      historyBudgetEvents: drawHistoryBudget(seed + k - ((seed + k) % CASES_PER_LAB)),
      ...(values.engine === undefined ? {} : { engine: path.resolve(values.engine) }),
    });
    casesOfLab += 1;
    const result = await runCase(rig, plan);
    const isClean = tell(result, plan, tally);
    if (!isClean || result.isUntidy || hasNoJournal || casesOfLab === CASES_PER_LAB) {
      if (!isClean && result.evidence) writeFileSync(path.join(rig.home, 'evidence.json'), JSON.stringify(result.evidence));
      if (!isClean) say(`  Its records are kept in ${rig.home}.`);
      await rig.end({ keep: !isClean || values.keep === true });
      rig = undefined;
      casesOfLab = 0;
    }
  }
  await rig?.end({ keep: values.keep === true });
  return conclude(seed, tally);
}

/** Nothing of a lab outlives who started it. */
async function endEarly(rig: Rig | undefined): Promise<void> {
  await rig?.end();
  process.exit(130);
}

/** Every kind comes before any comes again; at most four for each case. */
function createBag(seed: number): () => readonly string[] {
  const random = createRandom(seed);
  const wanted = values.faults?.split(',') ?? FAULT_KINDS;
  let bag: string[] = [];
  return () => {
    const take = random.integer(Math.min(2, wanted.length), Math.min(FAULTS_PER_CASE, wanted.length));
    while (bag.length < take) bag = [...bag, ...random.shuffle(wanted)];
    const taken = bag.splice(0, take);
    const { together, later } = separate(taken);
    bag.push(...later);
    return together;
  };
}

function tell(result: CaseResult, plan: Plan, { results, found, seen }: Tally): boolean {
  results.push(result);
  const fresh = result.found.filter(({ invariant, what }) => !seen.has(`${invariant} ${what}`));
  for (const each of fresh) seen.add(`${each.invariant} ${each.what}`);
  found.push(...fresh);
  const fired = plan.faults.map(({ kind }) => `${kind}${(result.fired[kind] ?? 0) > 0 ? '' : ' (did not fire)'}`).join(', ');
  const isClean = fresh.length === 0 && result.unfired.length === 0 && result.stuck === undefined;
  say(
    `${isClean ? '✓' : '✗'} seed ${result.seed}: ${describeCounts(count(result.statuses))}; ${fired}${result.acts.length > 0 ? `; operator: ${result.acts.join(', ')}` : ''}`,
  );
  if (isClean) return true;
  if (result.stuck !== undefined) say(`  stuck: ${result.stuck}`);
  if (fresh.length > 0 && result.evidence) say(describeFindings(fresh, result.evidence));
  say(`  Plan: ${JSON.stringify({ faults: plan.faults, acts: plan.acts })}`);
  say(`  Again: npm run campaign -- --replay ${result.seed} --faults ${plan.faults.map(({ kind }) => kind).join(',')}`);
  return false;
}

function conclude(seed: number, { results, found }: Tally): boolean {
  const faults: Record<string, number> = {};
  for (const { fired } of results) for (const [kind, times] of Object.entries(fired)) faults[kind] = (faults[kind] ?? 0) + times;
  const unfired = results.flatMap(({ unfired: each }) => each);
  const stuck = results.filter((result) => result.stuck !== undefined).length;
  const histories = results.reduce((sum, { statuses }) => sum + statuses.length, 0);
  const line = {
    at: new Date().toISOString(),
    commit: readCommit(),
    seed,
    cases: results.length,
    histories,
    faults,
    unfired: count(unfired),
    violations: count(found.map(({ invariant }) => invariant)),
    stuck,
  };
  appendFileSync(values.results ?? RESULTS_FILE, `${JSON.stringify(line)}\n`);
  const never = FAULT_KINDS.filter((kind) => faults[kind] === undefined);
  say(
    `${results.length} cases, ${histories} histories, ${Object.values(faults).reduce((sum, each) => sum + each, 0)} faults fired: ${describeCounts(faults)}`,
  );
  if (never.length > 0) say(`Kinds that had no turn: ${never.join(', ')}`);
  say(`${found.length} violations, ${unfired.length} faults that did not fire, ${stuck} cases that were stuck.`);
  return found.length === 0 && unfired.length === 0 && stuck === 0;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${times} ${name}`)
    .join(', ');
}

/** Of the sources; a copy without its repository has none. */
function readCommit(): string | null {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: findProjectRoot(), encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
