// Runs the built `praxis` command as a user would and returns what it printed.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { findProjectRoot } from '../../platform/paths.js';

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runCli(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<CliResult> {
  const root = findProjectRoot();
  const child = spawn(process.execPath, [path.join(root, 'cli', 'bin.js'), ...args], { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
}
