// npm run dev: the lab of npm start without the demonstration, brought up to date whenever a source changes.
// A change that does not compile, or whose protocols cannot be read, leaves the running processes as they are.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';
import { ensurePackages, requireNode } from './ensure-packages.mjs';
import { watchFolders } from './watch-folders.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Compiled with the rest, but no process of the lab runs them. */
const NOT_RUN = ['test', 'bench', 'tools', 'cli'];
/** This very process runs the supervisor. */
const SUPERVISOR_FOLDER = path.join(ROOT, 'local') + path.sep;
const BRIDGE_FOLDER = path.join(ROOT, 'bridge', 'praxis_bridge');

requireNode();
if (!ensurePackages(ROOT) || !buildIfStale()) process.exit(1);
// These are compiled, so they can only be loaded now.
const { runLab } = await import('../dist/local/run-lab.js');
const { describeFailure } = await import('../dist/local/start-lab.js');
const { readSettings } = await import('../dist/platform/settings.js');
const { createReplacement } = await import('./replace-processes.mjs');

try {
  const settings = readSettings();
  const replacement = createReplacement(ROOT, settings);
  const onUp = (print) => {
    watchFolders(listWatched(settings), { isSource, onChange: (files) => bringUpToDate(files, { replacement, print }) });
    print('Watching the sources; a change is built and taken over at once.');
  };
  await runLab({ demo: false, quiet: false, json: false, onUp, isToldElsewhere: replacement.isExpected });
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(error.code === 'LAB_ALREADY_UP' ? 3 : 1);
}

function listWatched(settings) {
  const { include } = JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8'));
  const sources = include.filter((folder) => !NOT_RUN.includes(folder)).map((folder) => path.join(ROOT, folder));
  return [...sources, ...settings.protocolFolders, BRIDGE_FOLDER];
}

function isSource(file) {
  return file.endsWith('.py') || (file.endsWith('.ts') && !file.endsWith('.test.ts'));
}

async function bringUpToDate(files, { replacement, print }) {
  const startedAtMs = performance.now();
  const tell = (mark, what) => {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    print(`${new Date().toTimeString().slice(0, 8)} ${mark} ${describeFiles(files)}: ${what} (${seconds} s)`);
  };
  try {
    const done = [];
    if (files.some((file) => file.startsWith(SUPERVISOR_FOLDER))) done.push('the supervisor has it after the next npm run dev');
    if (files.some((file) => file.endsWith('.ts'))) done.push(await replacement.replaceNodeProcesses());
    if (files.some((file) => file.endsWith('.py'))) done.push(await replacement.replaceBridge(tell));
    tell('✓', done.join('; '));
  } catch (error) {
    tell('✗', error.message);
  }
}

function describeFiles(files) {
  const names = files.map((file) => path.relative(ROOT, file));
  return names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(', ');
}
