// Kept histories replay against today's workflow code. A change to it that does not replay would break
// runs that are under way; it needs a version flag with a reason, or a history of its own.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { findProjectRoot } from '../platform/paths.js';
import { ensureBundle, readProtocolSources } from '../workers/bundle-protocols.js';

const HISTORIES = path.join(findProjectRoot(), 'test', 'histories');

let home: string;
let bundleFile: string;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  home = await mkdtemp(path.join(tmpdir(), 'praxis-replay-'));
  const sources = await readProtocolSources([path.join(findProjectRoot(), 'test', 'fixtures', 'protocols')]);
  bundleFile = await ensureBundle(home, sources);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const names = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

describe('kept histories', () => {
  test('there is one for every top-level protocol of library and fixtures', async () => {
    const { definitions } = await readProtocolSources([path.join(findProjectRoot(), 'test', 'fixtures', 'protocols')]);
    const kept = new Set(names.map((name) => name.split('.')[0]));
    const missing = definitions.filter((definition) => definition.isTopLevel && !kept.has(definition.name)).map(({ name }) => name);
    // Keep them with: node dist/tools/keep-histories.js
    expect(missing).toEqual([]);
  });

  test.each(names)('%s replays', async (name) => {
    const history = historyFromJSON(JSON.parse(readFileSync(path.join(HISTORIES, name), 'utf8')));
    await expect(Worker.runReplayHistory({ workflowBundle: { code: readFileSync(bundleFile, 'utf8') } }, history, 'replayed-run')).resolves.toBeUndefined();
  });
});
