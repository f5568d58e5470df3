// The demonstration at a pace: every simulator that can takes the expected time of its motions, others and real machines stay as they are.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findProjectRoot } from '../../platform/paths.js';
import { getMethodPolicy } from '../catalogue/method-policy.js';
import { paceWorkcell } from './pace-workcell.js';
import type { WorkcellSpec } from './workcell-spec.js';

const demo = JSON.parse(readFileSync(path.join(findProjectRoot(), 'deploy', 'demo-workcell.json'), 'utf8')) as WorkcellSpec;

test('a motion of the demonstration takes its expected time, by the factor', () => {
  const aspirateS = getMethodPolicy('LiquidHandler', 'aspirate').expectedMs / 1000;
  const star = paceWorkcell(demo, 0.5).machines.find(({ name }) => name === 'star');
  expect(star?.backend).toBe('CountingSTARChatterboxBackend');
  expect(star?.backendArguments['motion_s']).toMatchObject({ aspirate: aspirateS * 0.5 });
  const [reader, paced] = [demo, paceWorkcell(demo, 0.5)].map(({ machines }) => machines.find(({ name }) => name === 'reader'));
  expect(paced).toMatchObject({ backend: reader?.backend, backendArguments: reader?.backendArguments ?? {} });
});

test('what can take no time, and what is real, stays as it is', () => {
  const real = { ...demo, machines: demo.machines.map((machine) => ({ ...machine, mode: 'hardware' as const })) };
  expect(paceWorkcell(real, 1)).toEqual(real);
  const [scanner, paced] = [demo, paceWorkcell(demo, 1)].map(({ machines }) => machines.find(({ name }) => name === 'scanner'));
  expect(paced).toEqual(scanner);
});
