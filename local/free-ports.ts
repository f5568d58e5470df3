// A run of neighbouring free ports, for labs that must not meet each other, as in tests.

import { randomInt } from 'node:crypto';
import { LabError } from '../domain/error.js';
import { isPortFree } from './ports.js';

/** Below the range that the kernel hands out to outgoing connections. */
const LOWEST = 15_000;
const HIGHEST = 31_000;
const ATTEMPTS = 50;

/** The first of `count` neighbouring ports that nobody listens on right now. */
export async function findFreePorts(count: number): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const first = randomInt(LOWEST, HIGHEST - count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return first;
  }
  throw new LabError('PORT_BUSY', { message: `No ${count} neighbouring free ports were found in ${ATTEMPTS} attempts.` });
}
