// Makes the workflow bundle of a set of protocol sources: discovered definitions, the hash that names
// their queue, and the code that a workflow worker loads. Bundles are kept in the home, so a run goes on
// with the source it was started with.

import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';
import { LabError } from '../domain/error.js';
import type { DiscoveredProtocol } from '../domain/protocol.js';
import { findProjectRoot } from '../platform/paths.js';
import { discoverProtocols } from '../protocols/discovery/discover-protocols.js';
import { hashProtocolSource } from '../protocols/discovery/hash-protocol-source.js';
import { readSourceFolder } from '../protocols/discovery/read-source-folder.js';

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

/** Digits of the source hash that name the queue `px.<hash>`. */
const BUNDLE_NAME_DIGITS = 12;

export interface ProtocolSources {
  /** Folders beside the library that ships. */
  readonly folders: readonly string[];
  readonly bundle: string;
  readonly definitions: readonly DiscoveredProtocol[];
  /** Files with at least one protocol function. */
  readonly files: readonly string[];
}

/** Reads the shipped library and the given folders. Throws when any file cannot be understood. */
export async function readProtocolSources(folders: readonly string[]): Promise<ProtocolSources> {
  const root = findProjectRoot();
  const library = path.join(root, 'protocols', 'library');
  const hashed = prefix('sdk', (await readSourceFolder(path.join(root, 'protocols', 'sdk'))).files);
  const definitions: DiscoveredProtocol[] = [];
  const files = new Set<string>();
  for (const [index, folder] of [library, ...folders].entries()) {
    const sources = await readSourceFolder(folder);
    hashed.push(...prefix(index === 0 ? 'library' : `source-${index}`, sources.files));
    const found = discoverProtocols(sources);
    const problem = found.problems[0];
    if (problem) throw new LabError('INVALID_REQUEST', { message: `${path.join(folder, problem.file)}:${problem.line}: ${problem.message}`, remedy: 'Mend the protocol file and start again.' });
    for (const definition of found.protocols) {
      definitions.push(definition);
      files.add(path.join(folder, definition.file));
    }
  }
  refuseDoubleNames(definitions);
  return { folders, bundle: hashProtocolSource(hashed).slice(0, BUNDLE_NAME_DIGITS), definitions, files: [...files].sort() };
}

/**
 * Path of the bundle's code, made now where it is missing or the framework's own source has changed. Throws
 * when a source changes meanwhile: a bundle under another source's name would be run by mistake for ever.
 */
export async function ensureBundle(home: string, sources: ProtocolSources): Promise<string> {
  const folder = path.join(home, 'bundles');
  const framework = await hashFramework();
  const file = path.join(folder, `${sources.bundle}.${framework}.js`);
  const known = await findBundleFile(home, sources.bundle);
  if (known === file) return file;
  await mkdir(folder, { recursive: true });
  const entry = path.join(folder, `${sources.bundle}.entry.ts`);
  await writeFile(entry, toEntry(sources.files));
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: addProtocolResolution,
  });
  const isSame = (await hashFramework()) === framework && (await readProtocolSources(sources.folders)).bundle === sources.bundle;
  if (!isSame) throw new LabError('SOURCE_UNREADABLE', { message: 'A source file changed while the protocols were being bundled.', remedy: 'Try again.' });
  // Written beside and renamed: a half-written bundle must never be loaded.
  await writeFile(`${file}.part`, code);
  await rename(`${file}.part`, file);
  return file;
}

/** Protocol files may lie outside the project; they find the SDK by name and everything else in the project. */
function addProtocolResolution(config: WebpackConfiguration): WebpackConfiguration {
  const root = findProjectRoot();
  const sdk = path.join(root, 'protocols', 'sdk', 'index.ts');
  const alias = Object.assign({}, config.resolve?.alias, { 'praxis/sdk': sdk });
  return { ...config, resolve: { ...config.resolve, modules: ['node_modules', path.join(root, 'node_modules')], alias } };
}

/** The newest kept bundle of a source hash, for runs that were started with it. */
export async function findBundleFile(home: string, bundle: string): Promise<string | undefined> {
  const folder = path.join(home, 'bundles');
  const framework = await hashFramework();
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.startsWith(`${bundle}.`) && name.endsWith('.js'));
  const name = names.find((each) => each === `${bundle}.${framework}.js`) ?? (await findNewest(folder, names));
  return name === undefined ? undefined : path.join(folder, name);
}

async function findNewest(folder: string, names: readonly string[]): Promise<string | undefined> {
  const dated = await Promise.all(names.map(async (name) => ({ name, atMs: (await stat(path.join(folder, name))).mtimeMs })));
  return dated.sort((a, b) => b.atMs - a.atMs)[0]?.name;
}

function toEntry(files: readonly string[]): string {
  const root = findProjectRoot();
  const imports = files.map((file, index) => `import * as protocols${index} from ${JSON.stringify(file)};`);
  return [
    `import { createRunWorkflow } from ${JSON.stringify(path.join(root, 'workflows', 'index.ts'))};`,
    ...imports,
    `export default createRunWorkflow([${files.map((_, index) => `protocols${index}`).join(', ')}]);`,
    '',
  ].join('\n');
}

/** Hash of what a bundle contains beside protocol source. */
async function hashFramework(): Promise<string> {
  const root = findProjectRoot();
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'domain']) {
    const { files } = await readSourceFolder(path.join(root, folder));
    for (const { path: name, text } of files) hash.update(`${folder}/${name}\0${text}\0`);
  }
  hash.update(await readFile(path.join(root, 'node_modules', '@temporalio', 'workflow', 'package.json'), 'utf8'));
  return hash.digest('hex').slice(0, 8);
}

function prefix(name: string, files: readonly { path: string; text: string }[]): { path: string; text: string }[] {
  return files.map((file) => ({ path: `${name}/${file.path}`, text: file.text }));
}

function refuseDoubleNames(definitions: readonly DiscoveredProtocol[]): void {
  const seen = new Map<string, DiscoveredProtocol>();
  for (const definition of definitions) {
    const other = seen.get(definition.name);
    if (other) {
      throw new LabError('INVALID_REQUEST', {
        message: `The protocol name ${definition.name} is used twice: ${other.file}:${other.line} and ${definition.file}:${definition.line}.`,
        remedy: 'Rename one of them.',
      });
    }
    seen.set(definition.name, definition);
  }
}
