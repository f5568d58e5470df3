// Writes a file that must survive a power cut whole: beside it, synced, renamed over it, and the folder synced. For the
// owner of the home alone.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { moveAsideFolder } from './move-aside.js';

const OWNER_ONLY = 0o600;
const OWNER_FOLDER = 0o700;

/** Afterwards the file holds the text, whatever happens; before, what it held. A folder in its place is kept beside it. Throws what the system says, with nothing changed. */
export function replaceFile(file: string, text: string): void {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true, mode: OWNER_FOLDER });
  const unfinished = `${file}.${process.pid}`;
  try {
    const descriptor = openSync(unfinished, 'w', OWNER_ONLY);
    try {
      // All of it or an error; a nearly full disk takes a part of one write.
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    moveAsideFolder(file);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** What was renamed, linked or removed in the folder stays so after a power cut. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
