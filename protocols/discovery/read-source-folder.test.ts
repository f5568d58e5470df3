// Reading a source folder and naming its version: what is taken, what is left out, what changes the hash.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashProtocolSource } from './hash-protocol-source.js';
import { readSourceFolder, SOURCE_FILE_BYTES_MAX } from './read-source-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'praxis-source-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

test("takes source below the folder in order, and leaves out what is not the author's", async () => {
  await write({ 'b.ts': 'b', 'a/c.ts': 'c', 'a/plates.json': '{}' });
  await write({ 'b.test.ts': 'x', 'b.d.ts': 'x', 'notes.md': 'x', '.git/x.ts': 'x', 'node_modules/p/x.ts': 'x', 'dist/x.ts': 'x' });
  const { files } = await readSourceFolder(folder);
  expect(files).toEqual([
    { path: 'a/c.ts', text: 'c' },
    { path: 'a/plates.json', text: '{}' },
    { path: 'b.ts', text: 'b' },
  ]);
});

test('refuses a missing folder; what of one cannot be taken is told, and the rest is read', async () => {
  await expect(readSourceFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  await write({
    'big.ts': ' '.repeat(SOURCE_FILE_BYTES_MAX + 1),
    'good.ts': 'g',
    'mix.protocol.js': 'x',
    'mix.protocol.mts': 'x',
    'x.js': 'x',
  });
  await symlink('/etc/hostname', join(folder, 'link.ts'));
  const { files, problems = [] } = await readSourceFolder(folder);
  expect(files).toEqual([{ path: 'good.ts', text: 'g' }]);
  expect(problems.map(({ file, message, remedy }) => [file, message, remedy]).sort()).toEqual([
    ['big.ts', expect.stringContaining('larger than'), expect.any(String)],
    ['link.ts', expect.stringContaining('is a link'), expect.any(String)],
    ['mix.protocol.js', expect.stringContaining('protocols are TypeScript'), expect.stringContaining('mix.protocol.ts')],
    ['mix.protocol.mts', expect.stringContaining('protocols are TypeScript'), expect.stringContaining('mix.protocol.ts')],
  ]);
});

test('the hash follows paths and contents, not the order of reading', () => {
  const a = { path: 'a.ts', text: '1' };
  const b = { path: 'b.ts', text: '2' };
  const hash = hashProtocolSource([a, b]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/u);
  expect(hashProtocolSource([b, a])).toBe(hash);
  const others = [
    [a],
    [a, { ...b, text: '3' }],
    [a, { ...b, path: 'c.ts' }],
    [{ path: 'a.ts', text: '1b.ts2' }],
    [{ path: 'a.ts1', text: '' }, b],
  ];
  expect(new Set([hash, ...others.map(hashProtocolSource)]).size).toBe(others.length + 1);
});
