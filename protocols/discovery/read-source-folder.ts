// Reads a folder of protocol source into memory: what discovery parses and what the source hash covers.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import type { SourceFolder } from './discover-protocols.js';
import type { SourceProblem, SourceText } from './parse-source.js';

export const SOURCE_FILES_MAX = 5_000;
export const SOURCE_FILE_BYTES_MAX = 1024 * 1024;

/** Folders that hold no source of the author's own. Hidden ones are left out too. */
const SKIPPED_FOLDERS: readonly string[] = ['node_modules', 'dist'];

/** Written in a language, or with a module form, that is not read. */
const STRAY = /^(.+\.protocol)\.(?:[cm]?jsx?|[cm]ts|tsx)$/u;

/**
 * Reads every .ts and .json file below the folder, tests left out; what of it cannot be taken is told among the problems.
 * Throws SOURCE_UNREADABLE where the folder itself cannot be read.
 */
export async function readSourceFolder(folder: string): Promise<SourceFolder> {
  const problems: SourceProblem[] = [];
  const paths = await listSourcePaths(folder, problems);
  const files: SourceText[] = [];
  for (const path of paths) {
    const text = await readSource(join(folder, path));
    if (typeof text === 'string') files.push({ path, text });
    else problems.push({ file: path, line: 1, column: 1, ...text });
  }
  return { folder, files, ...(problems.length > 0 && { problems }) };
}

async function listSourcePaths(folder: string, problems: SourceProblem[]): Promise<readonly string[]> {
  const paths: string[] = [];
  const pending = [''];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const entry of await listFolder(join(folder, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && !SKIPPED_FOLDERS.includes(entry.name)) pending.push(path);
      const stray = entry.isDirectory() ? undefined : findStray(path, entry);
      if (stray) problems.push({ file: path, line: 1, column: 1, ...stray });
      if (entry.isFile() && isSourceName(entry.name)) paths.push(path);
    }
    if (paths.length > SOURCE_FILES_MAX) throw unreadable(`${folder} has more than ${SOURCE_FILES_MAX} source files.`);
  }
  return paths.sort();
}

/** What looks like source and is not taken. */
function findStray(path: string, entry: import('node:fs').Dirent): Untaken | undefined {
  if (entry.isSymbolicLink() && isSourceName(entry.name))
    return { message: 'It is a link, and links are not followed.', remedy: 'Put the file itself into the folder.' };
  const bare = STRAY.exec(path)?.[1];
  if (bare === undefined) return undefined;
  return { message: 'It is not read: protocols are TypeScript.', remedy: `Rename it to ${bare}.ts and give its parameters types.` };
}

async function listFolder(folder: string): Promise<readonly import('node:fs').Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadable(`The protocol folder ${folder} cannot be read.`, cause);
  }
}

type Untaken = Pick<SourceProblem, 'message' | 'remedy'>;

async function readSource(file: string): Promise<string | Untaken> {
  try {
    const { size } = await stat(file);
    if (size <= SOURCE_FILE_BYTES_MAX) return await readFile(file, 'utf8');
    return { message: `It is larger than ${SOURCE_FILE_BYTES_MAX / 1024} KiB.`, remedy: 'Split it; tables belong into parameters.' };
  } catch (cause) {
    return { message: `It cannot be read: ${(cause as Error).message}.`, remedy: 'Give the user of the lab the right to read it.' };
  }
}

function isSourceName(name: string): boolean {
  if (name.endsWith('.json')) return true;
  return name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');
}

function unreadable(message: string, cause?: unknown): LabError {
  return new LabError('SOURCE_UNREADABLE', { message, cause });
}
