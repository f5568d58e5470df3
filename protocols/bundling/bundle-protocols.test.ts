// Every form of a protocol in one real bundle, executed by calculation threads; what hung threads come to; and old sources
// on new framework code.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import vmShared from '@temporalio/worker/lib/workflow/vm-shared.js';
import ts from 'typescript';
import type { LabError } from '../../domain/errors/error.js';
import type { JsonObject } from '../../domain/json/json.js';
import { findProjectRoot } from '../../platform/paths.js';
import { toBundleEntry } from './bundle-entry.js';
import { ensureBundle, findBundleFile, readProtocolSources } from './bundle-protocols.js';
import { createCalculationPool, type CalculationPool } from '../../calculation/calculation-pool.js';
import { FIRST_GENERATION, GENERATION, nameBundle } from './generation.js';

const PROTOCOLS = `import { param, protocolFunction, type Params } from 'praxis/sdk';

const spec = { name: 'scale', version: '1.0.0', description: 'Scales.', isTopLevel: true, parameters: { n: param.number(), by: param.choice({ choices: ['2', '3'], default: '3' }) } } as const;

export class Numbers {
  static #offset = 1;

  @protocolFunction(spec)
  static async scale({ n, by }: Params<typeof spec>): Promise<number> {
    return n * Number(by) + this.#offset;
  }
}

export const fit = protocolFunction(
  { name: 'fit', version: '1.0.0', description: 'Fits.', kind: 'activity', parameters: { series: param.list({ of: param.number(), min: 1 }), after: param.duration({ default: { seconds: 2 } }) } },
  async ({ series, after }) => ({ mean: series.reduce((sum, value) => sum + value, 0) / series.length, after, scaled: await Numbers.scale({ n: 1 }), isNow: Date.now() > 0 && Math.random() < 1 }),
);

export const spin = protocolFunction({ name: 'spin', version: '1.0.0', description: 'Never ends.', kind: 'activity', parameters: {} }, () => {
  for (;;);
});

export const fail = protocolFunction({ name: 'fail', version: '1.0.0', description: 'Fails.', kind: 'activity', parameters: {} }, () => {
  throw new TypeError('no such series');
});

export const greet = protocolFunction({ name: 'greet', version: '1.0.0', description: 'Has no block.', isTopLevel: true }, async ({ name = 'you' }: { name?: string }) => \`hello \${name}\`);

export const asksRun = protocolFunction({ name: 'asks_run', version: '1.0.0', description: 'Asks.' }, async (_p: {}, _a, run) => run.now());
`;
const PLAIN = `/** Adds.\n * @version 2.0.0 */
export async function addUp({ a, b = 2 }: { a: number; b?: number }) { return a + b; }
`;

let folder: string;
let home: string;
let bundleFile: string;
let bundle: string;
let pool: CalculationPool;
let threadFile: string;
const never = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-bundle-'));
  home = path.join(folder, 'home');
  const protocols = path.join(folder, 'protocols');
  await mkdir(protocols);
  await writeFile(path.join(protocols, 'numbers.protocol.ts'), PROTOCOLS);
  await writeFile(path.join(protocols, 'plain.protocol.ts'), PLAIN);
  // An author's own settings of the compiler must not reach the bundle.
  await writeFile(path.join(protocols, '.swcrc'), '{ "jsc": { "transform": { "legacyDecorator": true } } }');
  const sources = await readProtocolSources([protocols]);
  bundle = sources.bundle;
  bundleFile = await ensureBundle(home, sources);
  threadFile = await compileThread();
  pool = createCalculationPool({ threadsMax: 2, threadFile });
}, 120_000);
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

async function compileThread(): Promise<string> {
  // A folder whose .js files are modules, as those of the project are.
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const file of ['protocols/bundling/load-bundle', 'calculation/calculation-thread']) {
    const source = await readFile(path.join(findProjectRoot(), `${file}.ts`), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
    });
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, `${file}.js`), outputText);
  }
  return path.join(folder, 'calculation', 'calculation-thread.js');
}

function calculate(protocol: string, parameters: JsonObject = {}): Promise<unknown> {
  return pool.calculate({ bundleFile, protocol, parameters }, never);
}

describe('calculations', () => {
  test('get checked and normal parameters, and may call other functions', async () => {
    expect(await calculate('fit', { series: [1, 2], after: '3 s' })).toEqual({ mean: 1.5, after: 3_000, scaled: 4, isNow: true });
    await expect(calculate('fit', { series: [] })).rejects.toMatchObject({ code: 'PARAMETER_RANGE' });
  });

  test('of static methods, signatures and plain functions know their parameters', async () => {
    expect(await calculate('scale', { n: 5, by: '2' })).toBe(11);
    expect(await calculate('greet')).toBe('hello you');
    await expect(calculate('greet', { nmae: 'x' })).rejects.toMatchObject({ code: 'UNKNOWN_PARAMETER' });
    expect(await calculate('add_up', { a: 1 })).toBe(3);
    await expect(calculate('add_up', { a: 'x' })).rejects.toMatchObject({ code: 'PARAMETER_TYPE' });
  });

  test('say what they threw, and that they have no run', async () => {
    await expect(calculate('fail')).rejects.toMatchObject({ code: 'PROTOCOL_ERROR', message: 'TypeError: no such series' });
    await expect(calculate('asks_run')).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: 'asks_run is executed as a calculation, which has no run.now.',
    });
    await expect(calculate('unknown')).rejects.toMatchObject({ code: 'NO_WORKER' });
  });

  test('that never end are ended, and make room for those that wait', async () => {
    const hasty = createCalculationPool({ threadsMax: 2, limitMs: 1_000, threadFile });
    const endless = await Promise.allSettled(
      Array.from({ length: 3 }, () => hasty.calculate({ bundleFile, protocol: 'spin', parameters: {} }, never)),
    );
    await hasty.close();
    // The message of an error is no property that toMatchObject compares.
    const told = endless.map((each) =>
      each.status === 'rejected' ? `${(each.reason as LabError).code} ${(each.reason as LabError).message}` : each.status,
    );
    // Where it was, an overloaded machine may not find out in time; that it was ended, always.
    expect(told).toEqual(
      Array(3).fill(
        expect.stringMatching(/^CALCULATION_TOO_LONG spin did not end within 1 s(?:; it was at numbers\.protocol\.ts:20)?\.$/u),
      ),
    );
    expect(told.join()).toContain('it was at numbers.protocol.ts:20.');
  });

  test('that are no longer wanted are ended, and their threads replaced', async () => {
    const control = new AbortController();
    const spinning = pool.calculate({ bundleFile, protocol: 'spin', parameters: {} }, control.signal);
    setImmediate(() => {
      control.abort(new Error('cancelled'));
    });
    await expect(spinning).rejects.toThrow('cancelled');
    expect(await calculate('greet', { name: 'again' })).toBe('hello again');
  });
});

test('contexts are made with the engine in them before there is a run, and without what authors wrote', async () => {
  const context = createContext({}, { microtaskMode: 'afterEvaluate' });
  vmShared.injectGlobals(context);
  const loaded: Record<string, unknown> = {};
  Object.assign(context, { __webpack_module_cache__: loaded });
  runInContext(await readFile(bundleFile, 'utf8'), context);
  runInContext('__TEMPORAL__.preloadModules()', context);
  const names = Object.keys(loaded);
  expect(names).toContainEqual(expect.stringContaining('workflows/index.ts'));
  expect(names.filter((name) => name.includes('.protocol.ts'))).toEqual([]);
});

test('a name that is used twice belongs to whoever comes first; the other is left out, with its place, and all else is published', async () => {
  const twice = path.join(folder, 'twice');
  await mkdir(twice);
  const said = (name: string, what: string) =>
    `export const ${what} = protocolFunction({ name: '${name}', version: '1.0.0', description: 'Says.', isTopLevel: true }, async () => '${what}');\n`;
  await writeFile(
    path.join(twice, 'a.protocol.ts'),
    `import { protocolFunction } from 'praxis/sdk';\n${said('hello_world', 'mine')}${said('other', 'other')}`,
  );
  const sources = await readProtocolSources([twice]);
  const file = path.join(twice, 'a.protocol.ts');
  expect(sources.reports).toEqual([
    expect.objectContaining({
      severity: 'error',
      file,
      line: 2,
      column: 14,
      message: expect.stringMatching(
        /^hello_world 1\.0\.0 is not published: .*hello-world\.protocol\.ts:\d+:\d+ has the name hello_world\.$/u,
      ) as unknown,
    }),
  ]);
  expect(sources.definitions.filter(({ name }) => name === 'hello_world').map(({ file }) => file)).not.toEqual(['a.protocol.ts']);
  expect(sources.definitions.map(({ name }) => name)).toContain('other');
  // The library's modules come last in the list, where the last of a name counts.
  const order = /const modules = \[(.*)\];/u.exec(toBundleEntry(sources.functions))?.[1]?.split(', ') ?? [];
  expect([order[0], ...order.slice(-2)]).toEqual([`protocols${order.length - 2}`, 'protocols0', 'plain']);
  await writeFile(
    path.join(twice, 'b.protocol.ts'),
    `import { protocolFunction } from 'praxis/sdk';\n${said('same', 'one')}${said('same', 'two')}`,
  );
  const again = await readProtocolSources([twice]);
  expect(again.reports.map(({ file: where, line, message }) => [path.basename(where), line, message])).toEqual([
    ['b.protocol.ts', 2, expect.stringContaining('b.protocol.ts:3:14')],
    ['b.protocol.ts', 3, expect.stringContaining('b.protocol.ts:2:14')],
    ['a.protocol.ts', 2, expect.any(String)],
  ]);
  expect(again.definitions.map(({ name }) => name)).not.toContain('same');
});

describe('old sources', () => {
  const warnings: string[] = [];
  const logger = {
    warn: (_fields: unknown, message: string) => {
      warnings.push(message);
    },
  } as unknown as Parameters<typeof findBundleFile>[2];

  test('are built again on new framework code, from what was kept', async () => {
    await rename(bundleFile, bundleFile.replace(/\.[0-9a-f]{8}\.js$/u, '.00000000.js'));
    const again = (await findBundleFile(home, bundle, logger))!;
    expect(again).not.toMatch(/\.00000000\.js$/u);
    expect(await pool.calculate({ bundleFile: again, protocol: 'add_up', parameters: { a: 2 } }, never)).toBe(4);
    expect(warnings).toEqual([]);
    await rm(again);
  });

  test('of an older generation are never built again, whatever became of the framework', async () => {
    const file = path.join(home, 'bundles', `${bundle}.src`, 'manifest.json');
    const text = await readFile(file, 'utf8');
    const { generation, ...first } = JSON.parse(text) as { readonly generation: number };
    expect(generation).toBe(GENERATION);
    for (const older of [first, { ...first, generation: FIRST_GENERATION }]) {
      await writeFile(file, JSON.stringify(older));
      expect(await findBundleFile(home, bundle, logger)).toMatch(/\.00000000\.js$/u);
    }
    expect(warnings).toEqual([]);
    await writeFile(file, text);
  });

  test('have another name, and so another queue, in each generation', () => {
    const tree = [{ path: 'protocols/a.ts', text: 'a' }];
    const names = [1, 2, 3].map((generation) => nameBundle(tree, generation));
    expect(new Set(names).size).toBe(3);
    expect(nameBundle(tree)).toBe(nameBundle(tree, GENERATION));
  });

  test('that cannot be built go on with the code they had', async () => {
    await writeFile(
      path.join(home, 'bundles', `${bundle}.src`, 'protocols', 'sdk', 'index.ts'),
      `export { gone } from '../../domain/error.js';`,
    );
    expect(await findBundleFile(home, bundle, logger)).toMatch(/\.00000000\.js$/);
    expect(warnings).toEqual([expect.stringMatching(/cannot be built on the new framework/)]);
  });

  test('leave nothing half made behind', async () => {
    const left = (await readdir(path.join(home, 'bundles'))).filter((name) => /\.(?:part|build)$/u.test(name));
    expect(left).toEqual([]);
    expect(await findBundleFile(home, 'ffffffffffff', logger)).toBeUndefined();
  });
});
