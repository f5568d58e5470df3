// What is no file where a file of the lab should be is put aside and kept, and the lab goes on as without it.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDoorKey, readDoorKey, readWebUiPlace, writeWebUiPlace } from '../platform/temporal-door.js';
import { ensureTokens, readTokens } from '../platform/tokens.js';
import { acquireLabLock } from './lab-lock.js';
import { openLogFile } from './log-file.js';
import { isRoot, resolveDataFolder } from './postgres-folders.js';

let home = '';

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'praxis-misplaced-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const places: readonly [string, () => unknown][] = [
  ['temporal-door.json', () => readDoorKey(home) ?? ensureDoorKey(home)],
  [
    'temporal/web-ui.json',
    () => {
      writeWebUiPlace(home, { host: 'here', port: 1 });
      return readWebUiPlace(home);
    },
  ],
  [
    'tokens.json',
    () => {
      ensureTokens(home);
      return readTokens(home);
    },
  ],
  [
    'logs/api.log',
    () => {
      closeSync(openLogFile(path.join(home, 'logs', 'api.log')));
      return existsSync(path.join(home, 'logs', 'api.log'));
    },
  ],
];

test.each(places)('a folder in the place of %s', (name, use) => {
  mkdirSync(path.join(home, name, 'x'), { recursive: true });
  expect(use()).toBeTruthy();
  const folder = path.dirname(path.join(home, name));
  const aside = readdirSync(folder).filter((found) => found.startsWith(`${path.basename(name)}.aside-`));
  expect(aside).toHaveLength(1);
  expect(existsSync(path.join(folder, aside[0] ?? '', 'x'))).toBe(true);
});

test('a folder in the place of the tokens lets nobody in without one', () => {
  mkdirSync(path.join(home, 'tokens.json'));
  expect(() => readTokens(home)).toThrow(expect.objectContaining({ code: 'BAD_SETTING' }));
});

test.each(['lab.lock', 'tokens.json'])('a link to nothing in the place of %s', async (name) => {
  symlinkSync('/nowhere/at/all', path.join(home, name));
  const lock = await acquireLabLock(home);
  ensureTokens(home);
  expect(readTokens(home)).not.toBeNull();
  lock.release();
});

const testAsRoot = isRoot() ? test : test.skip;
testAsRoot.each(['', '{"from":', 'null', '[]', '{"from":"/x"}'])(
  'as root (only root moves a database), a note of a moved one that holds %j is refused without its folder, and written anew with it',
  (text) => {
    chmodSync(home, 0o700);
    const wanted = path.join(home, 'postgres');
    const to = resolveDataFolder(wanted);
    const whole = readFileSync(`${wanted}.moved`, 'utf8');
    writeFileSync(`${wanted}.moved`, text);
    expect(() => resolveDataFolder(wanted)).toThrow(expect.objectContaining({ code: 'BAD_SETTING' }));
    mkdirSync(to, { recursive: true });
    try {
      expect(resolveDataFolder(wanted)).toBe(to);
      expect(readFileSync(`${wanted}.moved`, 'utf8')).toBe(whole);
    } finally {
      rmSync(to, { recursive: true });
    }
  },
);
