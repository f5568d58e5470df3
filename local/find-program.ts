// Finds a program on PATH without running a shell.

import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

export function findProgram(name: string, searchPath = process.env['PATH'] ?? ''): string | null {
  const files = searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name));
  return files.find(isExecutableFile) ?? null;
}

export function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not ours to run: both mean that it is not the program.
    return false;
  }
}
