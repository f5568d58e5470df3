// Makes node_modules fit package-lock.json, and does nothing when it does already. Plain Node, because it runs
// before there are any packages.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const NODE_OLDEST = [20, 19];

/** Refuses a Node that the packages do not run on, before they fail in ways that are hard to read. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_OLDEST[0] || (major === NODE_OLDEST[0] && minor >= NODE_OLDEST[1])) return;
  console.error(`Node ${process.versions.node} is too old; install Node ${NODE_OLDEST.join('.')} or newer.`);
  process.exit(2);
}

/** Runs `npm ci` where a package is missing or has another version; returns whether the packages fit now. */
export function ensurePackages(root) {
  const stale = findStalePackage(root);
  if (stale === undefined) return true;
  const startedAtMs = Date.now();
  console.error(`Installing packages (${stale}), about a minute …`);
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    // npm's own output would break a JSON document on stdout.
    stdio: ['ignore', 2, 2],
    timeout: INSTALL_TIMEOUT_MS,
    shell: process.platform === 'win32',
  });
  if (status === 0) {
    console.error(`✓ Packages ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
    return true;
  }
  console.error(`npm ci failed${error ? `: ${error.message}` : ''}. Check the connection and npm's settings, and try again.`);
  return false;
}

/** Says which package is not as the lock file wants it. npm keeps a list of what it installed inside node_modules. */
export function findStalePackage(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return 'none are there yet';
  for (const [path, { version, optional }] of Object.entries(wanted ?? {})) {
    if (path === '') continue;
    const found = installed[path];
    // Optional packages of other platforms are rightly absent.
    if (!found && optional) continue;
    if (found?.version !== version) return `${path.replace(/^.*node_modules\//u, '')} ${version} is missing`;
  }
  return undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch (error) {
    // No file and half a file mean the same: nothing that can be relied on is installed.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
