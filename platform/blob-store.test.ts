// Blobs on a real disk: written once and whole, found by another store, refused where they are damaged.

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBlobStore, sweepDrafts } from './blob-store.js';

let folder: string;

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'praxis-blobs-')), 'blobs');
});
afterEach(() => {
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

const content = (text: string): Uint8Array => new TextEncoder().encode(text);
const listFiles = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(folder, name)).isFile());

test('what was put is read by everybody who has the folder, and lies there once', async () => {
  const store = openBlobStore(folder);
  const [hash, again] = await Promise.all([store.put(content('a picture')), store.put(content('a picture'))]);
  const later = await openBlobStore(folder).put(content('a picture'));
  expect([again, later]).toEqual([hash, hash]);
  expect(listFiles()).toEqual([path.join(hash.slice(0, 2), hash)]);
  expect(Buffer.from(await openBlobStore(folder).get(hash)).toString()).toBe('a picture');
  expect(statSync(path.join(folder, hash.slice(0, 2), hash)).mode & 0o077).toBe(0);
});

test('a file that was cut or changed is refused, and put right by the next who writes the same', async () => {
  const hash = await openBlobStore(folder).put(content('a picture'));
  const file = path.join(folder, hash.slice(0, 2), hash);
  writeFileSync(file, 'A picture');
  await expect(openBlobStore(folder).get(hash)).rejects.toMatchObject({
    code: 'BLOB_MISSING',
    message: expect.stringContaining('damaged') as unknown,
  });
  truncateSync(file, 3);
  await expect(openBlobStore(folder).get(hash)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  await openBlobStore(folder).put(content('a picture'));
  expect(Buffer.from(await openBlobStore(folder).get(hash)).toString()).toBe('a picture');
});

test('what is not there, and names that no hash has, are refused', async () => {
  const store = openBlobStore(folder);
  for (const hash of ['0'.repeat(64), '../../etc/passwd', ''])
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
});

test('a folder that cannot be written fails the one who writes', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  await expect(openBlobStore(folder).put(content('a picture'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('drafts of writers that were killed are swept; values, and what is being written, stay', async () => {
  expect(await sweepDrafts(folder, 60_000)).toBe(0);
  const hash = await openBlobStore(folder).put(content('a picture'));
  const file = path.join(folder, hash.slice(0, 2), hash);
  const [left, young] = [`${file}.left`, `${file}.young`];
  for (const draft of [left, young]) writeFileSync(draft, 'a pic');
  for (const old of [left, file]) utimesSync(old, new Date(0), new Date(0));
  expect(await sweepDrafts(folder, 60_000)).toBe(1);
  expect(listFiles().sort()).toEqual([path.relative(folder, file), path.relative(folder, young)]);
});

test('a folder of values that was taken away is made again', async () => {
  const store = openBlobStore(folder);
  const first = await store.put(content('a picture'));
  rmSync(folder, { recursive: true });
  // Of the same folder, which was made before.
  const texts = Array.from({ length: 5_000 }, (_, k) => `picture ${k}`);
  const same = texts.find((text) => createHash('sha256').update(text).digest('hex').startsWith(first.slice(0, 2)));
  const hash = await store.put(content(same ?? ''));
  expect(hash.slice(0, 2)).toBe(first.slice(0, 2));
  expect(await openBlobStore(folder).get(hash)).toBeDefined();
});
