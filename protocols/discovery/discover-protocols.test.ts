// Discovery by parsing: what it reads, what it refuses and how it says so, and that it agrees with the SDK at run time.

import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isProtocolFunction } from '../sdk/protocol-function.js';
import { discoverProtocols, type Discovery } from './discover-protocols.js';
import { readSourceFolder } from './read-source-folder.js';

const LIBRARY = join(dirname(fileURLToPath(import.meta.url)), '..', 'library');
const IMPORT = `import { labware, machine, param, protocolFunction } from 'praxis/sdk';\n`;

function discover(text: string, path = 'a.ts'): Discovery {
  return discoverProtocols({ folder: '/source', files: [{ path, text }] });
}

/** A sound protocol with one part replaced; the import is line 1, the protocol begins on line 2. */
function withSpec(changes: Readonly<Record<string, string>> = {}, before = ''): string {
  const fields = { name: `'mix'`, version: `'1.0.0'`, description: `'Mixes.'`, ...changes };
  const spec = Object.entries(fields).filter(([, value]) => value !== '');
  return `${IMPORT}${before}export const mix = protocolFunction({ ${spec.map(([k, v]) => `${k}: ${v}`).join(', ')} }, async () => {});\n`;
}

function withParameter(parameter: string, before = ''): string {
  return withSpec({ parameters: `{ x: ${parameter} }` }, before);
}

function readParameter(parameter: string, before = ''): unknown {
  const { protocols, problems } = discover(withParameter(parameter, before));
  expect(problems).toEqual([]);
  return protocols[0]?.parameters['x'];
}

describe('a recovery policy', () => {
  test('is read rule by rule, constants included', () => {
    const rules = `{ TIP_MISSING: 'ask', MACHINE_ERROR: AGAIN, TOO_LITTLE_LIQUID: { then: 'done', result: [1] }, '*': 'fail' }`;
    const { protocols, problems } = discover(withSpec({ recovery: rules }, `const AGAIN = { then: 'retry', times: 2, otherwise: 'ask' } as const;\n`));
    expect(problems).toEqual([]);
    expect(protocols[0]?.recovery).toEqual({ TIP_MISSING: 'ask', MACHINE_ERROR: { then: 'retry', times: 2, otherwise: 'ask' }, TOO_LITTLE_LIQUID: { then: 'done', result: [1] }, '*': 'fail' });
    expect(discover(withSpec()).protocols[0]).not.toHaveProperty('recovery');
  });

  test('that makes no sense is told with its place, and nothing is published', () => {
    const { protocols, problems } = discover(withSpec({ recovery: `{\n  UNCERTAIN: 'ask',\n  TIP_MISSING: { then: 'retry' },\n  '*': 'perhaps' }` }));
    expect(protocols).toEqual([]);
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [3, expect.stringContaining(`'UNCERTAIN' is no error that a policy can recover from`)],
      [4, expect.stringContaining('times must be a whole number')],
      [5, expect.stringContaining('must say then')],
    ]);
    expect(discover(withSpec({ kind: `'activity'`, recovery: `{ '*': 'ask' }` })).problems[0]?.message).toContain('sends no commands');
  });

  test('manual is the name of commands by hand', () => {
    expect(discover(withSpec({ name: `'manual'` })).problems[0]?.message).toContain('commands given by hand');
  });
});

describe('what is read', () => {
  test('a whole protocol, with its place', () => {
    const text = `// A file.
import { labware, machine, param, protocolFunction } from 'praxis/sdk';

export const dilute = protocolFunction({
  name: 'serial_dilution', version: '1.2.3-beta.1', isTopLevel: true, kind: 'inline',
  description: 'Dilutes.',
  parameters: { steps: param.integer({ min: 1, max: 11, default: 8 }), 'ul': param.number({ unit: 'µL', min: -1.5 }) },
  assets: {
    lh: machine.liquidHandler(), reader: machine.plateReader({ description: 'Reads', hold: 'perUse' }),
    plate: labware.plate({ wells: 96 }), tips: labware.tipRack(), water: labware.trough({ description: 'Water' }),
  },
}, async ({ steps }, { lh }, run) => { await lh.aspirate(steps); });
`;
    expect(discover(text, 'assays/dilute.ts')).toEqual({
      problems: [],
      warnings: [],
      protocols: [
        {
          name: 'serial_dilution',
          version: '1.2.3-beta.1',
          description: 'Dilutes.',
          isTopLevel: true,
          kind: 'inline',
          parameters: { steps: { type: 'integer', min: 1, max: 11, default: 8 }, ul: { type: 'number', unit: 'µL', min: -1.5 } },
          assets: {
            lh: { kind: 'machine', type: 'LiquidHandler' },
            reader: { kind: 'machine', type: 'PlateReader', description: 'Reads', hold: 'perUse' },
            plate: { kind: 'labware', type: 'plate', positions: 96 },
            tips: { kind: 'labware', type: 'tip_rack' },
            water: { kind: 'labware', type: 'trough', description: 'Water' },
          },
          file: 'assays/dilute.ts',
          line: 4,
          exportName: 'dilute',
          form: 'spec',
        },
      ],
    });
  });

  test('defaults of a definition', () => {
    const [protocol] = discover(withSpec()).protocols;
    expect(protocol).toMatchObject({ isTopLevel: false, kind: 'child', parameters: {}, assets: {} });
  });

  test.each([
    ['param.boolean()', { type: 'boolean' }],
    ['param.boolean({ default: false })', { type: 'boolean', default: false }],
    ["param.text({ min: 1, max: 8, pattern: '[a-z]+', default: 'abc' })", { type: 'text', min: 1, max: 8, pattern: '[a-z]+', default: 'abc' }],
    ["param.choice({ choices: ['a', 'b'] as const, default: 'b' })", { type: 'choice', choices: ['a', 'b'], default: 'b' }],
    ['param.number({ description: `No holes` })', { type: 'number', description: 'No holes' }],
    ['param.integer({ min: -3, max: +1_000, default: 0x10 })', { type: 'integer', min: -3, max: 1000, default: 16 }],
    ['(param.number({ max: (1.5) }))', { type: 'number', max: 1.5 }],
    ['param.duration({ min: { seconds: 10 }, default: { minutes: 1, seconds: 30 } })', { type: 'duration', min: 10_000, default: 90_000 }],
    ["param.wells({ wells: 96, max: 8, default: 'A1:A4' })", { type: 'wells', positions: 96, max: 8, default: 'A1:A4' }],
    ['param.list({ of: param.number({ min: 0 }), max: 3, default: [1, 2] })', { type: 'list', of: { type: 'number', min: 0 }, max: 3, default: [1, 2] }],
    ['param.record({ fields: { id: param.text() }, default: { id: `x` } })', { type: 'record', fields: { id: { type: 'text' } }, default: { id: 'x' } }],
    ['param.table({ columns: { id: param.text(), n: param.integer({ default: 1 }) } })', { type: 'table', fields: { id: { type: 'text' }, n: { type: 'integer', default: 1 } } }],
  ])('%s', (text, spec) => {
    expect(readParameter(text)).toEqual(spec);
  });

  test('constants of the same file, by name, member and spread', () => {
    const before = `const LIMITS = { low: 1, high: 9 } as const;
const RANGE = { min: LIMITS.low, max: LIMITS.high };
const unit = 'µL';
const ROWS = ['A', 'B'];
const volume = param.number({ ...RANGE, max: 5, unit });
`;
    expect(readParameter('volume', before)).toEqual({ type: 'number', min: 1, max: 5, unit: 'µL' });
    expect(readParameter('param.choice({ choices: ROWS })', before)).toEqual({ type: 'choice', choices: ['A', 'B'] });
  });

  test('a spec that stands apart, an export list, an alias and a namespace', () => {
    const text = `import * as sdk from 'praxis/sdk';
import { protocolFunction as define } from 'praxis/sdk';
const spec = { name: 'one', version: '1.0.0', description: 'One.', parameters: { x: sdk.param.integer() } };
const one = sdk.protocolFunction(spec, async () => {});
const two = define({ name: 'two', version: '1.0.0', description: 'Two.' }, async () => {});
export { one, two as second };
`;
    const { protocols, problems } = discover(text);
    expect(problems).toEqual([]);
    expect(protocols.map(({ name, exportName, line }) => [name, exportName, line])).toEqual([['one', 'one', 4], ['two', 'second', 5]]);
  });

  test('one name at two versions, and files without protocols', () => {
    const files = [
      { path: 'a.ts', text: withSpec() },
      { path: 'b.ts', text: withSpec({ version: `'2.0.0'` }) },
      { path: 'notes.ts', text: 'export const x = 1;' },
      { path: 'data.json', text: '{"protocolFunction": 1}' },
      { path: 'types.d.ts', text: 'export declare function protocolFunction(): void;' },
    ];
    const { protocols, problems } = discoverProtocols({ folder: '/source', files });
    expect(problems).toEqual([]);
    expect(protocols.map(({ version }) => version)).toEqual(['1.0.0', '2.0.0']);
  });
});

describe('static methods of classes', () => {
  const spec = `{ name: 'pour', version: '1.0.0', description: 'Pours.', assets: { lh: machine.liquidHandler() } }`;

  test('are found by class and name', () => {
    const { protocols, problems } = discover(`${IMPORT}const spec = ${spec};\nexport class Pours {\n  @protocolFunction(spec)\n  static async pour({ n = 2 }: { n?: number }, a: Assets<typeof spec>) {}\n}`);
    expect(problems).toEqual([]);
    expect(protocols).toEqual([expect.objectContaining({ name: 'pour', exportName: 'Pours.pour', line: 4, form: 'signature', parameters: { n: { type: 'number', default: 2 } } })]);
  });

  test.each([
    ['not static', `export class Pours { @protocolFunction(${spec}) async pour() {} }`, /Only static methods/],
    ['of a class that is not exported', `class Pours { @protocolFunction(${spec}) static async pour() {} }`, /'Pours' holds a protocol and is not exported/],
    ['with a body too', `export class Pours { @protocolFunction(${spec}, async () => {}) static async pour() {} }`, /Write protocolFunction/],
  ])('%s', (_why, text, message) => {
    const { protocols, problems } = discover(`${IMPORT}${text}`);
    expect(protocols).toEqual([]);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('parameters from the signature', () => {
  function infer(parameter: string, before = ''): Discovery {
    return discover(`${IMPORT}${before}export const mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M.' }, async (${parameter}) => {});`);
  }

  test.each<[parameter: string, specs: object]>([
    ['', {}],
    ['_parameters, { lh }', {}],
    ['{ steps = 8, unit = `a`, dry = false }', { steps: { type: 'number', default: 8 }, unit: { type: 'text', default: 'a' }, dry: { type: 'boolean', default: false } }],
    ['{ n }: { n: number; name?: string }', { n: { type: 'number' }, name: { type: 'text', isOptional: true } }],
    [`{ mode = 'b', n: count = 2 }: { readonly mode?: 'a' | 'b';\n/** How many. */ n?: number }`, { mode: { type: 'choice', choices: ['a', 'b'], default: 'b' }, n: { type: 'number', default: 2, description: 'How many.' } }],
    ['p: { wells: string[]; ns: ReadonlyArray<number>; last: boolean | undefined }', { wells: { type: 'list', of: { type: 'text' } }, ns: { type: 'list', of: { type: 'number' } }, last: { type: 'boolean', isOptional: true } }],
  ])('%s', (parameter, specs) => {
    const { protocols, problems } = infer(parameter);
    expect(problems).toEqual([]);
    expect(protocols[0]).toMatchObject({ form: 'signature' });
    expect(protocols[0]?.parameters).toEqual(specs);
  });

  test('by the name of a type of the same file', () => {
    const { protocols } = infer('p: Readonly<Given>', `type Side = 'left' | 'right';\ninterface Given { side: Side; n?: number }\n`);
    expect(protocols[0]?.parameters).toEqual({ side: { type: 'choice', choices: ['left', 'right'] }, n: { type: 'number', isOptional: true } });
  });

  test.each<[parameter: string, message: RegExp]>([
    ['{ when }: { when: Date }', /The type of 'when' cannot be read; write number/],
    ['{ n }', /The type of 'n' cannot be read/],
    ['p: Given', /Give the first parameter a type literal/],
    [`{ mode = 'c' }: { mode?: 'a' | 'b' }`, /The default of 'mode' must be one of a, b/],
    ['{ n = next() }: { n?: number }', /cannot be read without running/],
  ])('%s is refused', (parameter, message) => {
    const { protocols, problems } = infer(parameter);
    expect(protocols).toEqual([]);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('plain functions', () => {
  const TYPES = `import type { LiquidHandler, Plate, Run } from 'praxis/sdk';\n`;

  test('of the shape of a protocol become protocols that people may start', () => {
    const text = `${TYPES}/**\n * Fills a plate.\n * @version 1.2.0\n */\nexport async function fillPlate96({ volumeUl = 50 }: { volumeUl?: number }, { lh, plate }: { lh: LiquidHandler; plate: Plate }, run: Run) {}`;
    expect(discover(text)).toEqual({
      problems: [],
      warnings: [],
      protocols: [
        {
          name: 'fill_plate96',
          version: '1.2.0',
          description: 'Fills a plate.',
          isTopLevel: true,
          kind: 'child',
          parameters: { volumeUl: { type: 'number', default: 50 } },
          assets: { lh: { kind: 'machine', type: 'LiquidHandler' }, plate: { kind: 'labware', type: 'plate' } },
          file: 'a.ts',
          line: 6,
          exportName: 'fillPlate96',
          form: 'plain',
        },
      ],
    });
  });

  test('of a constant, and without assets in a protocol file', () => {
    const { protocols } = discover(`export const sayHello = async ({ name }: { name: string }) => name;`, 'hello.protocol.ts');
    expect(protocols).toEqual([expect.objectContaining({ name: 'say_hello', version: '0.0.0', description: 'The function sayHello of hello.protocol.ts.' })]);
  });

  test.each([
    'export async function read({ path }: { path: string }) {}',
    `${TYPES}export async function mix(lh: LiquidHandler, n: number) {}`,
    `${TYPES}export async function mix({ lh, n }: { lh: LiquidHandler; n: number }) {}`,
    `${TYPES}export async function mix({ n }: { n: number }, { lh }: { lh: LiquidHandler; n: number }) {}`,
    `${TYPES}export async function mix({ n }: { n: number }, { lh }: { lh: LiquidHandler }, signal: AbortSignal) {}`,
    `${TYPES}async function mix({ n }: { n: number }, { lh }: { lh: LiquidHandler }) {}`,
    `${TYPES}export function mix({ n }: { n: number }, { lh }: { lh: LiquidHandler }) {}`,
  ])('of another shape are left alone: %s', (text) => {
    expect(discover(text)).toEqual({ protocols: [], problems: [], warnings: [] });
  });

  test('that are meant and cannot be read are told of', () => {
    const { protocols, problems } = discover(`${TYPES}export async function mix({ when }: { when: Date }, { lh }: { lh: LiquidHandler }) {}`);
    expect(protocols).toEqual([]);
    expect(problems[0]?.message).toMatch(/The type of 'when' cannot be read/);
  });
});

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
    ['a computed name', withSpec({ name: `'a' + 'b'` }), 2, /''a' \+ 'b'' cannot be read without running/],
    ['a template with a hole', withSpec({ description: '`Mixes ${1}`' }), 2, /cannot be read without running/],
    ['a call as a value', withSpec({ version: 'readVersion()' }), 2, /cannot be read without running/],
    ['an imported value', `import { V } from './v.js';\n${withSpec({ version: 'V' })}`, 3, /'V' is imported/],
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
    ['an unknown option', withParameter('param.integer({ minimum: 1 })'), 2, /'minimum' is no option of integer\(\); it takes: description, min/],
    ['an inherited option', withParameter('param.integer({ constructor: 1 })'), 2, /'constructor' is no option/],
    ['an option of the wrong type', withParameter(`param.integer({ min: '1' })`), 2, /'min' of integer\(\) must be a number/],
    ['an endless limit', withParameter('param.number({ max: 1e999 })'), 2, /must be a number/],
    ['limits the wrong way round', withParameter('param.number({ min: 2, max: 1 })'), 2, /min 2 above max 1/],
    ['a broken limit of an integer', withParameter('param.integer({ min: 0.5 })'), 2, /must be integers too/],
    ['a negative length', withParameter('param.text({ min: -1 })'), 2, /lengths/],
    ['a default out of range', withParameter('param.integer({ min: 1, max: 11, default: 12 })'), 2, /The default of 'x' must be an integer from 1 to 11, not 12/],
    ['a broken default', withParameter('param.integer({ default: 1.5 })'), 2, /The default of 'x'/],
    ['a default that is no choice', withParameter(`param.choice({ choices: ['a'], default: 'b' })`), 2, /one of a, not "b"/],
    ['a default against the pattern', withParameter(`param.text({ pattern: '[a-z]', default: 'ab' })`), 2, /The default of 'x'/],
    ['a choice without choices', withParameter('param.choice({})'), 2, /needs choices/],
    ['the same choice twice', withParameter(`param.choice({ choices: ['a', 'a'] })`), 2, /different texts/],
    ['a pattern that is none', withParameter(`param.text({ pattern: '(' })`), 2, /no regular expression/],
    ['a name of a parameter with a dash', withSpec({ parameters: `{ 'a-b': param.integer() }` }), 2, /'a-b' is no name for a parameter/],
    ['a text as a duration', withParameter(`param.duration({ max: '5 min' })`), 2, /'max' of duration\(\) must be a length of time/],
    ['a list of anything', withParameter('param.list({})'), 2, /'x' needs of/],
    ['a list of a raw spec', withParameter(`param.list({ of: { type: 'text' } })`), 2, /Write param\.integer/],
    ['a table without columns', withParameter('param.table({ columns: {} })'), 2, /'x' needs columns/],
    ['a column with a dash', withParameter(`param.table({ columns: { 'a-b': param.text() } })`), 2, /'a-b' is no name/],
    ['a default with a bad item', withParameter('param.list({ of: param.integer(), default: [1.5] })'), 2, /The default of 'x\[0\]' must be an integer/],
    ['an unknown machine', withSpec({ assets: '{ x: machine.robot() }' }), 2, /no machine\.robot\(\); there are: arm/],
    ['an unknown hold', withSpec({ assets: `{ x: machine.fan({ hold: 'always' }) }` }), 2, /can only be 'perUse'/],
    ['a calculation with assets', withSpec({ kind: `'activity'`, assets: '{ x: machine.fan() }' }), 2, /\(kind 'activity'\) has no assets/],
    ['a body of another file without a block', `${IMPORT}import { body } from './b.js';\nexport const mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, body);`, 3, /its signature is in another file/],
    ['an unknown labware', withSpec({ assets: '{ x: labware.bottle() }' }), 2, /no labware\.bottle\(\); there are: plate, tipRack, trough/],
    ['wells of a tip rack', withSpec({ assets: '{ x: labware.tipRack({ wells: 96 }) }' }), 2, /'wells' is no option of tipRack/],
    ['half a well', withSpec({ assets: '{ x: labware.plate({ wells: 0.5 }) }' }), 2, /whole number of wells/],
    ['a builder of one\'s own', withSpec({ assets: '{ x: robot() }' }), 2, /Write machine\.liquidHandler/],
    ['no body', `${IMPORT}export const mix = protocolFunction({ name: 'mix' });`, 2, /Write protocolFunction\(\{/],
    ['not exported', `${IMPORT}\nconst mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, async () => {});`, 3, /'mix' is not exported; write export const mix/],
    ['a default export', `${IMPORT}export default protocolFunction({ name: 'mix', version: '1.0.0', description: 'M' }, async () => {});`, 2, /only read as export const/],
    ['made inside a function', `${IMPORT}export function make() {\n  return protocolFunction({}, async () => {});\n}`, 3, /only read as export const/],
    ['wrapped in another call', `${IMPORT}export const mix = wrap(protocolFunction({}, async () => {}));`, 2, /only read as export const/],
    ['the builder renamed', `${IMPORT}const define = protocolFunction;\nexport const mix = define({}, async () => {});`, 2, /only read as export const/],
    ['another protocolFunction', `export const mix = protocolFunction({}, async () => {});`, 1, /not the SDK's; write import \{ protocolFunction \} from 'praxis\/sdk'/],
    ['a file that is not TypeScript', `${IMPORT}export const mix = protocolFunction({ name: `, 2, /not TypeScript/],
  ])('%s', (_why, text, line, message) => {
    const { protocols, problems } = discover(text);
    expect(protocols).toEqual([]);
    expect(problems[0]).toEqual({ file: 'a.ts', line, message: expect.stringMatching(message) as string });
  });

  test('every problem of a protocol at once, and its neighbours are still published', () => {
    const text = `${withSpec({ parameters: `{\n a: param.float(),\n b: param.integer({ min: 'x' }),\n}`, kind: `'none'` })}
export const good = protocolFunction({ name: 'good', version: '1.0.0', description: 'Good.' }, async () => {});`;
    const { protocols, problems } = discover(text);
    expect(protocols.map(({ name }) => name)).toEqual(['good']);
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5]);
  });

  test('a name and version twice: none of them, each told of the other', () => {
    const { protocols, problems } = discoverProtocols({ folder: '/source', files: [{ path: 'b.ts', text: withSpec() }, { path: 'a.ts', text: withSpec() }] });
    expect(protocols).toEqual([]);
    expect(problems.map(({ file, line }) => [file, line])).toEqual([['a.ts', 2], ['b.ts', 2]]);
    expect(problems[0]?.message).toMatch(/^mix 1\.0\.0 is also defined at b\.ts:2/);
  });

  test('text that nests without end, and constants that multiply, end in a problem', () => {
    expect(discover(withSpec({ name: `${'('.repeat(50_000)}1${')'.repeat(50_000)}` })).problems[0]?.message).toMatch(/nests too deeply/);
    const letters = Array.from('abcdefghijklmnopqr');
    const constants = letters.map((letter, k) => `const ${letter} = [${k === 0 ? '1' : `${letters[k - 1] ?? ''}, `.repeat(4)}];\n`).join('');
    const { problems } = discover(withParameter('param.choice({ choices: r })', constants));
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringMatching(/More than .* references/));
  });
});

test('the shipped library reads the same by parsing as by importing', async () => {
  const { protocols, problems } = discoverProtocols(await readSourceFolder(LIBRARY));
  expect(problems).toEqual([]);
  expect(protocols.length).toBeGreaterThan(0);
  const parsed = new Map(protocols.map(({ file, line, exportName, form: _form, ...definition }) => [`${file}#${exportName}`, { definition, line }]));
  const imported = new Map<string, unknown>();
  for (const path of new Set((await readSourceFolder(LIBRARY)).files.map((file) => file.path))) {
    if (!path.endsWith('.ts')) continue;
    const module = (await import(pathToFileURL(join(LIBRARY, path)).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) if (isProtocolFunction(value)) imported.set(`${path}#${name}`, value.definition);
  }
  expect(new Map([...parsed].map(([key, { definition }]) => [key, definition]))).toEqual(imported);
});
