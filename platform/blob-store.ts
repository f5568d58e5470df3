// Large values by the hash of their content: one file each in a folder of the home. A value that was put is on disk, whole,
// before its hash is given to anybody.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from '../domain/error.js';

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
  return {
    put: async (content) => {
      const hash = hashContent(content);
      if (remembered.find(hash) !== undefined) return hash;
      let written = writing.get(hash);
      if (written === undefined) {
        written = writeOnce(toFile(folder, hash), content).finally(() => writing.delete(hash));
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
  const isNewFolder = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
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
  if (isNewFolder) await syncFolder(path.dirname(folder));
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
  const content = await readFile(file).catch((error: unknown) => { throw refuse(`cannot be read from ${file}`, error); });
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
