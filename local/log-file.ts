// Log files of the lab's processes: appended to, and put aside when they have grown too large.

import { existsSync, fchmodSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { moveAsideFolder } from '../platform/move-aside.js';

const OWNER_ONLY = 0o600;
const ROTATE_ABOVE_BYTES = 10 * 1024 * 1024;

/** A file descriptor to append to. A file above the limit becomes `<file>.1`, which replaces the one before. */
export function openLogFile(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  moveAsideFolder(file);
  if (existsSync(file) && statSync(file).size > ROTATE_ABOVE_BYTES) {
    moveAsideFolder(`${file}.1`);
    renameSync(file, `${file}.1`);
  }
  const descriptor = openSync(file, 'a', OWNER_ONLY);
  fchmodSync(descriptor, OWNER_ONLY);
  return descriptor;
}
