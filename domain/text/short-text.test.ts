// Shortened names stay apart, whichever characters of them differ.

import { expect, test } from '@jest/globals';
import { toCommandId } from '../values/ids.js';
import { shortenText } from './short-text.js';

test('a short text stays as it is, a long one keeps its beginning and the limit', () => {
  expect(shortenText('a'.repeat(40), 40)).toBe('a'.repeat(40));
  expect(shortenText('a'.repeat(41), 40)).toMatch(/^a{23}~[0-9a-f]{16}$/u);
});

test('two hundred thousand paths with one beginning have names of their own', () => {
  const head = 'serial_dilution/'.repeat(30);
  const names = new Set<string>();
  for (let k = 0; k < 200_000; k++) names.add(shortenText(`${head}wash.${k}/step.1`, 100));
  expect(names.size).toBe(200_000);
});

test('command ids of deep calls fit, and keep run, number and retry', () => {
  const id = toCommandId({ runId: 'run-1', callPath: 'deep/'.repeat(400), n: 12, retry: 3 });
  expect(id.length).toBeLessThan(450);
  expect(id).toMatch(/^run-1\/deep\/.*~[0-9a-f]{16}\/12\/3$/u);
});
