// A bundle is made once on a machine, and again where what was kept is damaged or no longer asked for.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOrMakeBundle, toBundleKey } from './bundle-cache.js';

let cache = '';
let made: string[] = [];

beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'praxis-cache-'));
  made = [];
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const take = (key: string): Promise<string> =>
  readOrMakeBundle(cache, key, () => {
    made.push(key);
    return Promise.resolve(`code of ${key}`);
  });
const list = async (): Promise<string[]> => (await readdir(path.join(cache, 'bundles'))).sort();

test('the second time it is taken from the cache', async () => {
  expect([await take('a'), await take('b'), await take('a')]).toEqual(['code of a', 'code of b', 'code of a']);
  expect(made).toEqual(['a', 'b']);
});

test('one that a power cut has emptied is made again', async () => {
  await take('a');
  const [name = ''] = await list();
  await truncate(path.join(cache, 'bundles', name));
  expect(await take('a')).toBe('code of a');
  expect(made).toEqual(['a', 'a']);
  expect(await list()).toEqual([name]);
});

test('the ones that were not asked for longest make room', async () => {
  for (let k = 0; k < 24; k++) await take(`k${k}`);
  const folder = path.join(cache, 'bundles');
  const old = new Date(Date.now() - 3_600_000);
  for (const name of await list()) await utimes(path.join(folder, name), old, old);
  await take('k7');
  await take('new');
  await take('newer');
  const names = await list();
  expect(names).toHaveLength(24);
  for (const key of ['k7', 'new', 'newer']) expect(names.filter((name) => name.startsWith(`${key}-`))).toHaveLength(1);
});

test('a cache that cannot be written only takes longer', async () => {
  await writeFile(path.join(cache, 'bundles'), 'a file in the place of the folder');
  expect([await take('a'), await take('a')]).toEqual(['code of a', 'code of a']);
  expect(made).toEqual(['a', 'a']);
});

test('a key names all that it is made of', async () => {
  const keys = await Promise.all(
    [
      ['ab', 'c'],
      ['a', 'bc'],
      ['ab', 'c'],
    ].map(toBundleKey),
  );
  expect(keys[0]).toBe(keys[2]);
  expect(keys[0]).not.toBe(keys[1]);
});
