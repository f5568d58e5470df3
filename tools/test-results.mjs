// Counts what the test programs report: jest as JSON, pytest as JUnit XML. A report that is missing or that
// disagrees with the exit code counts as a failure, so that nothing passes by not having run.

import { readFileSync } from 'node:fs';

/** What one stage adds to the closing line. */
const oneResult = (isPassed) => ({ passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: [] });

/** Of the parts of a stage. */
export function addCounts(counts) {
  const sum = (name) => counts.reduce((total, each) => total + each[name], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: counts.flatMap(({ skipped }) => skipped) };
}

export const countCheck = (exitCode) => oneResult(exitCode === 0);

export function countJest(reportFile, exitCode) {
  const report = readText(reportFile);
  if (report === undefined) return oneResult(false);
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(report);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(({ status }) => status === 'pending' || status === 'todo').map(({ fullName }) => fullName);
  // A file that could not be loaded has no tests, and is one failure.
  return withExitCode({ passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped }, exitCode);
}

export function countPytest(reportFile, exitCode) {
  const report = readText(reportFile);
  if (report === undefined) return oneResult(false);
  const suite = /<testsuite\s[^>]*>/u.exec(report)?.[0] ?? '';
  const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`, 'u').exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  const skips = [...report.matchAll(/<testcase\s[^>]*?\bname="([^"]*)"[^>]*>\s*<skipped\s[^>]*?\bmessage="([^"]*)"/gu)];
  const skipped = skips.map(([, name, reason]) => `${decodeXml(name)}: ${decodeXml(reason)}`);
  return withExitCode({ passed: number('tests') - failed - number('skipped'), failed, skipped }, exitCode);
}

function withExitCode(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // The program died before it could report.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function decodeXml(text) {
  const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/giu, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    return hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (entities[name] ?? whole);
  });
}
