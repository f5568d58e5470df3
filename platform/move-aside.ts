// Puts out of the way what is no file where a file of the lab should be, and keeps it: nobody knows who made it, or why.

import { existsSync, lstatSync, renameSync, statSync } from 'node:fs';

/** Afterwards neither a folder nor a link to one is in the place of the file. */
export function moveAsideFolder(file: string): void {
  if (existsSync(file) && statSync(file).isDirectory()) moveAside(file);
}

/** Afterwards there is a file or nothing: a link to nothing is in the way of what must not be there before it is written. */
export function moveAsideWhatIsNoFile(file: string): void {
  moveAsideFolder(file);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && !existsSync(file)) moveAside(file);
}

function moveAside(file: string): void {
  renameSync(file, `${file}.aside-${Date.now()}`);
}
