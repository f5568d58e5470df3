// Large values by the hash of their content: one file each in a folder of the home. A value that was put is on disk, whole,
// before its hash is given to anybody.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';

/** What was read or written last stays in memory up to this size: a worker reads what it has just written again and again. */
const REMEMBERED_MAX_BYTES = 64 * 1024 * 1024;
const HASH_PATTERN = /^[0-9a-f]{64}$/u;

export interface BlobStore {
  /** Durable once it resolves; the same content again costs nothing. */
  put(content: Uint8Array): Promise<string>;
  /** Throws BLOB_MISSING where it is not there, or is not what its hash says. */
  get(hash: string): Promise<Uint8Array>;
}

export function openBlobStore(folder: string): BlobStore {
  const remembered = rememberContents(REMEMBERED_MAX_BYTES);
  const writing = new Map<string, Promise<void>>();
  const makeFolder = createFolderMaker();
  return {
    put: async (content) => {
      const hash = hashContent(content);
      if (remembered.find(hash) !== undefined) return hash;
      let written = writing.get(hash);
      if (written === undefined) {
        written = makeFolder(folder, hash)
          .then(() => writeOnce(toFile(folder, hash), content))
          .finally(() => writing.delete(hash));
        writing.set(hash, written);
      }
      await written;
      remembered.keep(hash, content);
      return hash;
    },
    get: async (hash) => {
      const known = remembered.find(hash);
      if (known !== undefined) return known;
      const content = await readBlob(folder, hash);
      remembered.keep(hash, content);
      return content;
    },
  };
}

function hashContent(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function toFile(folder: string, hash: string): string {
  return path.join(folder, hash.slice(0, 2), hash);
}

/** Whoever finds the file finds all of it: it gets its name when it is on disk. */
async function writeOnce(file: string, content: Uint8Array): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  const folder = path.dirname(file);
  // Somebody else may have written it a moment ago.
  if (there?.size === content.length) return syncFolder(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Makes the folder that a value lies in, once for each. Its name and that of the store are on disk before the first value is, whoever has
 * made them: another process may have, a moment ago, and not have synced them yet.
 */
function createFolderMaker(): (store: string, hash: string) => Promise<void> {
  const made = new Map<string, Promise<void>>();
  const make = async (folder: string): Promise<void> => {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = path.dirname(folder);
    await syncFolder(store);
    // Up to the folder that was there before.
    for (let above = path.dirname(store), top = path.dirname(first ?? store); ; above = path.dirname(above)) {
      await syncFolder(above).catch(ignoreForbidden);
      if (above.length <= top.length) return;
    }
  };
  return async (store, hash) => {
    const folder = path.dirname(toFile(store, hash));
    const making = made.get(folder) ?? make(folder);
    made.set(folder, making);
    try {
      await making;
    } catch (error) {
      // The next value tries again.
      made.delete(folder);
      throw error;
    }
  };
}

/** A folder that may not be opened was there before, and is not ours to sync. */
function ignoreForbidden(error: unknown): void {
  if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}

/** Removes what writers have left that were killed in the middle. Returns how many; those that are being written are young. */
export async function sweepDrafts(store: string, olderThanMs: number): Promise<number> {
  let swept = 0;
  for (const folder of await listNames(store)) {
    for (const name of await listNames(path.join(store, folder))) {
      const file = path.join(store, folder, name);
      if (HASH_PATTERN.test(name) || !(await isOlder(file, olderThanMs))) continue;
      await unlink(file).then(
        () => {
          swept += 1;
        },
        () => undefined,
      );
    }
  }
  return swept;
}

async function listNames(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    // Nothing was ever stored, or a file lies where a folder should.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  });
}

async function isOlder(file: string, ms: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && found.isFile() && Date.now() - found.mtimeMs > ms;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readBlob(folder: string, hash: string): Promise<Uint8Array> {
  const refuse = (because: string, cause?: unknown): LabError =>
    new LabError('BLOB_MISSING', { message: `The value ${hash.slice(0, 12)} ${because}.`, ...(cause !== undefined && { cause }) });
  if (!HASH_PATTERN.test(hash)) throw refuse('has no name that a stored value could have');
  const file = toFile(folder, hash);
  const content = await readFile(file).catch((error: unknown) => {
    throw refuse(`cannot be read from ${file}`, error);
  });
  if (hashContent(content) !== hash) throw refuse(`is damaged: ${file} holds something else`);
  return content;
}

function rememberContents(maxBytes: number) {
  const contents = new Map<string, Uint8Array>();
  let totalBytes = 0;
  const forget = (hash: string, { length }: Uint8Array): void => {
    contents.delete(hash);
    totalBytes -= length;
  };
  return {
    find: (hash: string): Uint8Array | undefined => {
      const content = contents.get(hash);
      if (content === undefined) return undefined;
      contents.delete(hash);
      contents.set(hash, content);
      return content;
    },
    keep: (hash: string, content: Uint8Array): void => {
      if (content.length > maxBytes || contents.has(hash)) return;
      contents.set(hash, content);
      totalBytes += content.length;
      for (const [oldest, old] of contents) {
        if (totalBytes <= maxBytes) break;
        forget(oldest, old);
      }
    },
  };
}
