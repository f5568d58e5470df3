// Log files of the lab's processes: appended to, and put aside when they have grown too large.

import { existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const ROTATE_ABOVE_BYTES = 10 * 1024 * 1024;

/** A file descriptor to append to. A file above the limit becomes `<file>.1`, which replaces the one before. */
export function openLogFile(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > ROTATE_ABOVE_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}
