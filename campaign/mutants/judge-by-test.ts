// Runs one test of a copy of the project, and says how it ended and why.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MutantOfTest } from './mutant.js';

const TEST_LIMIT_MS = 480_000;
const REASON_LIMIT_CHARACTERS = 300;
const COLOURS = /\u001b\[[\d;]*m/gu;

export interface JudgedByTest {
  readonly passed: number;
  readonly failed: number;
  /** Of the first that failed: its title, and what was expected. */
  readonly reason: string;
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export async function judgeByTest(folder: string, { file, title }: MutantOfTest['test']): Promise<JudgedByTest> {
  const report = path.join(folder, 'test-report.json');
  const jest = path.join(folder, 'node_modules', 'jest', 'bin', 'jest.js');
  const node = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--require',
    path.join(folder, 'slots', 'without-promise-traces.cjs'),
  ];
  const wanted = ['--runTestsByPath', path.join(folder, file), '--testNamePattern', title.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')];
  const child = spawn(
    process.execPath,
    [...node, jest, '--rootDir', folder, '--maxWorkers', '1', '--forceExit', '--json', '--outputFile', report, ...wanted],
    {
      cwd: folder,
      stdio: 'ignore',
      timeout: TEST_LIMIT_MS,
    },
  );
  await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  return summarize(readReport(report));
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    // It was ended before it could write one.
    return { testResults: [] };
  }
}

function summarize({ testResults }: Report): JudgedByTest {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ status }) => status === 'failed');
  const [first] = failed;
  const reason = first === undefined ? (testResults[0]?.message ?? 'no report') : `${first.fullName}: ${first.failureMessages[0] ?? ''}`;
  return {
    passed: all.filter(({ status }) => status === 'passed').length,
    failed: failed.length,
    reason: reason.replace(COLOURS, '').replace(/\s+/gu, ' ').slice(0, REASON_LIMIT_CHARACTERS),
  };
}
