// A protocol as the form knows it.

import type { lab } from '../../live/lab.js';

export type Protocol = Awaited<ReturnType<typeof lab.readAll<'listProtocols'>>>[number];
