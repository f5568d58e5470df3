// What is checked in is what the generator writes.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderContract } from './generate-contract.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

test('what is generated from the contract is up to date', () => {
  const stale = [...renderContract()].filter(
    ([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text,
  );
  expect(stale.map(([path]) => `${path} is stale: npm run build, then node dist/tools/generate-contract.js`)).toEqual([]);
});
