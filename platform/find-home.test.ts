// The home of a lab: outside of the clone, unless an earlier start has left one inside or a setting names another.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeMisplacedHome, findHome } from './find-home.js';

let folder: string;
let clone: string;
let env: Readonly<Record<string, string>>;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-homes-'));
  clone = path.join(folder, 'clone');
  mkdirSync(clone);
  env = { HOME: path.join(folder, 'ada') };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('lies among the data of its user, where git clean does not reach', () => {
  execFileSync('git', ['init', '-q', clone]);
  const home = findHome(env, clone);
  expect(home).toEqual({ folder: path.join(folder, 'ada', '.local', 'share', 'praxis'), belongsIn: null });
  mkdirSync(home.folder, { recursive: true });
  writeFileSync(path.join(home.folder, 'lab.json'), '{}');
  execFileSync('git', ['clean', '-fdxq'], { cwd: clone });
  expect(existsSync(path.join(findHome(env, clone).folder, 'lab.json'))).toBe(true);
  expect(describeMisplacedHome(home)).toBeNull();
});

test('lies in XDG_DATA_HOME where that is an absolute path', () => {
  expect(findHome({ ...env, XDG_DATA_HOME: path.join(folder, 'data') }, clone).folder).toBe(path.join(folder, 'data', 'praxis'));
  expect(findHome({ ...env, XDG_DATA_HOME: 'data' }, clone)).toEqual(findHome(env, clone));
});

test('that an earlier start has left inside the clone is found, and what is said of it moves it', () => {
  const old = path.join(clone, '.praxis');
  mkdirSync(old);
  writeFileSync(path.join(old, 'tokens.json'), '{}');
  const home = findHome(env, clone);
  expect(home.folder).toBe(old);
  const said = describeMisplacedHome(home) ?? '';
  expect(said).toContain('git clean');
  execFileSync('sh', ['-c', /give: (.*)$/u.exec(said)?.[1] ?? 'false']);
  const moved = findHome(env, clone);
  expect(existsSync(path.join(moved.folder, 'tokens.json'))).toBe(true);
  expect(describeMisplacedHome(moved)).toBeNull();
});

test('beside one of its own place is not moved over it', () => {
  mkdirSync(path.join(clone, '.praxis'));
  mkdirSync(path.join(folder, 'ada', '.local', 'share', 'praxis'), { recursive: true });
  expect(describeMisplacedHome(findHome(env, clone))).toMatch(/There is another home at .*PRAXIS_HOME/u);
});

test('is the one that PRAXIS_HOME names, wherever that is', () => {
  mkdirSync(path.join(clone, '.praxis'));
  const home = findHome({ ...env, PRAXIS_HOME: path.join(clone, 'mine') }, clone);
  expect(home).toEqual({ folder: path.join(clone, 'mine'), belongsIn: null });
});
