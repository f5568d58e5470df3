// A clock that a test can set: libfaketime, preloaded into the processes of the lab, reads the offset from a file. Their
// monotonic clock stays the true one, as it does where somebody sets the clock of a computer.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findRedis } from '../../local/redis.js';

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`);

export interface FalseClock {
  readonly env: Readonly<Record<string, string>>;
  /** Beside the true time. */
  readonly set: (offsetS: number) => void;
}

export function canFakeClock(): boolean {
  return LIBRARIES.some((library) => existsSync(library));
}

export function makeFalseClock(folder: string): FalseClock {
  const library = LIBRARIES.find((each) => existsSync(each));
  if (library === undefined) throw new Error('libfaketime is not installed; on Debian it is the package faketime.');
  const file = path.join(folder, 'clock');
  const set = (offsetS: number): void => {
    writeFileSync(file, `${offsetS < 0 ? '-' : '+'}${Math.abs(offsetS)}\n`);
  };
  set(0);
  // The file is read again after a second, not at each question for the time.
  return {
    set,
    env: {
      ...wrapRedis(path.join(folder, 'clock-bin')),
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
}

/** Redis asks for the time before libfaketime is ready, and never starts then. Its clock orders nothing: it keeps the true one. */
function wrapRedis(folder: string): Readonly<Record<string, string>> {
  const redis = findRedis();
  if (redis === null) return {};
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'redis-server'), `#!/bin/sh\nunset LD_PRELOAD\nexec '${redis}' "$@"\n`, { mode: 0o755 });
  return { PATH: [folder, process.env['PATH'] ?? ''].join(path.delimiter) };
}
