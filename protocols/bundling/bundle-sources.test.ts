// One bad file never stands in the way of the others: what only shows when the code is bundled or loaded is left out and told.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleSources } from './bundle-sources.js';
import { loadBundle } from './load-bundle.js';

let folder: string;
const home = (): string => path.join(folder, 'home');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-sources-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const declare = (name: string): string =>
  `import { protocolFunction } from 'praxis/sdk';\nexport const ${name} = protocolFunction({ name: '${name}', version: '1.0.0', description: 'Says.', isTopLevel: true }, async () => '${name}');\n`;

async function write(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const source = path.join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, file)), { recursive: true });
    await writeFile(path.join(source, file), text);
  }
  return source;
}

test('a file that throws when it is loaded, and one whose package cannot be bundled', async () => {
  const source = await write('protocols', {
    'good.protocol.ts': declare('good'),
    'throws.protocol.ts': `${declare('throws')}\nJSON.parse('{');\n`,
    'packed.protocol.ts': `import { text } from 'odd';\nexport const used = text;\n${declare('packed')}`,
    'node_modules/odd/package.json': '{"name":"odd","version":"1.0.0","main":"index.js"}',
    'node_modules/odd/index.js': `exports.text = require('./gone.js');\n`,
  });
  const { sources, bundleFile } = await bundleSources([source], { home: home() });
  const own = sources.reports.map(({ severity, file, line, message }) => [severity, path.relative(source, file), line, message]);
  expect(own).toEqual([
    ['error', 'packed.protocol.ts', 1, expect.stringContaining('gone.js')],
    ['error', 'throws.protocol.ts', expect.any(Number), expect.stringMatching(/throws when it is loaded: .*JSON/u)],
  ]);
  const names = sources.definitions.map(({ name }) => name);
  expect([names.includes('good'), names.includes('throws'), names.includes('packed')]).toEqual([true, false, false]);
  expect(loadBundle(bundleFile).find('runRehearsal')).toBeDefined();
  expect([...sources.refused].sort()).toEqual(['packed.protocol.ts', 'throws.protocol.ts']);
}, 300_000);
