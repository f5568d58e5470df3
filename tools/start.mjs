// npm start: brings packages and build up to date, then runs the lab in this very process, so that
// Ctrl-C reaches it as it would reach any program. Needs nothing but Node.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const NODE_MODULES_STAMP = path.join(ROOT, 'node_modules', '.praxis-lock-stamp');
const OLDEST_NODE = [20, 19];

requireNode();
installIfStale();
const { buildIfStale } = await import('./build.mjs');
if (!buildIfStale({ quiet: process.argv.includes('--json') })) process.exit(1);
await import(pathToFileURL(path.join(ROOT, 'dist', 'local', 'lab.js')).href);

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Node ${process.versions.node} is too old.`, `Install Node ${OLDEST_NODE.join('.')} or newer.`);
}

function installIfStale() {
  const wanted = createHash('sha256').update(readFileSync(path.join(ROOT, 'package-lock.json'))).digest('hex');
  if (existsSync(NODE_MODULES_STAMP) && readFileSync(NODE_MODULES_STAMP, 'utf8') === wanted) return;
  if (isInstalled()) return writeFileSync(NODE_MODULES_STAMP, wanted);
  const startedAtMs = Date.now();
  process.stderr.write('Installing packages (npm ci), about a minute …\n');
  // npm's own output would break a JSON document on stdout.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail('The packages could not be installed.', 'Read what npm says above; check the connection to the package registry.');
  writeFileSync(NODE_MODULES_STAMP, wanted);
  process.stderr.write(`✓ Packages ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s\n`);
}

/** npm writes down what it installed; when that covers the lock file nothing is stale. */
function isInstalled() {
  const written = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const installed = JSON.parse(readFileSync(written, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([place, { version, optional }]) => place === '' || optional || installed[place]?.version === version);
}

function fail(what, remedy) {
  process.stderr.write(`error START_FAILED ${what} Remedy: ${remedy}\n`);
  process.exit(1);
}
