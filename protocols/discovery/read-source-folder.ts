// Reads a folder of protocol source into memory: what discovery parses and what the source hash covers.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import type { SourceFolder } from './discover-protocols.js';
import type { SourceText } from './parse-source.js';

export const SOURCE_FILES_MAX = 5_000;
export const SOURCE_FILE_BYTES_MAX = 1024 * 1024;

/** Folders that hold no source of the author's own. Hidden ones are left out too. */
const SKIPPED_FOLDERS: readonly string[] = ['node_modules', 'dist'];

/** Reads every .ts and .json file below the folder, tests left out. Throws SOURCE_UNREADABLE. */
export async function readSourceFolder(folder: string): Promise<SourceFolder> {
  const paths = await listSourcePaths(folder);
  const files: SourceText[] = [];
  for (const path of paths) files.push({ path, text: await readSource(folder, path) });
  return { folder, files };
}

async function listSourcePaths(folder: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const pending = [''];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const entry of await listFolder(join(folder, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && !SKIPPED_FOLDERS.includes(entry.name)) pending.push(path);
      if (entry.isSymbolicLink() && isSourceName(entry.name)) throw unreadable(`${path} is a link; put the file itself into the folder.`);
      if (entry.isFile() && isSourceName(entry.name)) paths.push(path);
    }
    if (paths.length > SOURCE_FILES_MAX) throw unreadable(`${folder} has more than ${SOURCE_FILES_MAX} source files.`);
  }
  return paths.sort();
}

async function listFolder(folder: string): Promise<readonly import('node:fs').Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadable(`The protocol folder ${folder} cannot be read.`, cause);
  }
}

async function readSource(folder: string, path: string): Promise<string> {
  const file = join(folder, path);
  try {
    const { size } = await stat(file);
    if (size > SOURCE_FILE_BYTES_MAX) throw unreadable(`${path} is larger than ${SOURCE_FILE_BYTES_MAX / 1024} KiB.`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw cause instanceof LabError ? cause : unreadable(`${path} cannot be read.`, cause);
  }
}

function isSourceName(name: string): boolean {
  if (name.endsWith('.json')) return true;
  return name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');
}

function unreadable(message: string, cause?: unknown): LabError {
  return new LabError('SOURCE_UNREADABLE', { message, cause });
}
