// What discovery refuses, with its line and how to write it.

import { discoverProtocols } from './discover-protocols.js';
import { IMPORT, discover, withParameter, withSpec } from './test-source.js';

describe('what is refused, with its line and how to write it', () => {
  test.each<[why: string, text: string, line: number, message: RegExp]>([
    ['no name', withSpec({ name: '' }), 2, /has no name; add name/],
    ['no version', withSpec({ version: '' }), 2, /has no version/],
    ['no description', withSpec({ description: '' }), 2, /has no description/],
    ['an empty description', withSpec({ description: `' '` }), 2, /description must be a text that is not empty/],
    ['a name in capitals', withSpec({ name: `'SerialDilution'` }), 2, /'SerialDilution' is no name.*serial_dilution/],
    ['a name with a slash', withSpec({ name: `'a/b'` }), 2, /is no name/],
    ['a version of two numbers', withSpec({ version: `'1.0'` }), 2, /'1\.0' is no semantic version.*1\.0\.0/],
    ['a version with a leading zero', withSpec({ version: `'01.0.0'` }), 2, /no semantic version/],
    ['a number as a name', withSpec({ name: '7' }), 2, /name must be a text/],
    ['an unknown kind', withSpec({ kind: `'thread'` }), 2, /kind must be one of child, inline, activity/],
    ['a text as isTopLevel', withSpec({ isTopLevel: `'yes'` }), 2, /isTopLevel must be true or false/],
    ['an unknown field', withSpec({ versoin: `'1'` }), 2, /'versoin' is no field/],
    ['a sum of what is no number', withParameter('param.number({ max: true + 1 })'), 2, /'true \+ 1' does not come to a number or a text/],
    ['a division by nothing', withParameter('param.number({ max: 1 / 0 })'), 2, /'1 \/ 0' does not come to a number/],
    ['a template around a call', withSpec({ description: '`Mixes ${read()}`' }), 2, /'read\(\)' cannot be read without running/],
    ['a call as a value', withSpec({ version: 'readVersion()' }), 2, /cannot be read without running/],
    ['an imported value', `import { V } from './v.js';\n${withSpec({ version: 'V' })}`, 3, /'V' is imported from outside of the source/],
    ['a let', withSpec({ version: 'V' }, `let V = '1.0.0';\n`), 3, /'V' cannot be read.*top-level const/],
    ['constants in a circle', withSpec({ version: 'V' }, `const V = W;\nconst W = V;\n`), 3, /circle/],
    ['a method in the spec', withSpec({ 'x(){}, y': '1' }), 2, /write name: value/],
    ['a computed key', withSpec({ "['kind']": `'child'` }), 2, /write name: value/],
    ['a getter of the environment', withSpec({ isTopLevel: `process.env.X === '1'` }), 2, /cannot be read/],
    ['a spread of a call', withSpec({ '...read(), kind': `'child'` }), 2, /object literal/],
    ['parameters as a list', withSpec({ parameters: '[]' }), 2, /object literal/],
    ['a raw parameter spec', withParameter(`{ type: 'integer' }`), 2, /Write param\.integer/],
    ['an unknown builder', withParameter('param.float()'), 2, /no param\.float\(\); there are: integer/],
    ['an inherited builder', withParameter('param.toString()'), 2, /no param\.toString/],
    ['a machine as a parameter', withParameter('machine.liquidHandler()'), 2, /Write param\.integer/],
    [
      'an unknown option',
      withParameter('param.integer({ minimum: 1 })'),
      2,
      /'minimum' is no option of integer\(\); it takes: description, min/,
    ],
    ['an inherited option', withParameter('param.integer({ constructor: 1 })'), 2, /'constructor' is no option/],
    ['an option of the wrong type', withParameter(`param.integer({ min: '1' })`), 2, /'min' of integer\(\) must be a number/],
    ['an endless limit', withParameter('param.number({ max: 1e999 })'), 2, /must be a number/],
    ['limits the wrong way round', withParameter('param.number({ min: 2, max: 1 })'), 2, /min 2 above max 1/],
    ['a broken limit of an integer', withParameter('param.integer({ min: 0.5 })'), 2, /must be integers too/],
    ['a negative length', withParameter('param.text({ min: -1 })'), 2, /lengths/],
    [
      'a default out of range',
      withParameter('param.integer({ min: 1, max: 11, default: 12 })'),
      2,
      /The default of 'x' must be an integer from 1 to 11, not 12/,
    ],
    ['a broken default', withParameter('param.integer({ default: 1.5 })'), 2, /The default of 'x'/],
    ['a default that is no choice', withParameter(`param.choice({ choices: ['a'], default: 'b' })`), 2, /one of a, not "b"/],
    ['a default against the pattern', withParameter(`param.text({ pattern: '[a-z]', default: 'ab' })`), 2, /The default of 'x'/],
    ['a choice without choices', withParameter('param.choice({})'), 2, /needs choices/],
    ['the same choice twice', withParameter(`param.choice({ choices: ['a', 'a'] })`), 2, /different texts/],
    ['a pattern that is none', withParameter(`param.text({ pattern: '(' })`), 2, /no regular expression/],
    ['a name of a parameter with a dash', withSpec({ parameters: `{ 'a-b': param.integer() }` }), 2, /'a-b' is no name for a parameter/],
    ['a text as a duration', withParameter(`param.duration({ max: '5 min' })`), 2, /'max' of duration\(\) must be a length of time/],
    ['titles of no column', withParameter(`param.number({ titles: ['Volume'] })`), 2, /'x' is no column of a table/],
    [
      'a title of two columns',
      withParameter(`param.table({ columns: { a: param.text({ titles: ['Vol  (ul)'] }), b: param.text({ titles: ['VOL (UL)'] }) } })`),
      2,
      /the title 'VOL \(UL\)', which names two columns/,
    ],
    ['a list of anything', withParameter('param.list({})'), 2, /'x' needs of/],
    ['a list of a raw spec', withParameter(`param.list({ of: { type: 'text' } })`), 2, /Write param\.integer/],
    ['a table without columns', withParameter('param.table({ columns: {} })'), 2, /'x' needs columns/],
    ['a column with a dash', withParameter(`param.table({ columns: { 'a-b': param.text() } })`), 2, /'a-b' is no name/],
    [
      'a default with a bad item',
      withParameter('param.list({ of: param.integer(), default: [1.5] })'),
      2,
      /The default of 'x\[0\]' must be an integer/,
    ],
    ['an unknown machine', withSpec({ assets: '{ x: machine.robot() }' }), 2, /no machine\.robot\(\); there are: arm/],
    ['an unknown hold', withSpec({ assets: `{ x: machine.fan({ hold: 'always' }) }` }), 2, /can only be 'perUse'/],
    ['a calculation with assets', withSpec({ kind: `'activity'`, assets: '{ x: machine.fan() }' }), 2, /\(kind 'activity'\) has no assets/],
    [
      'a body of another file without a block',
      `${IMPORT}import { body } from './b.js';\nexport const mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, body);`,
      3,
      /its signature is in another file/,
    ],
    ['an unknown labware', withSpec({ assets: '{ x: labware.bottle() }' }), 2, /no labware\.bottle\(\); there are: plate, tipRack, trough/],
    ['wells of a tip rack', withSpec({ assets: '{ x: labware.tipRack({ wells: 96 }) }' }), 2, /'wells' is no option of tipRack/],
    ['half a well', withSpec({ assets: '{ x: labware.plate({ wells: 0.5 }) }' }), 2, /whole number of wells/],
    ["a builder of one's own", withSpec({ assets: '{ x: robot() }' }), 2, /Write machine\.liquidHandler/],
    ['no body', `${IMPORT}export const mix = protocolFunction({ name: 'mix' });`, 2, /Write protocolFunction\(\{/],
    [
      'not exported',
      `${IMPORT}\nconst mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, async () => {});`,
      3,
      /'mix' is not exported; write export const mix/,
    ],
    [
      'a default export',
      `${IMPORT}export default protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, async () => {});`,
      2,
      /only read as export const/,
    ],
    [
      'made inside a function',
      `${IMPORT}export function make() {\n  return protocolFunction({}, async () => {});\n}`,
      3,
      /only read as export const/,
    ],
    ['wrapped in another call', `${IMPORT}export const mix = wrap(protocolFunction({}, async () => {}));`, 2, /only read as export const/],
    [
      'the builder renamed',
      `${IMPORT}const define = protocolFunction;\nexport const mix = define({}, async () => {});`,
      2,
      /only read as export const/,
    ],
    [
      'another protocolFunction',
      `export const mix = protocolFunction({}, async () => {});`,
      1,
      /not the SDK's; write import \{ protocolFunction \} from 'praxis\/sdk'/,
    ],
    ['a file that is not TypeScript', `${IMPORT}export const mix = protocolFunction({ name: `, 2, /not TypeScript/],
  ])('%s', (_why, text, line, message) => {
    const { protocols, problems } = discover(text);
    expect(protocols).toEqual([]);
    expect(problems[0]).toEqual({
      file: 'a.ts',
      line,
      column: expect.any(Number) as number,
      message: expect.stringMatching(message) as string,
    });
  });

  test('every problem of a protocol at once, and its neighbours are still published', () => {
    const text = `${withSpec({ parameters: `{\n a: param.float(),\n b: param.integer({ min: 'x' }),\n}`, kind: `'none'` })}
export const good = protocolFunction({ name: 'good', version: '1.0.0', description: 'Good.' }, async () => {});`;
    const { protocols, problems } = discover(text);
    expect(protocols.map(({ name }) => name)).toEqual(['good']);
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5]);
  });

  test('a name and version twice: none of them, each told of the other', () => {
    const { protocols, problems, doubles } = discoverProtocols({
      folder: '/source',
      files: [
        { path: 'b.ts', text: withSpec() },
        { path: 'a.ts', text: withSpec() },
      ],
    });
    expect([protocols, problems]).toEqual([[], []]);
    expect(doubles.map(({ file, line }) => [file, line])).toEqual([
      ['a.ts', 2],
      ['b.ts', 2],
    ]);
    expect(doubles[0]?.message).toMatch(/^mix 1\.0\.0 is also defined at b\.ts:2:14/);
  });

  test('text that nests without end, and constants that multiply, end in a problem', () => {
    expect(discover(withSpec({ name: `${'('.repeat(50_000)}1${')'.repeat(50_000)}` })).problems[0]?.message).toMatch(/nests too deeply/);
    const letters = Array.from('abcdefghijklmnopqr');
    const constants = letters
      .map((letter, k) => `const ${letter} = [${k === 0 ? '1' : `${letters[k - 1] ?? ''}, `.repeat(4)}];\n`)
      .join('');
    const { problems } = discover(withParameter('param.choice({ choices: r })', constants));
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringMatching(/More than .* references/));
  });
});
