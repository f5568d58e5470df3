// Programs of developers prepare a fresh clone before they run. Shown on a copy of tools/ without packages, with an npm that only notes how it was called.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProjectRoot } from '../platform/paths.js';

const ROOT = findProjectRoot();
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Readonly<Record<string, string>> };

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'praxis-clone-'));
  for (const name of ['tools', 'package.json', 'package-lock.json'])
    cpSync(path.join(ROOT, name), path.join(clone, name), { recursive: true });
  mkdirSync(path.join(clone, 'bin'));
  writeFileSync(path.join(clone, 'bin', 'npm'), '#!/bin/sh\necho "$@" > asked\nexit 1\n', { mode: 0o755 });
});
afterEach(() => {
  rmSync(clone, { recursive: true, force: true });
});

test.each(['bench', 'campaign', 'mutants', 'picture'])('npm run %s installs the packages first', async (name) => {
  const [program, ...args] = (scripts[name] ?? '').split(' ');
  expect(program).toBe('node');
  const env = { ...process.env, PATH: `${path.join(clone, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}` };
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: clone, env }, (error, _stdout, text) => resolve({ code: error?.code ?? 0, stderr: text }));
  });
  expect({ code, hasAsked: existsSync(path.join(clone, 'asked')) }).toEqual({ code: 1, hasAsked: true });
  expect(readFileSync(path.join(clone, 'asked'), 'utf8')).toMatch(/^ci /u);
  expect(stderr).toContain('Installing packages');
});

test('the programs are built ones of this project', () => {
  for (const name of ['bench', 'campaign', 'mutants'])
    expect(existsSync(path.join(ROOT, (/(\S+)\.js$/u.exec(scripts[name] ?? '')?.[1] ?? 'none') + '.ts'))).toBe(true);
});
