// `npm run bench`, `campaign`, `mutants`: prepares a checkout as `npm test` does, then runs one built program with what was given.
// Needs nothing but Node, so that all of them work in a fresh clone. Usage: run-prepared.mjs <program of dist/> [arguments].

import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireNode } from './ensure-packages.mjs';
import { PREPARATIONS } from './test-stages.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

requireNode();
const [program, ...given] = process.argv.slice(2);
const world = { root: ROOT, cwd: ROOT, env: { ...process.env } };
process.exitCode = (await prepareAll()) ? await run() : 1;

/** One after the other: each stands on those before it. */
async function prepareAll() {
  for (const prepare of Object.values(PREPARATIONS)) if (!(await attempt(prepare))) return false;
  return true;
}

async function attempt(prepare) {
  try {
    return await prepare(world);
  } catch (error) {
    console.error(error.remedy ? `${error.message}\n${error.remedy}` : error);
    return false;
  }
}

/** In this process group, so that Ctrl-C reaches it; it ends in its own order and is waited for. */
function run() {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist', program), ...given], { cwd: ROOT, env: world.env, stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
