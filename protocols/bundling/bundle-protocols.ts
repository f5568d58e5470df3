// Makes the workflow bundle of a version of protocol source on today's framework code. Bundles and their sources are kept in
// the home, so a run goes on with the source it was started with, and on workflow code of its own generation.

import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';
import { LabError } from '../../domain/errors/error.js';
import type { Logger } from '../../platform/logging.js';
import { findProjectRoot } from '../../platform/paths.js';
import { replaceFile } from '../../platform/replace-file.js';
import type { SourceText } from '../discovery/parse-source.js';
import { readSourceFolder } from '../discovery/read-source-folder.js';
import { readOrMakeBundle, toBundleKey } from './bundle-cache.js';
import { toBundleEntry } from './bundle-entry.js';
import { GENERATION } from './generation.js';
import { createStepPlugin } from './step-points.js';
import { keepSource, readKeptSource, toBundleFolder, writeTree, type BundleSource } from './kept-sources.js';

export { readProtocolSources, type ProtocolSources } from './protocol-sources.js';

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

/** The engine's modules are joined: one scope loads and runs faster than some two hundred that look into each other. */
export const JOINED = { concatenateModules: true, providedExports: true, usedExports: true } as const;
/** What a bundle contains beside protocol source; `<root>/activities` is imported for its types alone. */
const FRAMEWORK_FOLDERS = ['workflows', 'domain', 'contract/words'] as const;
/** What contexts of runs are made with before there is a run (ready-context.cjs): it must load without one. */
const ENGINE = 'workflows/index.ts';
/** Grows with every change of how bundles are made that is to reach sources bundled before. */
const BUNDLE_FORMAT = 5;
/** Packages that workflow code itself is made of; what authors import is author code too. */
const FRAMEWORK_PACKAGES = /\/node_modules\/(?:@temporalio\/|nexus-rpc\/|ms\/|long\/)/u;

interface Framework {
  readonly tree: readonly SourceText[];
  readonly hash: string;
}

/**
 * Path of the bundle's code, made now where it is missing or the framework's own source has changed; taken from `cache` where
 * another home of this machine has made the same. Keeps the source.
 */
export async function ensureBundle(home: string, source: BundleSource, cache?: string): Promise<string> {
  await keepSource(home, source);
  const framework = await readFramework();
  const file = toBundleFile(home, source.bundle, framework);
  if (await isFile(file)) return file;
  const build = (): Promise<string> => buildBundle(home, source, framework);
  // What packages of an author hold, no name of the source tells.
  const hasPackages = await Promise.all(source.folders.map((folder) => isFolder(path.join(folder, 'node_modules'))));
  const code =
    cache === undefined || hasPackages.includes(true)
      ? await build()
      : await readOrMakeBundle(cache, await toBundleKey([source.bundle, framework.hash]), build);
  replaceFile(file, code);
  return file;
}

/**
 * Path of the code for a bundle that runs were started with: built again from the kept source where the framework has
 * changed since within their generation; else, and where that fails, the newest kept build. Undefined where nothing is kept.
 */
export async function findBundleFile(home: string, bundle: string, logger: Pick<Logger, 'warn'>): Promise<string | undefined> {
  const framework = await readFramework();
  const file = toBundleFile(home, bundle, framework);
  if (await isFile(file)) return file;
  try {
    const source = await readKeptSource(home, bundle);
    if (source?.generation === GENERATION) {
      replaceFile(file, await buildBundle(home, source, framework));
      return file;
    }
    if (!source)
      logger.warn({ bundle }, 'the source of this bundle is not kept; its runs go on with the framework that they were built with');
  } catch (error) {
    logger.warn({ bundle, error }, 'this source cannot be built on the new framework; its runs go on with the old one');
  }
  return findNewest(toBundleFolder(home), bundle);
}

/** Writes source and framework into one folder, where each file finds the others by the paths it was written with. */
async function buildBundle(home: string, source: BundleSource, framework: Framework): Promise<string> {
  const tree = `${toBundleFile(home, source.bundle, framework)}.${process.pid}.build`;
  try {
    const entry = 'entry.ts';
    await writeTree(tree, [...source.tree, ...framework.tree, { path: entry, text: toBundleEntry(source.functions) }]);
    return await bundle(await realpath(tree), entry, source.folders);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function bundle(tree: string, entry: string, folders: readonly string[]): Promise<string> {
  const complaints: string[] = [];
  const hear = (message: string): void => {
    complaints.push(message);
  };
  const ignore = (): void => undefined;
  const logger = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: hear, error: hear };
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.join(tree, entry),
      preloadModules: [path.join(tree, ENGINE)],
      logger,
      webpackConfigHook: (config) => toConfiguration(config, tree, folders),
    });
    return code;
  } catch (cause) {
    const told = complaints
      .join('\n')
      .split('\n')
      .filter((line) => /^(?:ERROR in|Module not found|Error:|\s+[×x╭│])/u.test(line))
      .slice(0, 6);
    const why = told.length > 0 ? told.join(' ').replaceAll(`${tree}/`, '') : (cause as Error).message;
    throw new LabError('SOURCE_UNREADABLE', {
      message: `The protocols cannot be bundled: ${why}`,
      remedy: 'Mend the file that the message names.',
      cause,
    });
  }
}

/**
 * The SDK is found by name; packages are found in the author's folders and in the project. Decorators are compiled as the
 * language defines them, and no .swcrc of an author's folder changes that.
 */
function toConfiguration(config: WebpackConfiguration, tree: string, folders: readonly string[]): WebpackConfiguration {
  const alias = Object.assign({}, config.resolve?.alias, { 'praxis/sdk': path.join(tree, 'protocols', 'sdk', 'index.ts') });
  const packages = [...folders, findProjectRoot()].map((folder) => path.join(folder, 'node_modules'));
  const rules = config.module?.rules?.map((rule) => (isTypeScriptRule(rule) ? { ...rule, use: toTypeScriptLoader(rule.use) } : rule)) ?? [];
  // A name that a module does not export is an error: an old source may ask the new framework for it.
  const parser = { ...config.module?.parser, javascript: { ...config.module?.parser?.['javascript'], exportsPresence: 'error' as const } };
  // The tree is gone when somebody reads a stack trace; the paths within it are those of the source.
  const devtoolModuleFilenameTemplate = (info: { absoluteResourcePath: string }): string =>
    info.absoluteResourcePath.replace(`${tree}/`, '');
  const steps = createStepPlugin((name) => isAuthors(name, tree));
  return {
    ...config,
    plugins: [...(config.plugins ?? []), steps],
    output: { ...config.output, devtoolModuleFilenameTemplate },
    resolve: { ...config.resolve, modules: [...(config.resolve?.modules ?? []), ...packages], alias },
    module: { ...config.module, rules, parser },
    optimization: { ...config.optimization, ...JOINED },
  };
}

/** Protocols, whatever lies beside them, and the packages that they import. */
function isAuthors(file: string, tree: string): boolean {
  if (!file.startsWith(`${tree}/`)) return file.includes('/node_modules/') && !FRAMEWORK_PACKAGES.test(file);
  const within = file.slice(tree.length + 1);
  return within.startsWith('protocols/') && !within.startsWith('protocols/sdk/');
}

function isTypeScriptRule(rule: unknown): rule is { use: { loader: string } } {
  const { test, use } = rule as { test?: unknown; use?: unknown };
  return test instanceof RegExp && test.test('x.ts') && typeof use === 'object' && use !== null && 'loader' in use;
}

function toTypeScriptLoader({ loader }: { loader: string }): object {
  const jsc = {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { decoratorVersion: '2023-11' },
  };
  return { loader, options: { swcrc: false, sourceMaps: true, jsc } };
}

function toBundleFile(home: string, name: string, framework: Framework): string {
  return path.join(toBundleFolder(home), `${name}.${framework.hash}.js`);
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

async function isFolder(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
}

async function findNewest(folder: string, bundle: string): Promise<string | undefined> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.startsWith(`${bundle}.`) && name.endsWith('.js'));
  const dated = await Promise.all(names.map(async (name) => ({ name, atMs: (await stat(path.join(folder, name))).mtimeMs })));
  const newest = dated.sort((a, b) => b.atMs - a.atMs)[0];
  return newest && path.join(folder, newest.name);
}

async function readFramework(): Promise<Framework> {
  const root = findProjectRoot();
  const hash = createHash('sha256').update(`${BUNDLE_FORMAT}\0`);
  const tree: SourceText[] = [];
  for (const folder of FRAMEWORK_FOLDERS) {
    const { files } = await readSourceFolder(path.join(root, folder));
    for (const { path: name, text } of files) {
      hash.update(`${folder}/${name}\0${text}\0`);
      tree.push({ path: `${folder}/${name}`, text });
    }
  }
  hash.update(await readFile(path.join(root, 'node_modules', '@temporalio', 'workflow', 'package.json'), 'utf8'));
  return { tree, hash: hash.digest('hex').slice(0, 8) };
}
