// Reads the source that a version of protocols consists of: the SDK, the library that ships and the author's folders, as
// one tree in memory, with the protocols found in it and the hash that names their queue.

import path from 'node:path';
import { LabError } from '../../domain/errors/error.js';
import { findProjectRoot } from '../../platform/paths.js';
import { discoverProtocols, type FoundProtocol } from '../discovery/discover-protocols.js';
import type { SourceProblem, SourceText } from '../discovery/parse-source.js';
import { readSourceFolder } from '../discovery/read-source-folder.js';
import { nameBundle } from './generation.js';

/** A protocol function and the file of the tree that exports it. */
export interface SourceFunction {
  readonly module: string;
  readonly protocol: FoundProtocol;
}

export interface ProtocolSources {
  readonly bundle: string;
  readonly definitions: readonly FoundProtocol[];
  readonly functions: readonly SourceFunction[];
  /** `protocols/sdk/…`, `protocols/library/…`, `protocols/source-1/…`: where the files lie among each other. */
  readonly tree: readonly SourceText[];
  /** The author's folders; packages that their files import are looked for there. */
  readonly folders: readonly string[];
  /** What is allowed and perhaps not meant, `<file>:<line>: <sentence>` each. */
  readonly warnings: readonly string[];
}

/** Reads the shipped library and the given folders. Throws when any file cannot be understood. */
export async function readProtocolSources(folders: readonly string[]): Promise<ProtocolSources> {
  const shipped = path.join(findProjectRoot(), 'protocols');
  const tree = place('protocols/sdk', (await readSourceFolder(path.join(shipped, 'sdk'))).files);
  const functions: SourceFunction[] = [];
  const warnings: string[] = [];
  for (const [index, folder] of [path.join(shipped, 'library'), ...folders].entries()) {
    const sources = await readSourceFolder(folder);
    const below = index === 0 ? 'protocols/library' : `protocols/source-${index}`;
    tree.push(...place(below, sources.files));
    const found = discoverProtocols(sources);
    const problem = found.problems[0];
    if (problem)
      throw new LabError('INVALID_REQUEST', { message: locate(folder, problem), remedy: 'Mend the protocol file and start again.' });
    warnings.push(...found.warnings.map((warning) => locate(folder, warning)));
    functions.push(...found.protocols.map((protocol) => ({ module: `${below}/${protocol.file}`, protocol })));
  }
  const published = leaveOutDoubleNames(functions, warnings);
  return {
    bundle: nameBundle(tree),
    definitions: published.map(({ protocol }) => protocol),
    functions: published,
    tree,
    folders,
    warnings,
  };
}

function locate(folder: string, { file, line, message }: SourceProblem): string {
  return `${path.join(folder, file)}:${line}: ${message}`;
}

function place(below: string, files: readonly SourceText[]): SourceText[] {
  return files.map((file) => ({ path: `${below}/${file.path}`, text: file.text }));
}

/** Whoever comes first keeps the name: the library that ships, then the folders in their order. The lab starts without the others. */
function leaveOutDoubleNames(functions: readonly SourceFunction[], warnings: string[]): readonly SourceFunction[] {
  const seen = new Map<string, SourceFunction>();
  return functions.filter((each) => {
    const { name, file, line } = each.protocol;
    const other = seen.get(name);
    seen.set(name, other ?? each);
    if (other === undefined) return true;
    const message = `${file}:${line}: not published, because the protocol name ${name} is used twice; ${other.protocol.file}:${other.protocol.line} has it.`;
    // Which of two functions of one file a worker would execute can't be told.
    if (other.module === each.module) throw new LabError('INVALID_REQUEST', { message, remedy: 'Rename one of them.' });
    warnings.push(`${message} Rename one of them.`);
    return false;
  });
}
