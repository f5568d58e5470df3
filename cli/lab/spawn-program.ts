// `praxis up` and `praxis doctor`: programs of this project in their own process, with this terminal.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';
import { findProjectFolder } from '../client/find-api.js';

const SIGNAL_EXIT_BASE = 128;

/** Runs a program of the project and ends with its exit code. */
export async function spawnProgram(file: string, given: readonly string[]): Promise<number> {
  const program = path.join(findProjectFolder(), file);
  if (!existsSync(program)) {
    throw new CliError(EXIT_BAD_INPUT, {
      code: 'NOT_BUILT',
      message: `${file} is not there.`,
      remedy: 'Run npm run build in the project folder.',
    });
  }
  const child = spawn(process.execPath, [program, ...given], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, being in the same process group; it ends in its own order and we wait for it.
  const stayUntilChildEnds = (): void => undefined;
  const passOn = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', stayUntilChildEnds);
  process.on('SIGTERM', passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? SIGNAL_EXIT_BASE + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    process.removeListener('SIGINT', stayUntilChildEnds);
    process.removeListener('SIGTERM', passOn);
  }
}
