// `npm run mutants [-- --only 4,6]`: every scenario on the engine as it is, where nothing may be violated, then each mutant in a
// lab of its own, where the invariant named for it must be; those that a test catches, in a copy of the sources. Exits with 1 where a mutant got away or the engine did not hold.

import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';
import type { Found } from '../check/check-lab.js';
import { readOptions } from '../run/read-options.js';
import { startRig, type Rig } from '../run/rig.js';
import { MUTANTS } from './all-mutants.js';
import { judgeByTest } from './judge-by-test.js';
import { isOfTest, type Mutant, type MutantOfLab, type MutantOfTest } from './mutant.js';
import { copyEngine, plant } from './plant.js';
import { playScenario, type Judged } from './scenario.js';

const RESULTS_FILE = path.join(findProjectRoot(), 'campaign', 'mutants.jsonl');
/** A mutant may keep its runs from ending for ever. */
const MUTANT_END_LIMIT_MS = 15_000;
const ENGINE_END_LIMIT_MS = 90_000;
const INTERRUPTED = 130;

interface Verdict {
  readonly mutant: Mutant;
  readonly isCaught: boolean;
  readonly found: readonly Found[];
  readonly note: string;
}

const USAGE = `npm run mutants -- [--only 4,6] [--results FILE] [--keep]
  --only     numbers of mutants, joined by commas; all where left out
  --results  the file that gets a line; campaign/mutants.jsonl where left out
  --keep     keeps the records of the labs`;
const values = readOptions({ only: { type: 'string' }, results: { type: 'string' }, keep: { type: 'boolean' } }, USAGE);
let rig: Rig | undefined;
const folder = await mkdtemp(path.join(tmpdir(), 'praxis-mutants-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endEarly());
process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const only = values.only?.split(',').map(Number);
  const mutants = MUTANTS.filter(({ number }) => only?.includes(number) ?? true);
  try {
    // One copy at the beginning: what is edited meanwhile changes nothing of what is judged.
    const engine = path.join(folder, 'engine');
    await copyEngine(findProjectRoot(), engine, { withTests: true });
    const onLabs = mutants.filter((mutant): mutant is MutantOfLab => !isOfTest(mutant));
    const violations = (await judgeEngine(engine, onLabs)) + (await judgeTests(engine, mutants.filter(isOfTest)));
    const verdicts: Verdict[] = [];
    for (const mutant of mutants) verdicts.push(await judgeMutant(engine, path.join(folder, `mutant-${mutant.number}`), mutant));
    return conclude(verdicts, violations);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing of a lab outlives who started it. */
async function endEarly(): Promise<void> {
  await rig?.end();
  await rm(folder, { recursive: true, force: true });
  process.exit(INTERRUPTED);
}

/** All scenarios, one after the other, in a lab of the engine as it is for each budget. Returns how much was violated. */
async function judgeEngine(engine: string, mutants: readonly MutantOfLab[]): Promise<number> {
  say(`The engine as it is, ${mutants.length} scenarios:`);
  let violations = 0;
  for (const budget of new Set(mutants.map(({ historyBudgetEvents }) => historyBudgetEvents)))
    violations += await judgeLab(
      engine,
      mutants.filter(({ historyBudgetEvents }) => historyBudgetEvents === budget),
    );
  return violations;
}

async function judgeLab(engine: string, mutants: readonly MutantOfLab[]): Promise<number> {
  const seen = new Set<string>();
  let violations = 0;
  rig = await startRig({ engine, ...readBudget(mutants[0]) });
  for (const { number, name, provoke } of mutants) {
    const { found, stuck } = await playScenario(rig, provoke, { name: `engine ${number}`, endLimitMs: ENGINE_END_LIMIT_MS });
    const fresh = found.filter(({ what }) => !seen.has(what));
    for (const { what } of fresh) seen.add(what);
    violations += fresh.length + (stuck === undefined ? 0 : 1);
    say(`${fresh.length === 0 && stuck === undefined ? '✓' : '✗'} ${number} ${name}${stuck === undefined ? '' : `: ${stuck}`}`);
    for (const { invariant, what } of fresh) say(`    ${invariant} ${what}`);
  }
  await rig.end({ keep: violations > 0 });
  if (violations > 0) say(`  Its records are kept in ${rig.home}.`);
  return violations;
}

function readBudget(mutant: MutantOfLab | undefined): { historyBudgetEvents?: number } {
  return mutant?.historyBudgetEvents === undefined ? {} : { historyBudgetEvents: mutant.historyBudgetEvents };
}

/** Each test once, on the engine as it is. Returns how many did not pass. */
async function judgeTests(engine: string, mutants: readonly MutantOfTest[]): Promise<number> {
  let violations = 0;
  for (const { file, title } of new Map(mutants.map(({ test }) => [`${test.file} ${test.title}`, test])).values()) {
    const { passed, failed, reason } = await judgeByTest(engine, { file, title });
    const isFine = passed > 0 && failed === 0;
    if (!isFine) violations += 1;
    say(`${isFine ? '✓' : '✗'} ${file}: ${title}${isFine ? '' : `: ${reason}`}`);
  }
  return violations;
}

async function judgeMutant(engine: string, planted: string, mutant: Mutant): Promise<Verdict> {
  await copyEngine(engine, planted, { withTests: isOfTest(mutant) });
  plant(planted, mutant);
  try {
    return isOfTest(mutant) ? await judgeOnTest(planted, mutant) : await judgeOnLab(planted, mutant);
  } finally {
    await rm(planted, { recursive: true, force: true });
  }
}

async function judgeOnTest(planted: string, mutant: MutantOfTest): Promise<Verdict> {
  const { number, name, test } = mutant;
  const { failed, reason } = await judgeByTest(planted, test);
  say(`${failed > 0 ? '✓' : '✗'} ${number} ${name} → ${failed > 0 ? test.file : 'got away'}: ${reason}`);
  return { mutant, isCaught: failed > 0, found: [], note: reason };
}

async function judgeOnLab(planted: string, mutant: MutantOfLab): Promise<Verdict> {
  const { number, name, caughtBy } = mutant;
  const judged = await play(planted, mutant);
  const catching = judged.found.find(({ invariant }) => caughtBy.includes(invariant));
  const others = [...new Set(judged.found.map(({ invariant }) => invariant))];
  const note =
    catching?.what ??
    `nothing of ${caughtBy.join(', ')}; ${others.length === 0 ? 'nothing at all' : others.join(', ')}${judged.stuck === undefined ? '' : `; ${judged.stuck}`}`;
  say(`${catching ? '✓' : '✗'} ${number} ${name} → ${catching?.invariant ?? 'got away'}: ${note}`);
  return { mutant, isCaught: catching !== undefined, found: judged.found, note };
}

async function play(engine: string, mutant: MutantOfLab): Promise<Judged> {
  try {
    rig = await startRig({ engine, ...readBudget(mutant) });
  } catch (error) {
    return { found: [], stuck: `The lab did not start: ${String(error)}` };
  }
  try {
    return await playScenario(rig, mutant.provoke, { name: `mutant ${mutant.number}`, endLimitMs: MUTANT_END_LIMIT_MS });
  } finally {
    await rig.end({ keep: values.keep === true });
    if (values.keep === true) say(`  Its records are kept in ${rig.home}.`);
  }
}

function conclude(verdicts: readonly Verdict[], violations: number): boolean {
  const caught = verdicts.filter(({ isCaught }) => isCaught);
  const table = verdicts.map(({ mutant, isCaught, found }) => {
    const all = [...new Set(found.map(({ invariant }) => invariant))].join(' ');
    return `${isCaught ? '✓' : '✗'} ${String(mutant.number).padStart(2)} ${mutant.name.padEnd(42)} ${isOfTest(mutant) ? mutant.test.file : `${mutant.caughtBy.join(' ').padEnd(4)} violated: ${all}`}`;
  });
  say(['', ...table, `${caught.length} of ${verdicts.length} mutants caught; the engine as it is: ${violations} violations.`].join('\n'));
  const line = {
    at: new Date().toISOString(),
    commit: readCommit(),
    mutants: verdicts.length,
    caught: caught.map(({ mutant }) => mutant.number),
    violations,
  };
  appendFileSync(values.results ?? RESULTS_FILE, `${JSON.stringify(line)}\n`);
  return violations === 0 && caught.length === verdicts.length && verdicts.length > 0;
}

/** Of the sources; a copy without its repository has none. */
function readCommit(): string | null {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: findProjectRoot(), encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
