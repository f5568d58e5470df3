// Kept histories replay against today's workflow code. A change to it that does not replay would break
// runs that are under way; it needs a version flag with a reason, or a history of its own.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { findProjectRoot } from '../platform/paths.js';
import { ensureBundle, readProtocolSources } from '../protocols/bundling/bundle-protocols.js';
import { countContinuations, listKeptNames, readKept } from './rig/kept-histories.js';

const FIXTURES = path.join(findProjectRoot(), 'test', 'fixtures');

let home: string;
let bundleFile: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  home = await mkdtemp(path.join(tmpdir(), 'praxis-replay-'));
  const sources = await readProtocolSources([path.join(FIXTURES, 'protocols'), path.join(FIXTURES, 'engine')]);
  bundleFile = await ensureBundle(home, sources);
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

const names = listKeptNames();

describe('kept histories', () => {
  test('there is one for every top-level protocol of library and fixtures', async () => {
    const { definitions } = await readProtocolSources([path.join(FIXTURES, 'protocols')]);
    const kept = new Set(names.map((name) => name.split('.')[0]));
    const missing = definitions.filter((definition) => definition.isTopLevel && !kept.has(definition.name)).map(({ name }) => name);
    // Keep them with: node dist/tools/keep-histories.js
    expect(missing).toEqual([]);
  });

  test('there is one for every kind of control, and runs that continued as new three times and more', () => {
    const cases = new Set(names.map((name) => name.split('.')[1]));
    for (const wanted of ['paused', 'cancelled', 'uncertain', 'continued', 'no']) expect(cases).toContain(wanted);
    for (const name of ['plain_loop.continued', 'kinetic_assay.continued'])
      expect(countContinuations(readKept(name))).toBeGreaterThanOrEqual(3);
  });

  test.each(names)(
    '%s replays, with its children and continuations',
    async (name) => {
      const workflowBundle = { code: readFileSync(bundleFile, 'utf8') };
      const executions = readKept(name);
      expect(executions.length).toBeGreaterThan(0);
      for (const { workflowId, history } of executions) {
        await expect(Worker.runReplayHistory({ workflowBundle }, history, workflowId)).resolves.toBeUndefined();
      }
    },
    120_000,
  );
});
