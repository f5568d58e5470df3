// Copies the engine into a folder and plants a mutant there. A text that the sources do not hold any more is an error, so that
// no mutant rots in silence.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutant.js';

/** What a lab is started from: what was built, the sources that bundles of protocols are made of, and those that mutants change. */
const ENGINE = [
  'package.json',
  'package-lock.json',
  'dist',
  'bridge',
  'deploy',
  'activities',
  'api',
  'db',
  'domain',
  'protocols',
  'station',
  'slots',
  'calculation',
  'rehearsal',
  'ports',
  'workers',
  'workflows',
] as const;
const COMPILED: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };

/** What tests need beside it. */
const TESTED = [
  'test',
  'campaign',
  'cli',
  'examples',
  'local',
  'platform',
  'tools',
  'workcell',
  'jest.config.mjs',
  'tsconfig.json',
] as const;

export async function copyEngine(root: string, folder: string, { withTests }: { withTests: boolean }): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of [...ENGINE, ...(withTests ? TESTED : [])])
    await cp(path.join(root, name), path.join(folder, name), { recursive: true, filter: (source) => !source.endsWith('__pycache__') });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
}

/** Each file that the mutant changes, with its new text. Throws where a text to replace is not there exactly once. */
export function mutateSources(root: string, { number, name, replacements }: Mutant): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const { file, old, new: planted } of replacements) {
    const text = changed.get(file) ?? readFileSync(path.join(root, file), 'utf8');
    const times = text.split(old).length - 1;
    if (times !== 1)
      throw new Error(`Mutant ${number} (${name}): ${file} holds this text ${times} times instead of once; plant it anew:\n${old}`);
    changed.set(
      file,
      text.replace(old, () => planted),
    );
  }
  return changed;
}

/** Into a copy of the engine; what was compiled is compiled again. */
export function plant(folder: string, mutant: Mutant): void {
  for (const [file, text] of mutateSources(folder, mutant)) {
    writeFileSync(path.join(folder, file), text);
    if (file.endsWith('.ts')) writeFileSync(path.join(folder, 'dist', file.replace(/\.ts$/u, '.js')), compile(text));
  }
}

export function compile(text: string): string {
  return ts.transpileModule(text, { compilerOptions: COMPILED }).outputText;
}
