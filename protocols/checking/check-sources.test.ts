// What is told of sources before anything of them runs: mistakes as authors make them, each with its place and a remedy.

import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceText } from '../discovery/parse-source.js';
import { checkSources, type CheckedFolder } from './check-sources.js';
import { createTypeChecker, type TypeChecker } from './check-types.js';

const HEAD = `import { labware, machine, param, protocolFunction } from 'praxis/sdk';
const assets = { lh: machine.liquidHandler(), plate: labware.plate({ wells: 96 }), tips: labware.tipRack(), diluent: labware.trough() };
`;
/** The body begins on line 5. */
const withBody = (
  body: string,
  parameters = '{ ul: param.number({ min: 1, max: 300 }) }',
): string => `${HEAD}const spec = { name: 'mix', version: '1.0.0', isTopLevel: true, description: 'M.', parameters: ${parameters}, assets } as const;
export const mix = protocolFunction(spec, async ({ ul }, { lh, plate, tips, diluent }, run) => {
${body}
});
`;

let types: TypeChecker;
beforeAll(() => {
  types = createTypeChecker();
});

function check(files: readonly SourceText[]): CheckedFolder {
  const [checked] = checkSources([{ folder: '/praxis-source', files }], { types, hasPackage: (_folder, name) => name === 'there' });
  return checked!;
}

function checkBody(body: string, parameters?: string): readonly (readonly [string, string, string])[] {
  const { problems } = check([{ path: 'mix.protocol.ts', text: withBody(body, parameters) }]);
  return problems.map(({ line, column, message, remedy = '' }) => [`${line}:${column}`, message, remedy]);
}

test('a good protocol has no problem, with all that the language and the run have', () => {
  expect(
    checkBody(`await lh.pickUpTips(tips.spots('A1'));
console.log('volume', ul, new Date().toISOString(), new URL('http://a/b').pathname);
const both = Promise.all([run.delay({ seconds: 1 }), run.delay({ seconds: 2 })]);
await both;
void run.delay({ seconds: 1 });
await run.block('b', (block) => {
  const arm = block.on(lh);
  arm.aspirate(diluent, ul);
  block.on(lh).dispense(plate.wells('A1'), ul);
});
lh.returnTips().catch(() => undefined);
for (const well of plate.wells('A1:A2')) await lh.dispense([well], ul);`),
  ).toEqual([]);
}, 120_000);

test("a file that is refused is nobody's double: the sound one of the same name and version stays", () => {
  const { protocols, refused } = check([
    { path: 'good.protocol.ts', text: withBody(`await lh.pickUpTips(tips.spots('A1'));`) },
    { path: 'wrong.protocol.ts', text: withBody(`await lh.pickUpTip(tips.spots('A1'));`) },
  ]);
  expect(protocols.map(({ file }) => file)).toEqual(['good.protocol.ts']);
  expect(refused).toEqual(['wrong.protocol.ts']);
});

describe('told by the types', () => {
  test.each<[why: string, body: string, place: string, message: RegExp, remedy: RegExp]>([
    ['a text as a volume', `await lh.aspirate(diluent, '50');`, '5:28', /'string' is not assignable/, /without quotes/],
    ['a misspelt method', `await lh.pickUpTip(tips.spots('A1'));`, '5:10', /'pickUpTip' does not exist.*Did you mean/, /Write pickUpTips/],
    ['a method of Python', `await lh.return_tips();`, '5:10', /'return_tips'/, /Write returnTips/],
    ['an index of Python', `await lh.pickUpTips(tips['A1']);`, '5:21', /can't be used to index/, /tips\.spots/],
    [
      'an option that there is not',
      `await lh.aspirate(diluent, ul, { flowRate: 100 });`,
      '5:34',
      /'flowRate' does not exist/,
      /Leave it out/,
    ],
    [
      'wells of a tip rack',
      `await lh.dispense(tips.wells('A1'), ul);`,
      '5:24',
      /'wells' does not exist on type 'TipRack'/,
      /There are: .*spots/,
    ],
    ['a network', `await fetch('http://a');`, '5:7', /Cannot find name 'fetch'/, /no network/],
    ['a timer', `await new Promise((go) => setTimeout(go, 9));`, '5:27', /'setTimeout'/, /run\.delay/],
    ['an environment', `const home = process.env.HOME;`, '5:14', /^Cannot find name 'process'\.$/, /no environment/],
    ['a Map as the result', `return { m: new Map([['a', 1]]) };`, '4:20', /Property 'm' is incompatible.*Map/, /Object\.fromEntries/],
    ['a condition that does not wait', `if (run.ask.confirm('Go?')) return;`, '5:5', /always return true/, /await/],
    ['a forgotten command', `lh.returnTips();`, '5:1', /Nobody waits for lh\.returnTips\(\)/, /Write await lh\.returnTips/],
    ['a forgotten delay', `run.delay({ minutes: 5 });`, '5:1', /Nobody waits for run\.delay/, /await/],
    ['a forgotten half', `ul > 3 && lh.returnTips();`, '5:1', /Nobody waits/, /await/],
    ['forgotten promises of a map', `plate.wells('A1:A2').map((well) => lh.dispense(well, ul));`, '5:1', /the promises of/, /Promise\.all/],
    [
      'a callback that nobody waits for',
      `['A1'].forEach(async (well) => { await lh.dispense(plate.wells(well), ul); });`,
      '5:16',
      /does not wait/,
      /for \(const/,
    ],
  ])('%s', (_why, body, place, message, remedy) => {
    expect(checkBody(body)[0]).toEqual([place, expect.stringMatching(message), expect.stringMatching(remedy)]);
  });

  test('every one at once, and once where we have said it in our own words', () => {
    const places = checkBody(`lh.returnTips();\nawait lh.pickUpTip(tips.spots('A1'));`, `{ ul: param.number({ min: '1' }) }`).map(
      ([place]) => place,
    );
    expect(places).toEqual(['3:122', '5:1', '6:10']);
  });
});

describe('told by the imports', () => {
  const use = (imports: string): SourceText => ({
    path: 'assays/mix.protocol.ts',
    text: `${imports}\n${withBody('await lh.returnTips();')}`,
  });
  const limits = { path: 'lib/limits.ts', text: 'export const MAX_UL = 300;\nexport type Ul = number;' };

  test.each<[imports: string, place: string, message: RegExp, remedy: RegExp]>([
    [`import { MAX_UL } from './limits.js';`, '1:24', /no file '\.\/limits\.js'/, /lib\/limits\.ts has it: write '\.\.\/lib\/limits\.js'/],
    [`import * as all from '../lib/limit.js';`, '1:22', /no file/, /lib\/limits\.ts is there: write '\.\.\/lib\/limits\.js'/],
    [`import { MAX_UL } from './other.js';`, '1:24', /no file/, /lib\/limits\.ts has it/],
    [`import { MAX } from '../lib/limits.js';`, '1:10', /lib\/limits\.ts exports no 'MAX'/, /Did you mean MAX_UL/],
    [`import fs from 'fs';`, '1:16', /module of Node/, /neither files nor network/],
    [`import { x } from 'praxis';`, '1:19', /no module 'praxis'/, /Write 'praxis\/sdk'/],
    [`import _ from 'lodash';`, '1:15', /package 'lodash' is not installed/, /npm install lodash/],
    [`import _ from '@scope/a/b';`, '1:15', /package '@scope\/a'/, /npm install/],
  ])('%s', (imports, place, message, remedy) => {
    const [problem] = check([use(imports), limits]).problems;
    expect([`${problem?.line}:${problem?.column}`, problem?.message, problem?.remedy]).toEqual([
      place,
      expect.stringMatching(message),
      expect.stringMatching(remedy),
    ]);
  });

  test('what is there is no problem: with and without extension, types, and packages', () => {
    const imports = `import { MAX_UL } from '../lib/limits';\nimport type { Ul } from '../lib/limits.js';\nexport const most: Ul = MAX_UL;`;
    expect(check([use(imports), limits]).problems).toEqual([]);
  });
});

test('a refused file takes along whoever imports it, and nobody else', () => {
  const { problems, protocols, files, refused } = check([
    { path: 'bad.ts', text: `export const bad: number = 'x';` },
    { path: 'between.ts', text: `export { bad } from './bad.js';` },
    {
      path: 'a.protocol.ts',
      text: `import { bad } from './between.js';\nexport const worst = bad;\n${withBody('await lh.returnTips();')}`,
    },
    { path: 'b.protocol.ts', text: withBody('await lh.returnTips();').replace(`'mix'`, `'other'`) },
    { path: 'c.protocol.ts', text: `export const broken = (;` },
    { path: 'lone.protocol.ts', text: withBody('await lh.returnTips();').replace(`'mix'`, `'lone'`).replace('isTopLevel: true, ', '') },
  ]);
  expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
    ['a.protocol.ts', 1, 'It imports between.ts, which has a problem.'],
    ['bad.ts', 1, expect.stringContaining(`'string' is not assignable to type 'number'`)],
    ['between.ts', 1, 'It imports bad.ts, which has a problem.'],
    ['c.protocol.ts', 1, expect.stringContaining('This is not TypeScript')],
  ]);
  expect(protocols.map(({ name }) => name)).toEqual(['other', 'lone']);
  expect(files.map(({ path }) => path)).toEqual(['b.protocol.ts', 'lone.protocol.ts']);
  expect(refused).toEqual(['a.protocol.ts', 'bad.ts', 'between.ts', 'c.protocol.ts']);
});

test('a protocol that nobody can reach is warned of', () => {
  const text = withBody('await lh.returnTips();').replace('isTopLevel: true, ', '');
  expect(check([{ path: 'a.protocol.ts', text }]).warnings).toMatchObject([
    { line: 4, message: expect.stringContaining('Nobody can start mix') },
  ]);
  expect(check([{ path: 'a.protocol.ts', text: `${text}export const again = mix;` }]).warnings).toEqual([]);
});
