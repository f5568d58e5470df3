// Keeps the source of every bundle beside it, `<home>/bundles/<hash>.src/`, so that an old version of protocols can be built
// again on newer framework code.

import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import { syncFolder } from '../../platform/replace-file.js';
import type { SourceText } from '../discovery/parse-source.js';
import { readSourceFolder } from '../discovery/read-source-folder.js';
import { FIRST_GENERATION, GENERATION } from './generation.js';
import type { ProtocolSources, SourceFunction } from './protocol-sources.js';

/** All that a bundle is built from, beside the framework. */
export type BundleSource = Pick<ProtocolSources, 'bundle' | 'functions' | 'tree' | 'folders'>;

/** What the source text alone does not tell. */
interface Manifest {
  readonly functions: readonly SourceFunction[];
  readonly folders: readonly string[];
  /** Of the workflow code that its runs were started on; absent in manifests of the first. */
  readonly generation?: number;
}

const MANIFEST = 'manifest.json';

/** Folder of the bundles of a home, and of the sources beside them. */
export function toBundleFolder(home: string): string {
  return path.join(home, 'bundles');
}

/** Does nothing where the source is kept already: the hash names the content. */
export async function keepSource(home: string, source: BundleSource): Promise<void> {
  const folder = toSourceFolder(home, source.bundle);
  if ((await readManifest(folder)) !== undefined) return;
  const part = `${folder}.${process.pid}.part`;
  await writeTree(part, source.tree, writeSynced);
  const manifest: Manifest = { functions: source.functions, folders: source.folders, generation: GENERATION };
  await writeSynced(path.join(part, MANIFEST), JSON.stringify(manifest));
  for (const below of await listFolders(part)) syncFolder(below);
  // Of two processes that keep the same source, either may be the one whose folder stays.
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
  syncFolder(path.dirname(folder));
}

export interface KeptSource extends BundleSource {
  readonly generation: number;
}

/** The kept source of a bundle; undefined where none is kept. */
export async function readKeptSource(home: string, bundle: string): Promise<KeptSource | undefined> {
  const folder = toSourceFolder(home, bundle);
  const manifest = await readManifest(folder);
  if (manifest === undefined) return undefined;
  const { files } = await readSourceFolder(path.join(folder, 'protocols'));
  return {
    bundle,
    generation: FIRST_GENERATION,
    ...manifest,
    tree: files.map((file) => ({ path: `protocols/${file.path}`, text: file.text })),
  };
}

export async function writeTree(
  folder: string,
  tree: readonly SourceText[],
  write: (file: string, text: string) => Promise<void> = writeFile,
): Promise<void> {
  for (const { path: name, text } of tree) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await write(file, text);
  }
}

/** What stands in the file survives a power cut. */
async function writeSynced(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flush: true });
}

async function listFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return [folder, ...entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name))];
}

function toSourceFolder(home: string, bundle: string): string {
  return path.join(toBundleFolder(home), `${bundle}.src`);
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')) as Manifest;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LabError('SOURCE_UNREADABLE', { message: `The kept protocol source ${folder} cannot be read.`, cause });
  }
}
