// Values in the views of people: short, rounded, and never without a hint of what was left out.

import { formatValue, formatValues } from './format-value.js';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, k) => k / 7);

test.each([
  [0.123456789, '0.1235'],
  [123456.789, '123457'],
  [-1234.5678, '-1235'],
  [999.96, '1000'],
  [50_000, '50000'],
  [1.5e-9, '1.5e-9'],
  [true, 'true'],
  [null, 'null'],
  ['A1', 'A1'],
  ['x'.repeat(61), `${'x'.repeat(59)}…`],
  [[], '[]'],
  [[1, 0.33333333], '[1, 0.3333]'],
  [numbers(30), '[30 numbers]'],
  [[numbers(12)], '[[12 numbers]]'],
  [Array.from({ length: 8 }, () => numbers(12)), '[8 × 12 numbers]'],
  [[numbers(2), numbers(3)], '[2 lists]'],
  [['A1', 'B1', 'C1', 'D1', 'E1'], '[5 texts]'],
  [[{ a: 1 }, { a: 2 }], '[2 objects]'],
  [[1, 'a', 2, 'b', 3], '[5 values]'],
  [{ reads: 60, growth: { rate: 0.69314718, times: numbers(9) } }, '{reads: 60, growth: {rate: 0.6931, times: [9 numbers]}}'],
  [{ a: { b: { c: { d: 1 } } } }, '{a: {b: {c: {1 values}}}}'],
  [Object.fromEntries(numbers(10).map((_, k) => [`k${k}`, k])), '{k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, k7: 7, +2}'],
])('%j', (value, shown) => {
  expect(formatValue(value)).toBe(shown);
});

test('a long call stays one short line', () => {
  expect(formatValues({ hours: numbers(200), name: 'growth' })).toBe('hours=[200 numbers] name=growth');
  expect(formatValues({})).toBe('-');
});
