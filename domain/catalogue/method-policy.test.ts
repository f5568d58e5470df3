// The tables written by hand against the generated catalogue: nothing is missing, nothing is invented.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasUnit, toArgumentName, WITHOUT_UNIT } from './argument-names.js';
import type { Catalogue, CatalogueType } from './catalogue.js';
import { FRONT_ENDS, isFrontEnd, listFrontEnds } from './front-ends.js';
import { findPolicy, getMethodPolicy, listPolicies } from './method-policy.js';
import { isCommandPolicy } from './policy.js';

const catalogue = JSON.parse(readFileSync(fileURLToPath(new URL('./pylabrobot.json', import.meta.url)), 'utf8')) as Catalogue;
const methods = Object.entries(catalogue.frontends).flatMap(([frontEnd, entry]) =>
  Object.keys(entry.methods).map((method) => ({ frontEnd, method })),
);

test('every method of every front end has a policy, or a reason why it is no command', () => {
  const missing = methods
    .filter(({ frontEnd, method }) => findPolicy(frontEnd, method) === undefined)
    .map(
      ({ frontEnd, method }) =>
        `${frontEnd}.${method}: add an entry to its table in domain/catalogue/policies/, { retryClass, expectedMs, longestMs } or { notACommand }`,
    );
  expect(missing).toEqual([]);
  expect(methods.length).toBeGreaterThan(200);
});

test('no policy is about a method that does not exist', () => {
  const invented = listPolicies().flatMap(({ frontEnd, methods: judged }) =>
    judged
      .filter((method) => !Object.hasOwn(catalogue.frontends[frontEnd]?.methods ?? {}, method))
      .map((method) => `${frontEnd}.${method}`),
  );
  expect(invented).toEqual([]);
});

test('a stop method is a command of the same machine that takes no arguments', () => {
  const offences = methods.flatMap(({ frontEnd, method }) => {
    const { stopMethod } = getMethodPolicy(frontEnd, method);
    if (stopMethod === null) return [];
    const entry = findPolicy(frontEnd, stopMethod);
    const needs = catalogue.frontends[frontEnd]?.methods[stopMethod]?.parameters.filter(({ required }) => required) ?? [];
    return entry && isCommandPolicy(entry) && needs.length === 0 ? [] : [`${frontEnd}.${method}: ${stopMethod}`];
  });
  expect(offences).toEqual([]);
});

test('what only looks moves nothing and needs nothing that stops it', () => {
  const looks = methods.flatMap(({ frontEnd, method }) => {
    const entry = findPolicy(frontEnd, method);
    return entry && isCommandPolicy(entry) && entry.isLook === true ? [{ name: `${frontEnd}.${method}`, entry }] : [];
  });
  expect(looks.filter(({ entry }) => entry.retryClass !== 'read-only' || entry.stopMethod !== undefined)).toEqual([]);
  expect(looks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['HeaterShaker.wait_for_temperature', 'OpentronsThermocyclerModuleV2.wait_for_lid']),
  );
});

test('between what is usual and what is in doubt lies a margin, whatever is given', () => {
  const marginMs = 25_000;
  const given = {
    duration: 3_600,
    timeout: 3_600,
    wells: Array.from({ length: 384 }, () => null),
    amounts: [1, 2, 3],
    mix: [{ repetitions: 50 }],
  };
  const offences = methods.filter(({ frontEnd, method }) =>
    [{}, given]
      .map((values) => getMethodPolicy(frontEnd, method, values))
      .some(({ expectedMs, longestMs }) => expectedMs + marginMs > longestMs),
  );
  expect(offences).toEqual([]);
});

test('times follow the arguments where they matter', () => {
  expect(getMethodPolicy('Centrifuge', 'spin', { g: 500, duration: 7_200 }).longestMs).toBeGreaterThan(7_200_000);
  expect(getMethodPolicy('HeaterShaker', 'wait_for_temperature', { timeout: 1_000 }).longestMs).toBe(1_060_000);
  expect(getMethodPolicy('HeaterShaker', 'shake', { speed: 300, duration: 600 }).longestMs).toBeGreaterThan(600_000);
  const protocol = {
    stages: [
      {
        steps: [
          { temperature: [95], hold_seconds: 30 },
          { temperature: [60], hold_seconds: 60 },
        ],
        repeats: 35,
      },
    ],
  };
  // 35 × (30 + 60) s of holding alone.
  expect(getMethodPolicy('Thermocycler', 'run_protocol', { protocol, block_max_volume: 25 }).longestMs).toBeGreaterThan(3_150_000);
  expect(getMethodPolicy('PlateReader', 'read_absorbance', { wells: [null] }).expectedMs).toBeLessThan(
    getMethodPolicy('PlateReader', 'read_absorbance').expectedMs,
  );
});

test('a front end made of others has their policies, an unknown method the most careful', () => {
  expect(getMethodPolicy('HeaterShaker', 'shake')).toEqual(getMethodPolicy('Shaker', 'shake'));
  expect(getMethodPolicy('ImageReader', 'capture').retryClass).toBe('costly');
  expect(getMethodPolicy('Toaster', 'toast')).toEqual({
    retryClass: 'non-idempotent',
    expectedMs: 10_000,
    longestMs: 600_000,
    stopMethod: null,
  });
  expect(getMethodPolicy('LiquidHandler', 'constructor').retryClass).toBe('non-idempotent');
});

test('front ends and what they are made of are those of the catalogue', () => {
  expect(Object.values(FRONT_ENDS).sort()).toEqual(Object.keys(catalogue.frontends).sort());
  expect(Object.values(FRONT_ENDS)).toHaveLength(28);
  for (const [frontEnd, { bases }] of Object.entries(catalogue.frontends))
    expect([frontEnd, ...listFrontEnds(frontEnd).slice(1)]).toEqual([frontEnd, ...bases]);
  expect(isFrontEnd('HeaterShaker', 'Shaker')).toBe(true);
  expect(isFrontEnd('Shaker', 'HeaterShaker')).toBe(false);
});

test('every number that authors give has a unit in its name, or is known to have none', () => {
  const isNumber = (type: CatalogueType): boolean =>
    typeof type === 'string'
      ? type === 'float' || type === 'int'
      : 'list' in type
        ? isNumber(type.list)
        : 'union' in type && type.union.some(isNumber);
  const nameless = methods.flatMap(({ frontEnd, method }) => {
    const entry = findPolicy(frontEnd, method);
    if (!entry || !isCommandPolicy(entry)) return [];
    return (catalogue.frontends[frontEnd]?.methods[method]?.parameters ?? [])
      .filter(({ name, type }) => isNumber(type) && !hasUnit(name) && !WITHOUT_UNIT.has(name))
      .map(({ name }) => `${frontEnd}.${method}.${name}: add it to domain/catalogue/argument-names.ts`);
  });
  expect(nameless).toEqual([]);
  expect(toArgumentName('PlateReader', 'read_absorbance', 'wavelength')).toBe('wavelengthNm');
  expect(toArgumentName('Pump', 'run_continuously', 'speed')).toBe('speed');
});
