// A disk that can be filled: a small file system for the journal, the large values and the logs of a lab. Made where the
// system lets us mount one; the records of the campaign itself lie on another disk.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SIZE_MIB = 96;
const CHUNK_BYTES = 64 * 1024;
/** What lies on it, by folder of the home. */
const FOLDERS = ['bridge', 'blobs', 'logs'] as const;

export interface SmallDisk {
  /** Until nothing more can be written. */
  fill(): void;
  makeRoom(): void;
  /** Nobody may have a file of it open any more. */
  remove(): void;
}

export function canMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'praxis-mount-'));
  const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
  if (mounted) run('umount', folder);
  rmdirSync(folder);
  return mounted;
}

export function makeSmallDisk(home: string): SmallDisk {
  const disk = path.join(home, 'small-disk');
  mkdirSync(disk);
  mustRun('mount', '-t', 'tmpfs', '-o', `size=${SIZE_MIB}m`, 'tmpfs', disk);
  for (const name of FOLDERS) {
    for (const folder of [path.join(disk, name), path.join(home, name)]) mkdirSync(folder, { mode: 0o700, recursive: true });
    mustRun('mount', '--bind', path.join(disk, name), path.join(home, name));
  }
  const filler = path.join(disk, 'filler');
  return {
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, Buffer.alloc(CHUNK_BYTES));
      } catch {
        // It is full.
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => {
      rmSync(filler, { force: true });
    },
    remove: () => {
      for (const folder of [...FOLDERS.map((name) => path.join(home, name)), disk]) run('umount', '-l', folder);
    },
  };
}

function mustRun(command: string, ...args: readonly string[]): void {
  if (!run(command, ...args)) throw new Error(`${command} ${args.join(' ')} was refused.`);
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
