// Makes the home of a lab, or what there is of it, its owner's alone.

import { chmodSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { isRoot } from './postgres-folders.js';

const OWNER_FOLDER = 0o700;
/** Root runs Postgres as another user, who must pass through to its data, and may read nothing else. */
const OWNER_FOLDER_OF_ROOT = 0o711;
/** Nobody but the owner lists, reads or writes; who may pass through stays as it was. */
const KEPT_OF_OTHERS = 0o711;
const FOLDERS = ['logs', 'processes', 'bridge', 'redis', 'temporal'] as const;

/** Files in it are made for their owner alone by those who write them; children get a mask for that (`recorded-process.ts`). */
export function prepareHome(home: string): void {
  try {
    const isNew = mkdirSync(home, { recursive: true, mode: OWNER_FOLDER }) !== undefined;
    if (isNew) chmodSync(home, isRoot() ? OWNER_FOLDER_OF_ROOT : OWNER_FOLDER);
    const { mode } = statSync(home);
    if ((mode & 0o777 & ~KEPT_OF_OTHERS) !== 0) chmodSync(home, mode & KEPT_OF_OTHERS);
    for (const name of FOLDERS) {
      mkdirSync(path.join(home, name), { recursive: true, mode: OWNER_FOLDER });
      chmodSync(path.join(home, name), OWNER_FOLDER);
    }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const isInTheWay = code === 'EEXIST' || code === 'ENOTDIR';
    throw new LabError('BAD_SETTING', {
      message: isInTheWay
        ? `A file is where a folder of the home ${home} should be: ${message}.`
        : `The home ${home} can not be made: ${message}.`,
      field: 'PRAXIS_HOME',
      remedy: isInTheWay ? 'Move that file away, or set PRAXIS_HOME to a folder of your own.' : 'Set PRAXIS_HOME to a folder of your own.',
      cause: error,
    });
  }
}
