// The protocol in the README is found, compiled and run as it stands there.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import type { Run } from '../domain/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { runCli } from './rig/run-cli.js';
import { startLab, type Lab } from './rig/start-lab.js';

const LINES_MAX = 20;

let folder: string;
let file: string;
let source: string;
let lab: Lab;

beforeAll(async () => {
  const readme = await readFile(path.join(findProjectRoot(), 'README.md'), 'utf8');
  source = /```ts\n([\s\S]*?)```/u.exec(readme)?.[1] ?? '';
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-readme-'));
  file = path.join(folder, 'fill-row.protocol.ts');
  await writeFile(file, source);
  lab = await startLab({ protocols: [folder] });
}, 240_000);
afterAll(async () => {
  await lab?.end();
  await rm(folder, { recursive: true, force: true });
});

test('has about 20 lines and type-checks against the SDK', () => {
  expect(source.trim().split('\n').length).toBeLessThanOrEqual(LINES_MAX + 1);
  const config = ts.readConfigFile(path.join(findProjectRoot(), 'tsconfig.json'), (name) => ts.sys.readFile(name));
  const { options } = ts.convertCompilerOptionsFromJson((config.config as { compilerOptions: object }).compilerOptions, findProjectRoot());
  const sdk = path.join(findProjectRoot(), 'protocols', 'sdk', 'index.ts');
  const program = ts.createProgram([file], { ...options, noEmit: true, incremental: false, rootDir: '/', types: [], paths: { 'praxis/sdk': [sdk] }, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler });
  const messages = ts.getPreEmitDiagnostics(program).map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
  expect(messages).toEqual([]);
});

test('runs', async () => {
  const { exitCode, stdout, stderr } = await runCli(lab.env, ['run', 'fill_row', '-p', 'row=B', '--wait', '--json']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout) as Run).toMatchObject({ status: 'completed', parameters: { row: 'B', volumeUl: 50 }, counts: { commands: { completed: 8 } } });
});
