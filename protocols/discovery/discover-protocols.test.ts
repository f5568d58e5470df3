// Discovery by parsing: what it reads, and that it agrees with the SDK at run time.

import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isProtocolFunction } from '../sdk/protocol-function.js';
import { discoverProtocols, type Discovery } from './discover-protocols.js';
import { readSourceFolder } from './read-source-folder.js';
import { IMPORT, discover, readParameter, withSpec } from './test-source.js';

const LIBRARY = join(dirname(fileURLToPath(import.meta.url)), '..', 'library');
describe('a recovery policy', () => {
  test('is read rule by rule, constants included', () => {
    const rules = `{ TIP_MISSING: 'ask', MACHINE_ERROR: AGAIN, TOO_LITTLE_LIQUID: { then: 'done', result: [1] }, '*': 'fail' }`;
    const { protocols, problems } = discover(
      withSpec({ recovery: rules }, `const AGAIN = { then: 'retry', times: 2, otherwise: 'ask' } as const;\n`),
    );
    expect(problems).toEqual([]);
    expect(protocols[0]?.recovery).toEqual({
      TIP_MISSING: 'ask',
      MACHINE_ERROR: { then: 'retry', times: 2, otherwise: 'ask' },
      TOO_LITTLE_LIQUID: { then: 'done', result: [1] },
      '*': 'fail',
    });
    expect(discover(withSpec()).protocols[0]).not.toHaveProperty('recovery');
  });

  test('that makes no sense is told with its place, and nothing is published', () => {
    const { protocols, problems } = discover(
      withSpec({ recovery: `{\n  UNCERTAIN: 'ask',\n  TIP_MISSING: { then: 'retry' },\n  '*': 'perhaps' }` }),
    );
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
      doubles: [],
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
          column: 14,
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
    [
      "param.text({ min: 1, max: 8, pattern: '[a-z]+', default: 'abc' })",
      { type: 'text', min: 1, max: 8, pattern: '[a-z]+', default: 'abc' },
    ],
    ["param.choice({ choices: ['a', 'b'] as const, default: 'b' })", { type: 'choice', choices: ['a', 'b'], default: 'b' }],
    ['param.number({ description: `No holes` })', { type: 'number', description: 'No holes' }],
    ['param.integer({ min: -3, max: +1_000, default: 0x10 })', { type: 'integer', min: -3, max: 1000, default: 16 }],
    ['(param.number({ max: (1.5) }))', { type: 'number', max: 1.5 }],
    ['param.duration({ min: { seconds: 10 }, default: { minutes: 1, seconds: 30 } })', { type: 'duration', min: 10_000, default: 90_000 }],
    ["param.wells({ wells: 96, max: 8, default: 'A1:A4' })", { type: 'wells', positions: 96, max: 8, default: 'A1:A4' }],
    [
      'param.list({ of: param.number({ min: 0 }), max: 3, default: [1, 2] })',
      { type: 'list', of: { type: 'number', min: 0 }, max: 3, default: [1, 2] },
    ],
    [
      'param.record({ fields: { id: param.text() }, default: { id: `x` } })',
      { type: 'record', fields: { id: { type: 'text' } }, default: { id: 'x' } },
    ],
    [
      'param.table({ columns: { id: param.text(), n: param.integer({ default: 1 }) } })',
      { type: 'table', fields: { id: { type: 'text' }, n: { type: 'integer', default: 1 } } },
    ],
    [
      "param.table({ columns: { volumeUl: param.number({ unit: 'µL', titles: ['Volume (in ul)', 'Vol'] }) } })",
      { type: 'table', fields: { volumeUl: { type: 'number', unit: 'µL', titles: ['Volume (in ul)', 'Vol'] } } },
    ],
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

  test('constants of other files, by name, member and namespace, handed on, and arithmetic of them', () => {
    const files = [
      {
        path: 'lib/limits.ts',
        text: `export const ROWS = 8;\nexport const LIMITS = { high: ROWS * 12 } as const;\nconst PREFIX = 'mi';\nexport { PREFIX as NAMED };`,
      },
      { path: 'lib/index.ts', text: `export * from './limits.js';\nexport { ROWS as LINES } from './limits';` },
      {
        path: 'assays/mix.protocol.ts',
        text: `import { LIMITS, LINES, NAMED } from '../lib/index.js';\nimport * as limits from '../lib/limits.js';\n${withSpec({
          name: '`${NAMED}x`',
          description: `'Mixes ' + limits.ROWS + ' rows.'`,
          parameters: '{ n: param.integer({ min: -LINES, max: LIMITS.high, default: 2 * (limits.ROWS - 1) % 5 }) }',
        })}`,
      },
    ];
    const { protocols, problems } = discoverProtocols({ folder: '/source', files });
    expect(problems).toEqual([]);
    expect(protocols[0]).toMatchObject({ name: 'mix', description: 'Mixes 8 rows.', parameters: { n: { min: -8, max: 96, default: 4 } } });
  });

  test('what another file says wrong is told at its place there, once', () => {
    const use = (name: string): string =>
      withSpec({ name: `'${name}'`, parameters: '{ n: LIMIT }' }, `import { LIMIT } from './limits.js';\n`);
    const files = [
      { path: 'limits.ts', text: `import { param } from 'praxis/sdk';\nexport const LIMIT = param.number({ max: read() });` },
      { path: 'a.ts', text: use('a') },
      { path: 'b.ts', text: use('b') },
      { path: 'c.ts', text: withSpec({ name: 'GONE' }, `import { GONE } from './limits.js';\n`) },
    ];
    const { protocols, problems } = discoverProtocols({ folder: '/source', files });
    expect(protocols).toEqual([]);
    expect(problems.map(({ file, line, column, message }) => [`${file}:${line}:${column}`, message])).toEqual([
      ['c.ts:3:45', expect.stringContaining(`'GONE' is imported from limits.ts, which exports no const 'GONE'`)],
      ['limits.ts:2:42', expect.stringContaining(`'read()' cannot be read without running the file`)],
    ]);
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
    expect(protocols.map(({ name, exportName, line }) => [name, exportName, line])).toEqual([
      ['one', 'one', 4],
      ['two', 'second', 5],
    ]);
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
    const { protocols, problems } = discover(
      `${IMPORT}const spec = ${spec};\nexport class Pours {\n  @protocolFunction(spec)\n  static async pour({ n = 2 }: { n?: number }, a: Assets<typeof spec>) {}\n}`,
    );
    expect(problems).toEqual([]);
    expect(protocols).toEqual([
      expect.objectContaining({
        name: 'pour',
        exportName: 'Pours.pour',
        line: 4,
        form: 'signature',
        parameters: { n: { type: 'number', default: 2 } },
      }),
    ]);
  });

  test.each([
    ['not static', `export class Pours { @protocolFunction(${spec}) async pour() {} }`, /Only static methods/],
    [
      'of a class that is not exported',
      `class Pours { @protocolFunction(${spec}) static async pour() {} }`,
      /'Pours' holds a protocol and is not exported/,
    ],
    [
      'with a body too',
      `export class Pours { @protocolFunction(${spec}, async () => {}) static async pour() {} }`,
      /Write protocolFunction/,
    ],
  ])('%s', (_why, text, message) => {
    const { protocols, problems } = discover(`${IMPORT}${text}`);
    expect(protocols).toEqual([]);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('parameters from the signature', () => {
  function infer(parameter: string, before = ''): Discovery {
    return discover(
      `${IMPORT}${before}export const mix = protocolFunction({ name: 'mix', version: '1.0.0', description: 'M.' }, async (${parameter}) => {});`,
    );
  }

  test.each<[parameter: string, specs: object]>([
    ['', {}],
    ['_parameters, { lh }', {}],
    [
      '{ steps = 8, unit = `a`, dry = false }',
      { steps: { type: 'number', default: 8 }, unit: { type: 'text', default: 'a' }, dry: { type: 'boolean', default: false } },
    ],
    ['{ n }: { n: number; name?: string }', { n: { type: 'number' }, name: { type: 'text', isOptional: true } }],
    [
      `{ mode = 'b', n: count = 2 }: { readonly mode?: 'a' | 'b';\n/** How many. */ n?: number }`,
      { mode: { type: 'choice', choices: ['a', 'b'], default: 'b' }, n: { type: 'number', default: 2, description: 'How many.' } },
    ],
    [
      'p: { wells: string[]; ns: ReadonlyArray<number>; last: boolean | undefined }',
      {
        wells: { type: 'list', of: { type: 'text' } },
        ns: { type: 'list', of: { type: 'number' } },
        last: { type: 'boolean', isOptional: true },
      },
    ],
  ])('%s', (parameter, specs) => {
    const { protocols, problems } = infer(parameter);
    expect(problems).toEqual([]);
    expect(protocols[0]).toMatchObject({ form: 'signature' });
    expect(protocols[0]?.parameters).toEqual(specs);
  });

  test('by the name of a type of the same file', () => {
    const { protocols } = infer('p: Readonly<Given>', `type Side = 'left' | 'right';\ninterface Given { side: Side; n?: number }\n`);
    expect(protocols[0]?.parameters).toEqual({
      side: { type: 'choice', choices: ['left', 'right'] },
      n: { type: 'number', isOptional: true },
    });
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
      doubles: [],
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
          column: 1,
          exportName: 'fillPlate96',
          form: 'plain',
        },
      ],
    });
  });

  test('of a constant, and without assets in a protocol file', () => {
    const { protocols } = discover(`export const sayHello = async ({ name }: { name: string }) => name;`, 'hello.protocol.ts');
    expect(protocols).toEqual([
      expect.objectContaining({ name: 'say_hello', version: '0.0.0', description: 'The function sayHello of hello.protocol.ts.' }),
    ]);
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
    expect(discover(text)).toEqual({ protocols: [], problems: [], doubles: [], warnings: [] });
  });

  test('that are meant and cannot be read are told of', () => {
    const { protocols, problems } = discover(
      `${TYPES}export async function mix({ when }: { when: Date }, { lh }: { lh: LiquidHandler }) {}`,
    );
    expect(protocols).toEqual([]);
    expect(problems[0]?.message).toMatch(/The type of 'when' cannot be read/);
  });
});

test('the shipped library reads the same by parsing as by importing', async () => {
  const { protocols, problems } = discoverProtocols(await readSourceFolder(LIBRARY));
  expect(problems).toEqual([]);
  expect(protocols.length).toBeGreaterThan(0);
  const parsed = new Map(
    protocols.map(({ file, line, column: _column, exportName, form: _form, ...definition }) => [
      `${file}#${exportName}`,
      { definition, line },
    ]),
  );
  const imported = new Map<string, unknown>();
  for (const path of new Set((await readSourceFolder(LIBRARY)).files.map((file) => file.path))) {
    if (!path.endsWith('.ts')) continue;
    const module = (await import(pathToFileURL(join(LIBRARY, path)).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) if (isProtocolFunction(value)) imported.set(`${path}#${name}`, value.definition);
  }
  expect(new Map([...parsed].map(([key, { definition }]) => [key, definition]))).toEqual(imported);
});
