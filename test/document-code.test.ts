// Code in the documents compiles against the SDK, and the protocols among it are found. Commands in them are such as the command line takes.

import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import ts from 'typescript';
import { addGroups } from '../cli/arguments/groups.js';
import { findProjectRoot } from '../platform/paths.js';
import { discoverProtocols } from '../protocols/discovery/discover-protocols.js';
import { readCodeBlocks, toModule } from './rig/document-code.js';
import { readCommands, splitWords } from './rig/document-commands.js';

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

const WITH_COMMANDS = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', ...listDocuments()];

function listDocuments(): readonly string[] {
  return readdirSync(path.join(findProjectRoot(), 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
}

/** Takes a command as the command line does, and does nothing. Throws what the command line would say. */
async function take(words: readonly string[]): Promise<void> {
  const program = new Command('praxis')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => undefined });
  await addGroups(program, undefined);
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command !== program) command.action(() => undefined);
    command.commands.forEach(silence);
  };
  silence(program);
  await program.parseAsync([...words], { from: 'user' });
}

describe.each(WITH_COMMANDS)('%s', (document) => {
  test('has only commands that the command line takes', async () => {
    const refused: string[] = [];
    for (const { text, line, isWhole } of await readCommands(document)) {
      const [program, ...words] = splitWords(text) ?? [];
      if (program === 'npx' && words[0] === 'praxis') refused.push(`${line}: npx is slow; write praxis: ${text}`);
      if (program !== 'praxis') continue;
      try {
        await take(words);
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // What is named in a sentence need not be whole: `praxis answer`.
        const isUnfinished =
          !isWhole && /^commander\.(?:missingArgument|missingMandatoryOptionValue|optionMissingArgument)$/u.test(error.code);
        if (!isUnfinished && error.exitCode !== 0) refused.push(`${line}: ${text}: ${error.message}`);
      }
    }
    expect(refused).toEqual([]);
  });
});
