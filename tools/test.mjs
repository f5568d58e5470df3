// `npm test`, its quick part (--fast) and `npm run test:long` (--long): prepares a fresh checkout, runs every check and test with its
// output streamed, and closes with one line `N passed, N failed`. A stage that fails does not keep the later ones from running.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireNode } from './ensure-packages.mjs';
import { stopAll } from './run-stage.mjs';
import { FAST_STAGES, LONG_STAGES, PREPARATIONS, STAGES } from './test-stages.mjs';

const IS_LONG = process.argv.includes('--long');
const IS_FAST = process.argv.includes('--fast');
const OFFERED = IS_LONG ? LONG_STAGES : IS_FAST ? FAST_STAGES : STAGES;
const NAMES = OFFERED.map(({ name }) => name);
const COMMAND = IS_LONG ? 'npm run test:long --' : IS_FAST ? 'npm test -- --fast' : 'npm test --';
/** The stage that patterns of files choose from. */
const PATTERN_STAGE = IS_LONG ? 'long' : IS_FAST ? 'unit' : 'jest';
const LIMIT_MIN = OFFERED.reduce((sum, { limitMin }) => sum + limitMin, 0);
const HELP = `${COMMAND} [--only ${NAMES.join(',')}] [<patterns of test files>]

  --only a,b   run these stages only, in their order: ${OFFERED.map(({ name, limitMin }) => `${name} (≤ ${limitMin} min)`).join(', ')}
  --fast       what three minutes can tell: ${FAST_STAGES.map(({ name }) => name).join(', ')}
  --help       print this
  patterns     run only the jest files whose path matches one; implies --only ${PATTERN_STAGE}

All stages together take at most ${LIMIT_MIN} minutes. The last line is \`N passed, N failed\`; the exit code is 1 when anything failed.
Reports lie in test-results/${IS_LONG ? '; what each stage found last in test/long/result.json, which is committed' : ''}.
Examples:  ${COMMAND} --only ${NAMES.slice(0, 2).join(',')}   ${COMMAND} workflows`;

/** Settings of a lab that a developer runs; tests must not reach into it. */
const LAB_SETTING = /^(?:PRAXIS_(?!CACHE$|PYTHON$)|TEMPORAL_|DATABASE_URL$|REDIS_URL$|NODE_OPTIONS$)/u;

const results = [];
await main();

async function main() {
  requireNode();
  const { stages, patterns } = readArguments();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LAB_SETTING.test(name)));
  const world = { root: join(dirname(fileURLToPath(import.meta.url)), '..'), env, cwd: undefined, patterns, python: undefined };
  world.cwd = world.root;
  process.chdir(world.root);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopAll());
  const failedPreparations = await prepare(world, stages);
  // Minutes that a stage did not need are there for those after it.
  let endsAtMs = Date.now();
  for (const stage of stages) {
    endsAtMs += stage.limitMin * 60_000;
    await runStage({ ...world, limitMin: (endsAtMs - Date.now()) / 60_000 }, stage, failedPreparations);
  }
  summarise();
  if (IS_LONG && patterns.length === 0) keepResults(world.root);
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, help: { type: 'boolean' }, long: { type: 'boolean' }, fast: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const names = values.only?.split(',') ?? (positionals.length > 0 ? [PATTERN_STAGE] : NAMES);
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no stage ${unknown.join(', ')}; there are: ${NAMES.join(', ')}.`);
    process.exit(2);
  }
  return { stages: OFFERED.filter(({ name }) => names.includes(name)), patterns: positionals };
}

/** Runs the preparations that the stages need; one that fails is counted, and named by the stages that needed it. */
async function prepare(world, stages) {
  const failed = new Set();
  const needed = Object.keys(PREPARATIONS).filter((name) => stages.some(({ needs }) => needs.includes(name)));
  for (const name of needed) {
    const startedAtMs = Date.now();
    if (await attempt(() => PREPARATIONS[name](world))) continue;
    failed.add(name);
    results.push({ name: `prepare ${name}`, passed: 0, failed: 1, skipped: [], seconds: toSeconds(startedAtMs) });
  }
  return failed;
}

async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    console.error(error.remedy ? `${error.message}\n${error.remedy}` : error);
    return false;
  }
}

async function runStage(world, { name, needs, run }, failedPreparations) {
  console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}`);
  const startedAtMs = Date.now();
  const missing = needs.filter((need) => failedPreparations.has(need));
  // Without packages nothing can run; without the rest some of a stage still may, and says more than a refusal.
  const isHopeless = missing.includes('packages') || (name.endsWith('bridge') && world.python === undefined);
  if (missing.length > 0) console.error(`Not prepared: ${missing.join(', ')}.`);
  const counts = isHopeless ? undefined : await attempt(() => run(world));
  results.push({ name, ...(counts || { passed: 0, failed: 1, skipped: [] }), seconds: toSeconds(startedAtMs) });
}

function summarise() {
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  const skipped = results.flatMap((result) => result.skipped.map((what) => `${result.name}: ${what}`));
  console.log(`\n${'─'.repeat(74)}`);
  for (const { name, passed, failed, seconds } of results) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(5)} failed`;
    console.log(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(18)} ${counts} ${seconds.padStart(8)} s`);
  }
  if (skipped.length > 0) console.log(`\nSkipped, ${skipped.length}:\n${skipped.map((what) => `  ${what}`).join('\n')}`);
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
}

/** What each long stage found when it last ran whole, and of which commit: few have hours to run all of them at once. */
function keepResults(root) {
  const file = join(root, 'test', 'long', 'result.json');
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!test/long/result.json') !== '';
  const of = { at: new Date().toISOString(), commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}` };
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const { name, passed, failed, skipped, seconds } of results)
    kept[name] = { passed, failed, seconds: Number(seconds), skipped, ...of };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
}

function toSeconds(sinceMs) {
  return ((Date.now() - sinceMs) / 1000).toFixed(1);
}
