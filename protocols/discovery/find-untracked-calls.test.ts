// Calls of plain functions from other code are found, wherever the function lies, and nothing else is.

import { discoverProtocols } from './discover-protocols.js';

const IMPORT = `import { protocolFunction, type LiquidHandler, type Run } from 'praxis/sdk';\n`;
const PLAIN = `${IMPORT}export async function mix({ n }: { n: number }, { lh }: { lh: LiquidHandler }, run: Run): Promise<void> {}\n`;

function listWarnings(files: Readonly<Record<string, string>>): readonly string[] {
  const { problems, warnings } = discoverProtocols({
    folder: '/source',
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
  });
  expect(problems).toEqual([]);
  return warnings.map(({ file, line, message }) => `${file}:${line} ${message.split(' ')[0] ?? ''}`);
}

const protocolThat = (calls: string): string =>
  `export const all = protocolFunction({ name: 'all', version: '1.0.0', description: 'All.' }, async () => {\n  ${calls}\n});\n`;

test('in its own file, imported by name, by another name and in a namespace', () => {
  expect(
    listWarnings({
      'mix.ts': `${PLAIN}${protocolThat('await mix({ n: 1 });')}`.replace(`'all'`, `'own'`),
      'assays/a.ts': `${IMPORT}import { mix } from '../mix.js';\n${protocolThat('await mix({ n: 1 });')}`,
      'assays/b.ts': `${IMPORT}import { mix as stir } from '../mix.js';\n${protocolThat('await stir({ n: 1 });')}`.replace(`'all'`, `'b'`),
      'c.ts': `${IMPORT}import * as steps from './mix.js';\n${protocolThat('await steps.mix({ n: 1 });')}`.replace(`'all'`, `'c'`),
    }),
  ).toEqual(['assays/a.ts:4 mix()', 'assays/b.ts:4 stir()', 'c.ts:4 steps.mix()', 'mix.ts:4 mix()']);
});

test('a function that is no protocol, one of a package and a declared protocol are called without a word', () => {
  const declared = `${IMPORT}export const mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'Mixes.' }, async () => {});\n`;
  expect(
    listWarnings({
      'mix.ts': declared,
      'helper.ts': 'export async function wait(ms: number) {}\n',
      'a.ts': `${IMPORT}import { mix } from './mix.js';\nimport { wait } from './helper.js';\nimport { stir } from 'stirring';\n${protocolThat('await mix({}); await wait(1); await stir();')}`,
    }),
  ).toEqual([]);
});
