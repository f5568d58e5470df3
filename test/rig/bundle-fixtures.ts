// Bundles protocols of the fixtures as the engine's tests want them: without discovery, and without a home. One that was made of
// the same before is taken from the cache.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { findProjectRoot } from '../../platform/paths.js';
import { readSettings } from '../../platform/settings.js';
import { readSourceFolder } from '../../protocols/discovery/read-source-folder.js';
import { readOrMakeBundle, toBundleKey } from '../../protocols/bundling/bundle-cache.js';
import { JOINED } from '../../protocols/bundling/bundle-protocols.js';
import { createStepPlugin } from '../../protocols/bundling/step-points.js';

/** The engine's own protocols. */
export function enterFixtures(root: string): readonly string[] {
  return [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    `import * as fixtures from ${JSON.stringify(path.join(root, 'test', 'fixtures', 'engine', 'engine.protocol.ts'))};`,
    'export default createRunWorkflow([fixtures]);',
  ];
}

/** `enter` writes the lines of the entry, given the project's folder. Steps of all fixtures are counted. */
export async function bundleFixtures(enter: (root: string) => readonly string[]): Promise<string> {
  const root = findProjectRoot();
  const folders = await Promise.all(
    ['domain', 'contract/words', 'workflows', 'protocols', 'test/fixtures'].map((name) => readSourceFolder(path.join(root, name))),
  );
  const sources = folders.flatMap(({ files }) => files.flatMap(({ path: name, text }) => [name, text]));
  const key = await toBundleKey(['fixtures', await readFile(fileURLToPath(import.meta.url), 'utf8'), ...enter(root), ...sources]);
  return readOrMakeBundle(readSettings().cache, key, () => makeBundle(root, enter));
}

async function makeBundle(root: string, enter: (root: string) => readonly string[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'praxis-engine-'));
  const entry = path.join(folder, 'entry.ts');
  await writeFile(entry, enter(root).join('\n'));
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: entry,
      preloadModules: [path.join(root, 'workflows', 'index.ts')],
      logger: new DefaultLogger('WARN'),
      webpackConfigHook: (config) => ({
        ...config,
        optimization: { ...config.optimization, ...JOINED },
        plugins: [...(config.plugins ?? []), createStepPlugin((file) => file.startsWith(path.join(root, 'test', 'fixtures')))],
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
