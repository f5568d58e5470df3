// The closing line of `npm test` may never say that all is well when something did not run.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'praxis-results-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Calls one counting function in a Node of its own, as the runner does. */
async function count(name: 'countJest' | 'countPytest', report: string | undefined, exitCode: number): Promise<unknown> {
  const file = join(folder, `${name}.report`);
  await rm(file, { force: true });
  if (report !== undefined) await writeFile(file, report);
  const script = `import('./tools/test-results.mjs').then((m) => console.log(JSON.stringify(m.${name}(${JSON.stringify(file)}, ${exitCode}))))`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: ROOT });
  return JSON.parse(stdout);
}

function toJestReport(passed: number, failed: number, broken: number): string {
  const assertionResults = [
    { status: 'passed', fullName: 'a' },
    { status: 'pending', fullName: 'b, because there is no Redis' },
  ];
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: broken,
    testResults: [{ assertionResults }],
  });
}

function toPytestReport({ tests = 5, failures = 0, errors = 0 } = {}): string {
  const skip =
    '<testcase classname="t" name="test_x[&lt;a&gt;]" time="0.1"><skipped type="pytest.skip" message="no &quot;reader&quot;">x</skipped></testcase>';
  const counts = `errors="${errors}" failures="${failures}" skipped="1" tests="${tests}"`;
  return `<?xml version="1.0"?><testsuites name="all"><testsuite name="pytest" ${counts} time="1"><testcase name="test_y"/>${skip}</testsuite></testsuites>`;
}

test('jest: failures, files that could not be loaded, and skipped tests by name', async () => {
  const skipped = ['b, because there is no Redis'];
  expect(await count('countJest', toJestReport(3, 0, 0), 0)).toEqual({ passed: 3, failed: 0, skipped });
  expect(await count('countJest', toJestReport(3, 2, 1), 1)).toEqual({ passed: 3, failed: 3, skipped });
});

test('pytest: failures and errors, and skipped tests with their reason', async () => {
  const skipped = ['test_x[<a>]: no "reader"'];
  expect(await count('countPytest', toPytestReport(), 0)).toEqual({ passed: 4, failed: 0, skipped });
  expect(await count('countPytest', toPytestReport({ failures: 1, errors: 1 }), 1)).toEqual({ passed: 2, failed: 2, skipped });
});

test('a report that is missing or disagrees with the exit code is a failure', async () => {
  const nothing = { passed: 0, failed: 1, skipped: [] };
  expect(await count('countJest', undefined, 0)).toEqual(nothing);
  expect(await count('countPytest', undefined, 0)).toEqual(nothing);
  expect(await count('countJest', toJestReport(3, 0, 0), 1)).toMatchObject({ passed: 3, failed: 1 });
  expect(await count('countPytest', toPytestReport(), 3)).toMatchObject({ passed: 4, failed: 1 });
});

test('an unknown stage is refused with the names of those there are', async () => {
  await expect(run(process.execPath, ['tools/test.mjs', '--only', 'lnt'], { cwd: ROOT })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('types, lint, imports, tidy, bridge, jest') as string,
  });
});
