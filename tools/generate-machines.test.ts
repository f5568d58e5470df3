// What is checked in is what the generator writes.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalogue, renderAll } from './generate-machines.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = renderAll(readCatalogue(ROOT));

test('handles and docs are those of the catalogue and the policies', () => {
  const stale = [...files].filter(([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text);
  expect(stale.map(([path]) => `${path} is stale: npm run build, then node dist/tools/generate-machines.js`)).toEqual([]);
});

test('no generated handle is left over', () => {
  const kept = readdirSync(join(ROOT, 'protocols/sdk/machines')).map((name) => `protocols/sdk/machines/${name}`);
  expect(kept.filter((path) => !path.endsWith('.test.ts') && !files.has(path))).toEqual([]);
});
