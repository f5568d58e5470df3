// Puts out of the way what is a folder where a file of the lab should be, and keeps it: nobody knows who made it, or why.

import { lstatSync, renameSync } from 'node:fs';

/** Afterwards no folder is in the place of the file. */
export function moveAsideFolder(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true) renameSync(file, `${file}.aside-${Date.now()}`);
}
