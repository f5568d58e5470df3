// Every way to declare a protocol function, on an in-memory runtime: what the types infer, what a call checks, and what
// an executor is told.

import { beforeEach, expect, test } from '@jest/globals';
import { LabError } from '../../domain/errors/error.js';
import type { Json } from '../../domain/json/json.js';
import { labware } from './labware.js';
import { param } from './parameters.js';
import { completeDefinition, isProtocolFunction, listProtocolFunctions, protocolFunction } from './protocol-function.js';
import type { Assets, Params } from './protocol-spec.js';
import type { Run } from './run.js';
import { installRuntime, type CallRequest, type CallWorld } from './runtime.js';

const PLATE = { id: 'a1', name: 'plate_1', kind: 'labware', type: 'plate' } as const;
const requests: CallRequest[] = [];
const world = { run: Object.freeze({ callPath: 'here' }) as Run, sender: () => async () => null } as CallWorld;
installRuntime({
  call: async (request, body) => {
    requests.push(request);
    return body(world);
  },
});
beforeEach(() => {
  requests.length = 0;
});

const double = protocolFunction(
  {
    name: 'double',
    version: '1.0.0',
    description: 'Doubles.',
    kind: 'activity',
    parameters: { n: param.integer({ min: 0 }), unit: param.choice({ choices: ['a', 'b'], default: 'b' }) },
  },
  ({ n, unit }) => `${n * 2}${unit satisfies 'a' | 'b'}`,
);

const nameWells = protocolFunction(
  {
    name: 'name_wells',
    version: '1.0.0',
    description: 'Names wells.',
    parameters: { wells: param.wells({ wells: 96 }), wait: param.duration({ max: { hours: 1 }, default: { minutes: 1 } }) },
    assets: { plate: labware.plate({ wells: 96 }) },
    check: ({ wells, wait }) => (wait > 1_000 * wells.length ? 'One second a well at most.' : undefined),
  },
  async ({ wells, wait }, { plate }, run) => ({ name: plate.name, count: wells.length, first: wells[0] ?? null, wait, path: run.callPath }),
);

const inferred = protocolFunction(
  { name: 'inferred', version: '1.0.0', description: 'Has no block of parameters.' },
  async ({ steps = 8 }: { steps?: number }) => steps,
);

const spec = {
  name: 'pour',
  version: '1.0.0',
  description: 'Pours.',
  kind: 'inline',
  parameters: { volumeUl: param.number({ min: 1 }) },
  assets: { plate: labware.plate() },
} as const;

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- the form for authors who group protocols in a class
class Pouring {
  static readonly factor = 2;

  @protocolFunction(spec)
  static async pour({ volumeUl }: Params<typeof spec>, { plate }: Assets<typeof spec>, run?: Run): Promise<string> {
    return `${volumeUl * this.factor} ${plate.name} ${run?.callPath ?? 'nowhere'}`;
  }

  @protocolFunction({ name: 'rest', version: '1.0.0', description: 'Rests.' })
  static async rest({ minutes = 1 }: { minutes?: number }): Promise<number> {
    return minutes;
  }
}

async function catchError(work: Promise<unknown> | (() => unknown)): Promise<LabError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('a call passes its kind, its parameters as data and its assets as references', async () => {
  const handle = { asset: PLATE, name: 'plate_1', wells: () => [] };
  const result = await nameWells({ wells: 'A1:B2', wait: '3 s' }, { plate: handle });
  expect(result).toEqual({ name: 'plate_1', count: 4, first: 'A1', wait: 3_000, path: 'here' });
  expect(requests[0]).toMatchObject({ kind: 'child', parameters: { wells: 'A1:B2', wait: '3 s' }, assets: { plate: PLATE } });
});

test('with() changes the kind of the calls and nothing else', async () => {
  const inline = double.with({ kind: 'inline' });
  expect(await inline({ n: 2 })).toBe('4b');
  expect(await double({ n: 2, unit: 'a' })).toBe('4a');
  expect(requests.map(({ kind, definition }) => [kind, definition.kind])).toEqual([
    ['inline', 'activity'],
    ['activity', 'activity'],
  ]);
  expect(inline.definition).toBe(double.definition);
});

test('a calculation has no assets', async () => {
  // @ts-expect-error a function with assets cannot become a calculation
  const error = await catchError(() => nameWells.with({ kind: 'activity' }));
  expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' });
  expect(error.message).toMatch(/name_wells declares assets/);
});

test('values are checked one by one, then together, before the body', async () => {
  const assets = { plate: PLATE };
  const run = (parameters: { readonly [name: string]: Json }): Promise<LabError> =>
    catchError(nameWells.execute(world, parameters, assets));
  expect(await run({ wells: 'A13' })).toMatchObject({ code: 'PARAMETER_RANGE', field: 'parameters.wells' });
  expect(await run({ wells: 'A1', wait: '2 h' })).toMatchObject({ code: 'PARAMETER_RANGE', field: 'parameters.wait' });
  expect(await run({ wells: 'A1', wait: '2 s' })).toMatchObject({ code: 'PARAMETER_RANGE', message: 'One second a well at most.' });
});

test('a static method becomes a protocol function, with its class as this', async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is looked at, not called
  expect(isProtocolFunction(Pouring.pour)).toBe(true);
  const handle = { asset: PLATE, name: 'plate_1', wells: () => [] };
  expect(await Pouring.pour({ volumeUl: 5 }, { plate: handle })).toBe('10 plate_1 here');
  expect(requests[0]).toMatchObject({ kind: 'inline', definition: { name: 'pour', parameters: { volumeUl: { type: 'number', min: 1 } } } });
  expect(await catchError(Pouring.pour({ volumeUl: 0 }, { plate: handle }))).toMatchObject({ code: 'PARAMETER_RANGE' });
});

test('a method that is not static is refused', async () => {
  const error = await catchError(() => {
    class Wrong {
      @protocolFunction(spec)
      async pour(_p: Params<typeof spec>, _a: Assets<typeof spec>): Promise<void> {}
    }
    return Wrong;
  });
  expect(error.message).toMatch(/no static method/);
});

test('parameters read from the signature are given once, and hold from then on', async () => {
  expect(await inferred({ steps: 3 })).toBe(3);
  completeDefinition(inferred, { steps: { type: 'integer', default: 8 } });
  expect(await inferred({})).toBe(8);
  expect(await catchError(inferred.execute(world, { step: 1 }, {}))).toMatchObject({ code: 'UNKNOWN_PARAMETER' });
  expect(await catchError(() => completeDefinition(inferred, {}))).toMatchObject({ code: 'INTERNAL' });
});

test('the protocol functions of a module, static methods included, each once', () => {
  const found = listProtocolFunctions({ double, again: double, Pouring, other: 1, plain: () => 2 });
  expect(found.map(({ definition }) => definition.name)).toEqual(['double', 'pour', 'rest']);
});
