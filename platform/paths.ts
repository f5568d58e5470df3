// Where the project is: the folder of the package.json named praxis, from sources and from dist/ alike.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../domain/errors/error.js';

const PACKAGE_NAME = 'praxis';

export function findProjectRoot(from = path.dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (readPackageName(path.join(folder, 'package.json')) === PACKAGE_NAME) return folder;
    if (folder === path.dirname(folder)) {
      throw new LabError('INTERNAL', { message: `No package.json named ${PACKAGE_NAME} was found in or above ${from}.` });
    }
  }
}

function readPackageName(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name;
}
