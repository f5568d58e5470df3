// A clock that a test can set: libfaketime, preloaded into the processes of the lab, reads the offset from a file. Their
// monotonic clock stays the true one, as it does where somebody sets the clock of a computer.

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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
  const set = (offsetS: number): void => { writeFileSync(file, `${offsetS < 0 ? '-' : '+'}${Math.abs(offsetS)}\n`); };
  set(0);
  // The file is read again after a second, not at each question for the time.
  return { set, env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } };
}
