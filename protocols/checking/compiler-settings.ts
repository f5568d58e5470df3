// How author code is compiled when it is checked: as it is bundled, with the types of the SDK, and strictly. An author's own
// settings change nothing of it, so that a source is right or wrong everywhere alike.

import path from 'node:path';
import ts from 'typescript';
import { findProjectRoot } from '../../platform/paths.js';

/** As they stand in a tsconfig.json. */
export const AUTHOR_COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [] as string[],
  strict: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
} as const;

export function toCompilerOptions(): ts.CompilerOptions {
  const root = findProjectRoot();
  const { options } = ts.convertCompilerOptionsFromJson(AUTHOR_COMPILER_OPTIONS, root);
  return { ...options, paths: { 'praxis/sdk': [path.join(root, 'protocols', 'sdk', 'index.ts')] } };
}
