// Finds the address of the API: PRAXIS_URL, else what the running lab wrote into its home, else the default port.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findHome } from '../../platform/find-home.js';
import { CliError, EXIT_BAD_INPUT } from '../terminal/exit.js';

const DEFAULT_PORT = 7400;

export function findApiUrl(env: NodeJS.ProcessEnv): string {
  const given = env['PRAXIS_URL'];
  if (given !== undefined && given !== '') {
    if (/^https?:\/\//u.test(given) && URL.canParse(given)) return given.replace(/\/+$/u, '');
    throw new CliError(EXIT_BAD_INPUT, {
      code: 'BAD_SETTING',
      field: 'PRAXIS_URL',
      message: `'${given}' is no address.`,
      remedy: 'Set it to something like http://127.0.0.1:7400.',
    });
  }
  return readLabApi(findLabHome(env)) ?? `http://127.0.0.1:${env['PRAXIS_PORT'] || DEFAULT_PORT}`;
}

/** The folder of package.json, from sources and from dist/ alike. */
export function findProjectFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  return folder;
}

export function findLabHome(env: NodeJS.ProcessEnv): string {
  return findHome(env, findProjectFolder()).folder;
}

function readLabApi(home: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(home, 'lab.json'), 'utf8');
  } catch {
    // No lab has written its addresses here, so the default is tried.
    return undefined;
  }
  try {
    const { api } = JSON.parse(text) as { api?: unknown };
    return typeof api === 'string' ? api.replace(/\/+$/u, '') : undefined;
  } catch {
    // The file is replaced atomically; one that is not JSON is no lab's, and the default says so by not answering.
    return undefined;
  }
}
