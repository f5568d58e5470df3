// Bundles that this machine has made before, in its cache: making one takes seconds of a processor, and every new home
// would make the same again. What is kept is named by all that it was made of, and by what it holds.

import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProjectRoot } from '../../platform/paths.js';
import { replaceFile } from '../../platform/replace-file.js';

/** Beyond these the ones that were not asked for longest are deleted; one takes about 3 MB. */
const KEPT_BUNDLES = 24;
const KEY_CHARS = 24;
/** Whose own code is part of what they make. */
const MAKERS = ['bundle-protocols', 'bundle-entry', 'step-points'] as const;

/** The code of the key from the cache, or made now and kept there. A cache that cannot be read or written only takes longer. */
export async function readOrMakeBundle(cache: string, key: string, make: () => Promise<string>): Promise<string> {
  const folder = path.join(cache, 'bundles');
  const kept = await readKept(folder, key).catch(() => undefined);
  if (kept !== undefined) return kept;
  const code = await make();
  await keep(folder, key, code).catch(() => undefined);
  return code;
}

/** A name for what the texts, the makers of bundles and the packages of the project make together. */
export async function toBundleKey(texts: readonly string[]): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const makers = MAKERS.map((name) => readFile(path.join(path.dirname(here), `${name}${path.extname(here)}`), 'utf8'));
  const hash = createHash('sha256');
  for (const text of [
    ...texts,
    ...(await Promise.all(makers)),
    await readFile(path.join(findProjectRoot(), 'package-lock.json'), 'utf8'),
  ]) {
    hash.update(`${text.length}\0${text}\0`);
  }
  return hash.digest('hex').slice(0, KEY_CHARS);
}

async function readKept(folder: string, key: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${key}-`) || !name.endsWith('.js')) continue;
    const file = path.join(folder, name);
    const code = await readFile(file, 'utf8');
    // The disk may have lost what was on it, and whoever cleans caches up may cut a file.
    if (name !== toFileName(key, code)) {
      await rm(file, { force: true });
      continue;
    }
    const now = new Date();
    await utimes(file, now, now);
    return code;
  }
  return undefined;
}

async function keep(folder: string, key: string, code: string): Promise<void> {
  replaceFile(path.join(folder, toFileName(key, code)), code);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const dated = await Promise.all(names.map(async (name) => ({ name, atMs: (await stat(path.join(folder, name))).mtimeMs })));
  const superfluous = dated.sort((a, b) => b.atMs - a.atMs).slice(KEPT_BUNDLES);
  await Promise.all(superfluous.map(({ name }) => rm(path.join(folder, name), { force: true })));
}

function toFileName(key: string, code: string): string {
  return `${key}-${createHash('sha256').update(code).digest('hex').slice(0, KEY_CHARS)}.js`;
}
