// The command beside a shell: on PATH after one step, its version, grouped help, remedies of the command that was meant, completion, lists that are
// narrowed down, and a run that is started once more.

import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeRun } from '../db/runs/run-status.js';
import type { Page } from '../domain/json/page.js';
import type { Run } from '../domain/runs/run.js';
import { findProgram } from '../local/find-program.js';
import { findProjectRoot } from '../platform/paths.js';
import { runCli, type CliResult } from '../test/rig/run-cli.js';
import { serveTestApi, type TestApi } from '../test/rig/serve-test-api.js';
import { GROUPS } from './arguments/groups.js';

const ROOT = findProjectRoot();
const PACKAGE = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };

let folder: string;
let api: TestApi;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-shell-'));
  // The one documented step, with a place of its own for what npm makes available everywhere.
  execFileSync('npm', ['link', '--offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: ROOT,
    env: { ...process.env, npm_config_prefix: folder },
    stdio: 'ignore',
  });
  api = await serveTestApi();
  env = { PATH: `${path.join(folder, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`, PRAXIS_URL: api.url };
}, 120_000);
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const praxis = (...args: string[]): Promise<CliResult> => runCli(env, args);

test('is on PATH after npm link, and says its version', () => {
  for (const option of ['--version', '-V'])
    expect(execFileSync('praxis', [option], { env, encoding: 'utf8' })).toBe(`praxis ${PACKAGE.version}\n`);
});

test('loads only what the command that is meant needs', () => {
  const countScripts = (...args: string[]): number => {
    const coverage = mkdtempSync(path.join(folder, 'loaded-'));
    spawnSync('praxis', args, { env: { ...env, NODE_V8_COVERAGE: coverage } });
    const [file = ''] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(path.join(coverage, file), 'utf8')) as { result: readonly { url: string }[] };
    return result.filter(({ url }) => url.startsWith('file:')).length;
  };
  expect(countScripts('completion', 'fish')).toBeLessThan(countScripts('--help') - 20);
  expect(countScripts('machines', '--help')).toBeLessThan(countScripts('--help') - 10);
});

test('help is in groups, each with its commands', async () => {
  const { stdout } = await praxis('--help');
  for (const { title, names } of GROUPS) {
    const [, group = ''] = new RegExp(`^${title}\\n((?: {2}.*\\n)+)`, 'mu').exec(stdout) ?? [];
    for (const name of names.filter((each) => each !== 'complete')) expect(group).toMatch(new RegExp(`^  \\S*\\b${name}\\b`, 'mu'));
  }
});

test('what is written wrong names the help of its command', async () => {
  expect((await praxis('run')).stderr).toContain('See praxis run --help.');
  expect((await praxis('machines', 'release')).stderr).toContain('See praxis machines release --help.');
  expect((await praxis('rnu')).stderr).toMatch(/Did you mean run\?.*See praxis --help\./u);
});

describe('completion', () => {
  /** What the shell offers behind these words. The API answers from this very process, which must not stand still meanwhile. */
  const complete = async (...words: string[]): Promise<readonly string[]> => {
    const script = `source <(praxis completion bash); COMP_WORDS=(praxis "$@"); COMP_CWORD=$#; _praxis; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words], { env });
    return stdout.trim().split('\n').sort();
  };

  test('bash offers commands, options and names of the lab', async () => {
    expect(await complete('re')).toEqual(['rehearse', 'rerun', 'reservations', 'resume']);
    expect(await complete('machines', 'co')).toEqual(['command', 'connect']);
    expect(await complete('runs', '--s')).toEqual(['--since', '--status']);
    expect(await complete('runs', '--status', 'c')).toEqual(['cancelled', 'cancelling', 'completed']);
    expect(await complete('run', 'serial')).toEqual(['serial_dilution']);
    expect(await complete('run', 'serial_dilution', '-p', 'num')).toEqual(['numDilutions=']);
    expect(await complete('labware', 'replace', 'tips_1')).toEqual(['tips_1']);
    const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
    expect(await complete('cancel', run.id.slice(0, 8))).toContain(run.id);
    await closeRun(api.db, { runId: run.id, status: 'failed', atMs: Date.now() });
  });

  test.each(['bash', 'zsh', 'fish'])('the script for %s is one that it takes, where this machine has it', (shell) => {
    const script = execFileSync('praxis', ['completion', shell], { env, encoding: 'utf8' });
    expect(script).toContain('praxis complete --');
    const program = findProgram(shell);
    if (program === null) return;
    const file = path.join(folder, `completion.${shell}`);
    writeFileSync(file, script);
    expect(spawnSync(program, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('without a lab offers what the program knows', () => {
    const alone = { ...env, PRAXIS_URL: 'http://127.0.0.1:1' };
    expect(execFileSync('praxis', ['complete', '--', 'run', ''], { env: alone, encoding: 'utf8' })).toBe('');
    expect(execFileSync('praxis', ['complete', '--', 'inb'], { env: alone, encoding: 'utf8' })).toContain('inbox\t');
  });
});

test('runs are narrowed down to mine, and to those since a time', async () => {
  const { body: run } = await api.post<Run>('/api/v1/runs', { protocol: 'serial_dilution' });
  const list = async (...options: string[]): Promise<readonly string[]> =>
    (JSON.parse((await praxis('runs', '--json', ...options)).stdout) as Page<Run>).items.map(({ id }) => id);
  expect(await list('--mine')).toContain(run.id);
  expect(await list('--since', '1h')).toContain(run.id);
  await api.db
    .updateTable('run')
    .set({ created_by: 'ada', created_at: new Date(Date.now() - 7_200_000) })
    .where('id', '=', run.id)
    .execute();
  expect(await list('--mine')).not.toContain(run.id);
  expect(await list('--since', '1h')).not.toContain(run.id);
  expect(await list('--since', '3 h')).toContain(run.id);
  expect(await list('--since', '2020-01-01')).toContain(run.id);
  expect((await praxis('runs', '--since', 'tea time')).stderr).toMatch(/^error BAD_OPTION --since: .*2h/u);
  await closeRun(api.db, { runId: run.id, status: 'failed', atMs: Date.now() });
});

test('rerun starts the same once more, with what is given in its place', async () => {
  const first = JSON.parse(
    (await praxis('run', 'serial_dilution', '-p', 'numDilutions=3', '-p', 'startRow=B', '--asset', 'plate=plate_2', '--json')).stdout,
  ) as Run;
  const again = JSON.parse((await praxis('rerun', first.id, '-p', 'numDilutions=4', '--json')).stdout) as Run;
  expect(again.id).not.toBe(first.id);
  expect(again).toMatchObject({ protocol: 'serial_dilution', parameters: { ...first.parameters, numDilutions: 4 } });
  expect(again.assets).toEqual(first.assets);
  expect((await praxis('rerun', first.id)).stdout).toContain('serial_dilution');
});
