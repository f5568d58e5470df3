// Watches folders of sources and tells which files really changed: editors touch files that stay the same, and
// write one file in several steps.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';

/** An editor that saves several files is done within this time. */
const DEBOUNCE_MS = 200;
const SKIPPED_FOLDERS = new Set(['node_modules', '__pycache__', 'dist']);

/**
 * Calls `onChange` with the paths of changed, new and removed files, one call at a time; what changes during a
 * call is told by the next one. `isSource` decides by path which files count.
 */
export function watchFolders(roots, { isSource, onChange }) {
  const watchers = new Map();
  let known = readFiles(listFolders(roots), isSource);
  let timer;
  let isTelling = false;
  let hasNews = false;

  // Each folder has its own watcher: what a watcher of a whole tree sees differs between systems.
  const watchNewFolders = (folders) => {
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      const watcher = watch(folder, () => {
        clearTimeout(timer);
        timer = setTimeout(tell, DEBOUNCE_MS);
      });
      const forget = () => {
        watcher.close();
        watchers.delete(folder);
      };
      // A folder that was removed can be watched no longer.
      watcher.on('error', forget);
      watchers.set(folder, { forget });
    }
    for (const [folder, { forget }] of watchers) if (!folders.includes(folder)) forget();
  };
  const tell = async () => {
    hasNews = true;
    if (isTelling) return;
    isTelling = true;
    while (hasNews) {
      hasNews = false;
      const folders = listFolders(roots);
      watchNewFolders(folders);
      const now = readFiles(folders, isSource);
      const changed = listChanged(known, now);
      known = now;
      if (changed.length > 0) await onChange(changed);
    }
    isTelling = false;
  };
  watchNewFolders(listFolders(roots));
}

function listFolders(roots) {
  return roots.flatMap((root) => {
    const inner = listEntries(root).filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED_FOLDERS.has(entry.name),
    );
    return [root, ...listFolders(inner.map(({ name }) => path.join(root, name)))];
  });
}

function readFiles(folders, isSource) {
  const files = new Map();
  for (const folder of folders) {
    for (const entry of listEntries(folder)) {
      const file = path.join(folder, entry.name);
      if (entry.isFile() && isSource(file)) files.set(file, hashFile(file));
    }
  }
  return files;
}

function listChanged(before, now) {
  const changed = [...now].filter(([file, hash]) => before.get(file) !== hash).map(([file]) => file);
  return [...changed, ...[...before.keys()].filter((file) => !now.has(file))];
}

function listEntries(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // It was removed a moment ago.
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function hashFile(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch (error) {
    // It is being replaced; another change follows when it is there again.
    if (error.code === 'ENOENT') return 'gone';
    throw error;
  }
}
