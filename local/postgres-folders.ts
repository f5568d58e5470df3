// Where a Postgres server keeps its data and its socket. Postgres refuses to run as root, so for root
// it runs as `nobody`; data below a folder that nobody may not enter moves to /var/lib/praxis, and a
// note beside the wanted place says where it went.

import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { isJsonObject } from '../domain/json/json.js';
import { SOCKET_PATH_LIMIT_BYTES } from '../platform/read-place.js';
import { replaceFile } from '../platform/replace-file.js';

export const ROOT_STORE_FOLDER = '/var/lib/praxis';
const NOBODY_ID = 65_534;
export const SOCKET_NAME = '.s.PGSQL.5432';
const HASH_DIGITS = 12;

interface MovedNote {
  readonly from: string;
  readonly to: string;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** True when every folder down to the nearest one that exists may be entered by any user. */
export function isReachableByServerUser(wanted: string): boolean {
  for (let folder = path.resolve(wanted); ; folder = path.dirname(folder)) {
    if (existsSync(folder) && folder !== path.resolve(wanted) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** The folder that really holds the data of `wanted`; the same one at every start. */
export function resolveDataFolder(wanted: string): string {
  const from = path.resolve(wanted);
  if (!isRoot()) return from;
  const noteFile = `${from}.moved`;
  const note = readNote(noteFile);
  if (note === null && (existsSync(path.join(from, 'PG_VERSION')) || isReachableByServerUser(from))) return from;
  if (note !== null && note.from !== from && existsSync(`${note.from}.moved`)) {
    throw new LabError('BAD_SETTING', {
      message: `${path.dirname(from)} is a copy of ${path.dirname(note.from)}, whose database it must not share.`,
      remedy: `Remove ${noteFile} to begin with an empty database.`,
    });
  }
  const to = note?.to ?? path.join(ROOT_STORE_FOLDER, `data-${shortHash(from)}`);
  if (note === null && existsSync(noteFile) && !existsSync(to)) {
    // What it said may be where the data is; an empty database in its place would be taken for a lost one.
    throw new LabError('BAD_SETTING', {
      message: `${noteFile}, which says where the database of ${path.dirname(from)} is, is damaged, and ${to} is not there.`,
      remedy: `Write {"from":"${from}","to":"the folder of the database below ${ROOT_STORE_FOLDER}"} into it, or move it aside to begin with an empty database.`,
    });
  }
  if (note?.from !== from) replaceFile(noteFile, `${JSON.stringify({ from, to } satisfies MovedNote)}\n`);
  return to;
}

/** Makes the folder, or an empty part of it, the server's own: 0700 and, for root, owned by nobody. */
export function makeServerFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (isRoot()) chownSync(folder, NOBODY_ID, NOBODY_ID);
  chmodSync(folder, 0o700);
}

/** User and group to run the server as: the owner of the data, where root may choose. */
export function findServerUser(dataFolder: string): { uid: number; gid: number } | undefined {
  if (!isRoot()) return undefined;
  const { uid, gid } = statSync(dataFolder);
  if (uid === 0) throw new LabError('START_FAILED', { message: `${dataFolder} belongs to root, and Postgres refuses to run as root.` });
  return { uid, gid };
}

/** The data folder itself, or a short one below /tmp where its path is too long for a socket. */
export function prepareSocketFolder(dataFolder: string): string {
  if (Buffer.byteLength(path.join(dataFolder, SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES) return dataFolder;
  const { uid, gid } = statSync(dataFolder);
  const folder = `/tmp/praxis-pg-${shortHash(dataFolder)}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (isRoot() && lstatSync(folder).uid === 0) chownSync(folder, uid, gid);
  const found = lstatSync(folder);
  // Anybody may make folders in /tmp; one that another user made could hold a false server.
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new LabError('START_FAILED', {
      message: `${folder} belongs to someone else.`,
      remedy: `Remove it, or set PRAXIS_HOME to a shorter path.`,
    });
  }
  return folder;
}

function readNote(noteFile: string): MovedNote | null {
  try {
    const note: unknown = JSON.parse(readFileSync(noteFile, 'utf8'));
    return isJsonObject(note) && typeof note['from'] === 'string' && typeof note['to'] === 'string'
      ? { from: note['from'], to: note['to'] }
      : null;
  } catch {
    // Not there, empty, cut short, or a folder in its place.
    return null;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
