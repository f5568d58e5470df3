// The tokens of a lab, as its owner reads them.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Lab } from './start-lab.js';

export async function readTokens({ home }: Pick<Lab, 'home'>): Promise<{ operator: string; viewer: string }> {
  return JSON.parse(await readFile(path.join(home, 'tokens.json'), 'utf8')) as { operator: string; viewer: string };
}
