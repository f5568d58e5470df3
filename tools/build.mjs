// npm run build: compiles the TypeScript sources to dist/, and does nothing where neither they nor the
// compiler's settings have changed. Two builds at once wait for each other.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const DIST = path.join(ROOT, 'dist');
const CONSOLE = path.join(ROOT, 'console');
const STAMP = path.join(DIST, '.build-stamp');
const LOCK = path.join(ROOT, 'node_modules', '.praxis-build.lock');
/** A lock without a pid in it for this long was left by a build that was killed while it took the lock. */
const STALE_LOCK_MS = 10_000;
const LOCK_POLL_MS = 100;

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildIfStale() ? 0 : 1;

/** True when dist/ is what the sources say. */
export function buildIfStale({ quiet = false } = {}) {
  const release = waitForLock();
  try {
    const stamp = hashSources();
    if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return true;
    const startedAtMs = Date.now();
    removeOrphans();
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--noEmitOnError'], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) {
      rmSync(STAMP, { force: true });
      process.stderr.write('error BUILD_FAILED The sources do not compile. Remedy: correct what the compiler names above.\n');
      return false;
    }
    if (!buildConsole()) {
      rmSync(STAMP, { force: true });
      process.stderr.write('error BUILD_FAILED The console was not built. Remedy: correct what Vite names above.\n');
      return false;
    }
    writeFileSync(STAMP, stamp);
    if (!quiet) process.stdout.write(`✓ Build ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s\n`);
    return true;
  } finally {
    release();
  }
}

/** What the browser loads; its types are checked with all others (npm run check:types). */
function buildConsole() {
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--config', path.join(CONSOLE, 'vite.config.mjs'), '--logLevel', 'warn'];
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function hashSources() {
  const hash = createHash('sha256').update(process.version);
  for (const file of [
    'tsconfig.json',
    'package-lock.json',
    ...listSources(),
    ...listFiles('console').filter((file) => statSync(path.join(ROOT, file)).isFile()),
  ]) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest('hex');
}

function listSources() {
  const { include } = JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8'));
  return include
    .filter((folder) => existsSync(path.join(ROOT, folder)))
    .flatMap((folder) => listFiles(folder).filter((file) => file.endsWith('.ts')))
    .sort();
}

function listFiles(folder) {
  return readdirSync(path.join(ROOT, folder), { recursive: true }).map((file) => path.join(folder, file));
}

/** A compiled file without its source would still be imported, or found as a test or a protocol. */
function removeOrphans() {
  if (!existsSync(DIST)) return;
  for (const file of listFiles('dist').filter((name) => name.endsWith('.js') && !name.startsWith(path.join('dist', 'console')))) {
    const source = path.join(ROOT, path.relative('dist', file).replace(/\.js$/u, '.ts'));
    if (existsSync(source)) continue;
    rmSync(path.join(ROOT, file));
    rmSync(path.join(ROOT, `${file}.map`), { force: true });
  }
}

/** A folder can be made by one process only; the pid in it tells whether its maker still lives. */
function waitForLock() {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  let hasRemovedDeadLock = false;
  for (;;) {
    try {
      mkdirSync(LOCK);
      writeFileSync(path.join(LOCK, 'pid'), String(process.pid));
      // Of two builds that found the same dead lock, one may have removed the other's new one.
      if (hasRemovedDeadLock) pause();
      if (readPid() === process.pid) return () => rmSync(LOCK, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    }
    if (isStale()) {
      rmSync(LOCK, { recursive: true, force: true });
      hasRemovedDeadLock = true;
    } else {
      pause();
    }
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
}

function readPid() {
  try {
    return Number(readFileSync(path.join(LOCK, 'pid'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function isStale() {
  const pid = readPid();
  if (pid > 0) return !isAlive(pid);
  const madeAtMs = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs;
  return madeAtMs !== undefined && Date.now() - madeAtMs > STALE_LOCK_MS;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error.code === 'EPERM';
  }
}
