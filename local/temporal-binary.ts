// Finds the Temporal program: on PATH, in the cache, or built once from source with the Go tool chain.
// The version is pinned, because the server's data file is only readable by the version that wrote it.

import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../domain/error.js';
import { findProgram, isExecutableFile } from './find-program.js';

const TEMPORAL_CLI_VERSION = '1.5.1';
const BUILD_TIMEOUT_MS = 20 * 60_000;
const PROGRESS_EVERY_MS = 5_000;
const OUTPUT_TAIL_CHARS = 800;
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;

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

async function buildTemporal({ cache, searchPath, onProgress }: TemporalSearch): Promise<string> {
  const go = findProgram('go', searchPath);
  if (go === null) {
    throw new LabError('TOOL_MISSING', {
      message: 'Neither the temporal program nor Go, to build it with, is on PATH.',
      remedy: `Install the Temporal CLI ${TEMPORAL_CLI_VERSION} or Go 1.24 or newer, or set TEMPORAL_ADDRESS to a running server.`,
    });
  }
  const folder = toCacheFolder(cache);
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await runGoInstall({ go, binFolder: unfinished, onProgress });
    mkdirSync(folder, { recursive: true });
    renameSync(path.join(unfinished, 'temporal'), path.join(folder, 'temporal'));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return path.join(folder, 'temporal');
}

function runGoInstall(options: { go: string; binFolder: string; onProgress: TemporalSearch['onProgress'] }): Promise<void> {
  return new Promise((resolve, reject) => {
    const startedAtMs = Date.now();
    const child = spawn(options.go, ['install', GO_PACKAGE], {
      cwd: options.binFolder,
      env: { ...process.env, GOBIN: options.binFolder },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-OUTPUT_TAIL_CHARS)));
    const ticker = setInterval(() => {
      const elapsedS = Math.round((Date.now() - startedAtMs) / 1000);
      options.onProgress?.(`building Temporal ${TEMPORAL_CLI_VERSION} from source, only this once: ${elapsedS} s`);
    }, PROGRESS_EVERY_MS);
    const fail = (why: string): void =>
      reject(new LabError('TOOL_MISSING', { message: `Temporal could not be built (${why}): ${output.trim()}`, remedy: `Install the Temporal CLI ${TEMPORAL_CLI_VERSION} and start again.` }));
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
