// Code in the documents compiles against the SDK, and the protocols among it are found.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { findProjectRoot } from '../platform/paths.js';
import { discoverProtocols } from '../protocols/discovery/discover-protocols.js';
import { readCodeBlocks, toModule } from './rig/document-code.js';

const DOCUMENTS = ['README.md', 'docs/writing-protocols.md'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'praxis-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function compile(files: readonly string[]): readonly string[] {
  const root = findProjectRoot();
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), (name) => ts.sys.readFile(name));
  const { options } = ts.convertCompilerOptionsFromJson((config.config as { compilerOptions: object }).compilerOptions, root);
  // An example uses a part of what it is given, and its results are for the reader.
  const loose = {
    noUnusedLocals: false,
    noEmit: true,
    incremental: false,
    rootDir: '/',
    types: [],
    paths: { 'praxis/sdk': [path.join(root, 'protocols', 'sdk', 'index.ts')] },
  };
  const program = ts.createProgram(files, {
    ...options,
    ...loose,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${path.basename(file?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe.each(DOCUMENTS)('%s', (document) => {
  test('holds code that compiles', async () => {
    const blocks = await readCodeBlocks(document);
    expect(blocks.length).toBeGreaterThan(0);
    const files = await Promise.all(
      blocks.map(async ({ fileName, source, line }) => {
        const file = path.join(folder, fileName ?? `line-${line}.ts`);
        await writeFile(file, fileName === null ? toModule(source) : source);
        return file;
      }),
    );
    expect(compile(files)).toEqual([]);
  }, 120_000);

  test('holds protocols that are found', async () => {
    const whole = (await readCodeBlocks(document)).flatMap(({ fileName, source }) =>
      fileName === null ? [] : [{ path: fileName, text: source }],
    );
    const { protocols, problems } = discoverProtocols({ folder, files: whole });
    expect(problems).toEqual([]);
    expect(protocols.filter(({ isTopLevel }) => isTopLevel).length).toBeGreaterThan(0);
  });
});
