// Keeps a Temporal history of each top-level protocol of library and test fixtures, for the replay tests.
// Run it after a change to workflow code that is meant to change histories, and look at what changed.
// Usage: node dist/tools/keep-histories.js [protocol …]; all that are missing where none is named

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Run } from '../domain/run.js';
import { findProjectRoot } from '../platform/paths.js';
import { startLab, waitFor } from '../test/rig/start-lab.js';
import { readProtocolSources } from '../workers/bundle-protocols.js';

const FIXTURES = 'test/fixtures/protocols';
const root = findProjectRoot();
const folder = path.join(root, 'test', 'histories');
const { definitions } = await readProtocolSources([path.join(root, FIXTURES)]);
const topLevel = definitions.filter((definition) => definition.isTopLevel).map(({ name }) => name);
const named = process.argv.slice(2);
const wanted = named.length > 0 ? named : topLevel.filter((name) => !existsSync(path.join(folder, `${name}.json`)));
if (wanted.length === 0) {
  process.stderr.write('Every protocol has a kept history.\n');
} else {
  await keep(wanted);
}

/** Without process identities and stack traces: replay does not look at them, and they name this machine. */
function withoutMachine(history: string): string {
  const strip = (key: string, value: unknown): unknown => (['identity', 'stackTrace'].includes(key) ? undefined : value);
  return JSON.stringify(JSON.parse(history), strip);
}

async function keep(names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lab = await startLab({ protocols: [FIXTURES] });
  try {
    const connection = await Connection.connect({ address: (await lab.record()).temporalAddress });
    const temporal = new Client({ connection, namespace: 'praxis' });
    for (const name of names) {
      const { status, body } = await lab.post('/runs', { protocol: name });
      if (status !== 201) throw new Error(`Start of ${name} was refused: ${JSON.stringify(body)}`);
      const run = await waitFor(`run of ${name} to end`, async () => {
        const found = await lab.get<Run>(`/runs/${body['id'] as string}`);
        return found.endedAt === null ? undefined : found;
      });
      const closed = temporal.workflow.getHandle(run.id);
      await closed.result().catch(() => undefined);
      await writeFile(path.join(folder, `${name}.json`), `${withoutMachine(historyToJSON(await closed.fetchHistory()))}\n`);
      await lab.post('/machines/star/release', { note: 'released for the next history' });
      process.stderr.write(`kept ${name} (${run.status})\n`);
    }
    await connection.close();
  } finally {
    await lab.end();
  }
}
