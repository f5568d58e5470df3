// What `npm test` and `npm run test:long` do: preparations that stages need, and the stages in their order.
// Each takes the runner's world: root folder, results folder, environment, patterns, minutes, and what was prepared.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './ensure-packages.mjs';
import { runProgram } from './run-stage.mjs';
import { addCounts, countCheck, countJest, countPytest } from './test-results.mjs';

const PRODUCT_FOLDERS = [
  'contract',
  'console',
  'domain',
  'protocols',
  'workflows',
  'activities',
  'workcell',
  'db',
  'platform',
  'local',
  'api',
  'cli',
  'station',
  'slots',
  'calculation',
  'rehearsal',
  'ports',
  'workers',
];
const CRUISED = [...PRODUCT_FOLDERS, 'test', 'campaign', 'examples', 'bench', 'tools'];

const TSC = ['node_modules/typescript/bin/tsc', '--noEmit', '--incremental', 'false', '-p', 'tsconfig.json'];
const TSC_CONSOLE = ['node_modules/typescript/bin/tsc', '-p', 'console/tsconfig.json'];
const ESLINT = ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'];
const BIOME = ['node_modules/@biomejs/biome/bin/biome', 'format', '.'];
const RUFF = ['-m', 'ruff', 'format', '--check', '--config', 'bridge/ruff.toml', 'bridge', 'bench', 'examples'];
const RUFF_LAW = ['-m', 'ruff', 'check', '--config', 'bridge/ruff.toml', 'bridge', 'bench', 'examples'];
const MYPY = ['-m', 'mypy', '--config-file', 'bridge/pyproject.toml', '--cache-dir', 'test-results/mypy'];
const IMPORT_LINTER = ['-c', 'from importlinter.cli import lint_imports_command as lint; lint()', '--no-cache', 'bridge/pyproject.toml'];
const CRUISER = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs'];
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/** What `npm test` may take on 2 processors, whatever lands: its preparations and its stages declare no more together. */
export const TEST_LIMIT_MIN = 40;
export const PREPARATION_LIMIT_MIN = 3;

/** Makes what stages stand on; a preparation throws or returns false when it failed. */
export const PREPARATIONS = {
  packages: (world) => ensurePackages(world.root),
  build: async (world) => (await runNode({ ...world, limitMin: PREPARATION_LIMIT_MIN }, ['tools/build.mjs'])) === 0,
  python: async (world) => {
    const { prepareVenv } = await importBuilt(world, 'local/python-venv.js');
    const { cache, python } = await readSettings(world);
    const requirementsFile = join(world.root, 'bridge', 'requirements.txt');
    // The bridge's own environment too, so that no test waits for an installation.
    await prepareVenv({ cache, requirementsFile, python });
    world.python = await prepareVenv({ cache, requirementsFile: joinRequirements(world, cache), python });
    return true;
  },
  temporal: async (world) => {
    const { findOrBuildTemporal } = await importBuilt(world, 'local/temporal-binary.js');
    const { cache } = await readSettings(world);
    const program = await findOrBuildTemporal({ cache, onProgress: (line) => console.log(line) });
    // Tests look for the program on PATH, as the lab does.
    world.env.PATH = `${dirname(program)}:${world.env.PATH ?? ''}`;
    return true;
  },
};

const BRIDGE = ['packages', 'build', 'python'];
const WHOLE_LAB = [...BRIDGE, 'temporal'];

/** `limitMin`: a stage that takes longer, and longer than what those before it left over, hangs and is ended. */
export const STAGES = [
  {
    name: 'types',
    limitMin: 1,
    needs: ['packages'],
    run: async (world) => addCounts([await runCheck(world, TSC), await runCheck(world, TSC_CONSOLE)]),
  },
  {
    name: 'lint',
    limitMin: 3,
    needs: ['packages'],
    run: async (world) => addCounts([await runCheck(world, BIOME), await runCheck(world, ESLINT)]),
  },
  {
    name: 'imports',
    limitMin: 1,
    needs: ['packages'],
    run: (world) => runCheck(world, [...CRUISER, ...CRUISED.filter((folder) => existsSync(join(world.root, folder)))]),
  },
  { name: 'tidy', limitMin: 1, needs: ['packages'], run: (world) => runJest(world, 'tidy', ['--selectProjects', 'tidy']) },
  {
    name: 'bridge',
    limitMin: 7,
    needs: BRIDGE,
    run: async (world) => addCounts([...(await runBridgeLaw(world)), await runPytest(world, 'tests')]),
  },
  {
    name: 'jest',
    limitMin: 24,
    needs: WHOLE_LAB,
    run: (world) => runJest(world, 'jest', ['--selectProjects', 'beside', 'across', ...toPatterns(world)]),
  },
];

/** Folders whose tests start nothing: neither a process of the lab nor a database. */
const UNIT_TESTS = [
  ...['domain', 'workflows', 'platform', 'protocols/sdk', 'protocols/discovery'],
  ...['cli/render', 'cli/inbox', 'cli/terminal', 'campaign/check', 'campaign/mutants', 'tools'],
];

/** For whoever writes, and waits: three minutes on 2 free processors. */
export const FAST_STAGES = [
  ...STAGES.filter(({ name }) => ['types', 'lint', 'imports', 'tidy'].includes(name)),
  {
    name: 'unit',
    limitMin: 2,
    needs: ['packages'],
    run: (world) => {
      const all = [...UNIT_TESTS.map((folder) => `${join(world.root, folder)}/`), 'test/replay'];
      const patterns = world.patterns.length > 0 ? world.patterns : all;
      return runJest(world, 'unit', ['--selectProjects', 'beside', 'across', '--testPathPatterns', ...patterns]);
    },
  },
];

/** What no 40 minutes hold: run before a large change counts as done. */
export const LONG_STAGES = [
  {
    name: 'long',
    limitMin: 60,
    needs: WHOLE_LAB,
    run: (world) =>
      runJest({ ...world, env: { ...world.env, PRAXIS_TEST_LONG: '1' } }, 'long', ['--selectProjects', 'long', ...toPatterns(world)]),
  },
  { name: 'long-bridge', limitMin: 15, needs: BRIDGE, run: (world) => runPytest(world, 'tests/long') },
  {
    name: 'campaign',
    limitMin: 45,
    needs: WHOLE_LAB,
    run: (world) => runCheck(world, ['dist/campaign/run/campaign.js', '--minutes', '30']),
  },
  { name: 'mutants', limitMin: 60, needs: WHOLE_LAB, run: (world) => runCheck(world, ['dist/campaign/mutants/main.js']) },
];

async function runCheck(world, args) {
  return countCheck(await runNode(world, args));
}

async function runJest(world, name, args) {
  const report = toReportFile(world, `${name}.json`);
  const options = ['--json', `--outputFile=${report}`, ...(world.env.CI ? ['--ci'] : [])];
  // --json silences the list of tests on stdout and keeps it on stderr, where it streams.
  const exitCode = await runNode(world, [...JEST, ...options, ...args]);
  return countJest(report, exitCode);
}

/** Layout, lint, types and imports of the Python half. */
async function runBridgeLaw(world) {
  const beside = { ...world, env: { ...world.env, PYTHONPATH: join(world.root, 'bridge') } };
  const counts = [];
  for (const check of [RUFF, RUFF_LAW, MYPY, IMPORT_LINTER]) counts.push(countCheck(await runProgram(world.python, check, beside)));
  return counts;
}

/** In two halves side by side: most of a test is waiting for a bridge to start. */
async function runPytest(world, tests) {
  const folder = join(world.root, 'bridge', tests);
  const files = readdirSync(folder).filter((name) => /^test_.*\.py$/u.test(name));
  const bySize = files.map((name) => join(folder, name)).sort((a, b) => statSync(b).size - statSync(a).size);
  const halves = [0, 1].map((half) => bySize.filter((_file, index) => index % 2 === half)).filter((half) => half.length > 0);
  const counts = await Promise.all(
    halves.map(async (half, index) => {
      const report = toReportFile(world, `${tests.replace('tests', 'bridge').replace('/', '-')}-${index + 1}.xml`);
      const args = [
        '-m',
        'pytest',
        ...half,
        '-q',
        '-rs',
        '-p',
        'no:cacheprovider',
        '--rootdir',
        join(world.root, 'bridge'),
        `--junitxml=${report}`,
      ];
      return countPytest(report, await runProgram(world.python, args, world));
    }),
  );
  return addCounts(counts);
}

function toPatterns({ patterns }) {
  return patterns.length === 0 ? [] : ['--testPathPatterns', ...patterns];
}

/** A report of an earlier run must not be read as one of this run. */
function toReportFile({ root }, name) {
  const folder = join(root, 'test-results');
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, name), { force: true });
  return join(folder, name);
}

/** pip checks hashes of one file at a time, so what the bridge and its tests need is written as one. */
function joinRequirements({ root }, cache) {
  const texts = ['requirements.txt', 'requirements-test.txt'].map((name) => readFileSync(join(root, 'bridge', name), 'utf8'));
  const file = join(cache, 'requirements-with-tests.txt');
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, texts.join('\n').replace(/^-r .*$/gmu, ''));
  return file;
}

async function readSettings(world) {
  const settings = await importBuilt(world, 'platform/settings.js');
  return settings.readSettings(world.env);
}

function importBuilt({ root }, path) {
  return import(pathToFileURL(join(root, 'dist', path)).href);
}

function runNode(world, args) {
  return runProgram(process.execPath, args, world);
}
