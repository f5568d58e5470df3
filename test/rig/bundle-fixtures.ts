// The workflow bundle of test protocols, as the engine's rig starts it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { findProjectRoot } from '../../platform/paths.js';

export function enterFixtures(root: string): readonly string[] {
  return [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    `import * as fixtures from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'engine', 'engine.protocol.ts'))};`,
    'export default createRunWorkflow([fixtures]);',
  ];
}

export async function bundleFixtures(enter: (root: string) => readonly string[]): Promise<string> {
  const root = findProjectRoot();
  const folder = await mkdtemp(path.join(tmpdir(), 'praxis-engine-'));
  const entry = path.join(folder, 'entry.ts');
  await writeFile(entry, enter(root).join('\n'));
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: entry,
      logger: new DefaultLogger('WARN'),
      webpackConfigHook: (config) => ({
        ...config,
        resolve: {
          ...config.resolve,
          modules: ['node_modules', path.join(root, 'node_modules')],
          alias: Object.assign({}, config.resolve?.alias, { 'praxis/sdk': path.join(root, 'protocols', 'sdk', 'index.ts') }),
        },
      }),
    });
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
