// Finds the Temporal programs: on PATH, in the cache, or built once from source with the Go tool chain.
// Versions are pinned, because the server's data is only readable by the version that wrote it.

import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/errors/error.js';
import { findProgram, isExecutableFile } from './find-program.js';

const TEMPORAL_CLI_VERSION = '1.5.1';
const BUILD_TIMEOUT_MS = 20 * 60_000;
const PROGRESS_EVERY_MS = 5_000;
/** On 2 to 8 processors, with the modules still to be fetched. */
const BUILD_EXPECTED = 'some 3 to 10 minutes';
const OUTPUT_TAIL_CHARS = 800;
const CLI_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;
const TEMPORAL_SERVER_VERSION = '1.29.1';
const SERVER_PACKAGES = ['server', 'tools/sql'].map((name) => `go.temporal.io/server/cmd/${name}@v${TEMPORAL_SERVER_VERSION}`);

export interface TemporalSearch {
  readonly cache: string;
  readonly searchPath?: string;
  /** Told what goes on while the program is built, which takes minutes. */
  readonly onProgress?: (line: string) => void;
}

export async function findOrBuildTemporal(search: TemporalSearch): Promise<string> {
  return findTemporal(search) ?? (await buildTemporal(search));
}

export function findTemporal({ cache, searchPath }: TemporalSearch): string | null {
  const onPath = findProgram('temporal', searchPath);
  if (onPath !== null) return onPath;
  const cached = path.join(toCacheFolder(cache), 'temporal');
  return isExecutableFile(cached) ? cached : null;
}

/** The server that production runs, and the tool that makes its tables. */
export interface ServerPrograms {
  readonly server: string;
  readonly sqlTool: string;
}

export async function findOrBuildTemporalServer(search: TemporalSearch): Promise<ServerPrograms> {
  const folder = path.join(search.cache, `temporal-server-${TEMPORAL_SERVER_VERSION}`);
  const programs = { server: path.join(folder, 'server'), sqlTool: path.join(folder, 'sql') };
  if (!isExecutableFile(programs.server) || !isExecutableFile(programs.sqlTool)) {
    await buildPrograms(search, {
      what: `the Temporal server ${TEMPORAL_SERVER_VERSION}`,
      packages: SERVER_PACKAGES,
      programs: ['server', 'sql'],
      folder,
    });
  }
  return programs;
}

async function buildTemporal(search: TemporalSearch): Promise<string> {
  const folder = toCacheFolder(search.cache);
  await buildPrograms(search, { what: `Temporal ${TEMPORAL_CLI_VERSION}`, packages: [CLI_PACKAGE], programs: ['temporal'], folder });
  return path.join(folder, 'temporal');
}

interface Build {
  /** In words. */
  readonly what: string;
  readonly packages: readonly string[];
  readonly programs: readonly string[];
  readonly folder: string;
}

async function buildPrograms({ searchPath, onProgress }: TemporalSearch, build: Build): Promise<void> {
  const go = findProgram('go', searchPath);
  if (go === null) {
    throw new LabError('TOOL_MISSING', {
      message: `${build.what} was not found, and Go, to build it with, is not on PATH.`,
      remedy: `Install Go 1.24 or newer, or the Temporal CLI ${TEMPORAL_CLI_VERSION} (the archive for ${process.platform} ${process.arch} is among the releases of temporalio/cli on GitHub; put its program temporal on the PATH), or set TEMPORAL_ADDRESS to a running server.`,
    });
  }
  const unfinished = `${build.folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await runGoInstall({ go, build, binFolder: unfinished, onProgress });
    mkdirSync(build.folder, { recursive: true });
    for (const program of build.programs) renameSync(path.join(unfinished, program), path.join(build.folder, program));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function runGoInstall(options: { go: string; build: Build; binFolder: string; onProgress: TemporalSearch['onProgress'] }): Promise<void> {
  const { build } = options;
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    options.onProgress?.(`building ${build.what} from source, only this once: ${BUILD_EXPECTED}`);
    const child = spawn(options.go, ['install', ...build.packages], {
      cwd: options.binFolder,
      env: { ...process.env, GOBIN: options.binFolder },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-OUTPUT_TAIL_CHARS)));
    const ticker = setInterval(() => {
      const elapsedS = Math.round((performance.now() - startedAtMs) / 1000);
      options.onProgress?.(`building ${build.what} from source, only this once: ${elapsedS} s`);
    }, PROGRESS_EVERY_MS);
    const fail = (why: string): void =>
      reject(
        new LabError('TOOL_MISSING', {
          message: `${build.what} could not be built (${why}): ${output.trim()}`,
          remedy: `Install the Temporal CLI ${TEMPORAL_CLI_VERSION} and start again.`,
        }),
      );
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => {
      clearInterval(ticker);
      if (code === 0) resolve();
      else fail(signal === null ? `go install ended with code ${code ?? '?'}` : `stopped by ${signal}`);
    });
  });
}

function toCacheFolder(cache: string): string {
  return path.join(cache, `temporal-cli-${TEMPORAL_CLI_VERSION}`);
}
