// A run of neighbouring free ports, for labs that must not meet each other, as in tests.

import { randomInt } from 'node:crypto';
import { LabError } from '../domain/errors/error.js';
import { isPortFree } from './ports.js';

/** Below the range that the kernel hands out to outgoing connections. */
const LOWEST = 15_000;
const HIGHEST = 31_000;
/** Processes that choose at the same time choose from different slices: a port is taken only seconds later. */
const SLICES = 16;
const SLICE_PORTS = Math.floor((HIGHEST - LOWEST) / SLICES);
const ATTEMPTS = 50;

/** The first of `count` neighbouring ports that nobody listens on right now. */
export async function findFreePorts(count: number): Promise<number> {
  // jest numbers its parallel processes; everywhere else the process id has to do.
  const lowest = LOWEST + (Number(process.env['JEST_WORKER_ID'] ?? process.pid) % SLICES) * SLICE_PORTS;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const first = randomInt(lowest, lowest + SLICE_PORTS - count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return first;
  }
  throw new LabError('PORT_BUSY', { message: `No ${count} neighbouring free ports were found in ${ATTEMPTS} attempts.` });
}
