// Reads sources and makes their bundle, and leaves out what can only be seen then: code that cannot be bundled, and code that
// throws when it is loaded, which would end every run of the bundle. One bad file never stands in the way of the others.

import path from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import type { SourceProblem } from '../discovery/parse-source.js';
import type { TypeChecker } from '../checking/check-types.js';
import { REHEARSER_EXPORT } from './bundle-entry.js';
import { ensureBundle } from './bundle-protocols.js';
import { loadBundle } from './load-bundle.js';
import { readProtocolSources, type ProtocolSources } from './protocol-sources.js';
import { findSourcePlace } from './source-location.js';

/** Each time a file is left out the bundle is made anew; after these all that is left of the authors' is. */
const TRIES_MAX = 5;
/** A file of an author's folder in the tree, as `protocols/source-2/assays/mix.ts`. */
const AUTHORS_FILE = /protocols\/source-(\d+)\/([^\s:'"()[\]]+\.(?:ts|json))/u;
const AUTHORS_FILES = new RegExp(AUTHORS_FILE, 'gu');

export interface BundledSources {
  readonly sources: ProtocolSources;
  readonly bundleFile: string;
}

export interface BundleOptions {
  readonly home: string;
  readonly cache?: string | undefined;
  readonly types?: TypeChecker;
}

/** Throws only where the shipped library itself cannot be bundled, or a folder not be read. */
export async function bundleSources(folders: readonly string[], { home, cache, types }: BundleOptions): Promise<BundledSources> {
  const further = new Map<string, SourceProblem[]>();
  for (let tries = 1; ; tries += 1) {
    const sources = await readProtocolSources(folders, { further, ...(types && { types }) });
    try {
      const bundleFile = await ensureBundle(home, sources, cache);
      requireLoadable(bundleFile);
      return { sources, bundleFile };
    } catch (error) {
      const named = tries < TRIES_MAX ? findNamed(error) : [];
      const blamed = named.length > 0 ? named : listAuthorsFiles(sources);
      if (blamed.length === 0) throw error;
      for (const { folder: index, ...problem } of blamed) {
        const folder = folders[index - 1] ?? '';
        further.set(folder, [...(further.get(folder) ?? []), problem]);
      }
    }
  }
}

/** The folder counts from 1, as in the tree. */
type Blamed = SourceProblem & { readonly folder: number };

/** Evaluates every module once, as each run will do. */
function requireLoadable(bundleFile: string): void {
  try {
    loadBundle(bundleFile).find(REHEARSER_EXPORT);
  } catch (cause) {
    const told = cause as { readonly stack?: unknown; readonly message?: unknown } | null;
    const stack = typeof told?.stack === 'string' ? told.stack : '';
    // Modules are functions named by their files, so the stack names the file also where its places cannot be read.
    const [named] = AUTHORS_FILE.exec(stack) ?? [];
    const place = findSourcePlace(bundleFile, stack) ?? (named === undefined ? undefined : { file: named, line: 1 });
    const what = typeof told?.message === 'string' ? told.message : String(cause);
    throw new LabError('SOURCE_UNREADABLE', {
      message: `It throws when it is loaded: ${what}`,
      details: place ? { file: place.file, line: place.line } : {},
      remedy: 'Mend what the file does outside of its functions; it must come to an end without an error.',
      cause,
    });
  }
}

function findNamed(error: unknown): readonly Blamed[] {
  if (!(error instanceof LabError)) return [];
  const { file, line } = (error.details ?? {}) as { readonly file?: string; readonly line?: number };
  const told = { column: 1, message: error.message, remedy: error.remedy };
  const text = file ?? error.message;
  const found = new Map(
    [...text.matchAll(AUTHORS_FILES)].map(([whole, index = '', name = '']) => [whole, { folder: Number(index), file: name }]),
  );
  return [...found.values()].map((each) => ({ ...each, line: line ?? 1, ...told, message: told.message.replaceAll(AUTHORS_FILES, '$2') }));
}

function listAuthorsFiles({ tree }: ProtocolSources): readonly Blamed[] {
  const message = 'The protocols of this folder cannot be bundled together, and the bundler does not say why.';
  return tree.flatMap(({ path: name }) => {
    const [, index, file] = /^protocols\/source-(\d+)\/(.+)$/u.exec(name) ?? [];
    if (index === undefined || file === undefined) return [];
    return [
      {
        folder: Number(index),
        file: path.posix.normalize(file),
        line: 1,
        column: 1,
        message,
        remedy: 'Take files away until the others are published.',
      },
    ];
  });
}
