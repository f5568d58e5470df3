// What the API tells of how a protocol function was called until now.

import { z } from 'zod';
import { instant } from '../values.js';

const durations = z
  .object({ p50: z.int(), p95: z.int(), max: z.int() })
  .meta({ description: 'From start to end with all waiting in between; p50 and p95 are right to 2.5 %.' });

export const callStatistics = z
  .object({
    name: z.string(),
    version: z.string(),
    calls: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    running: z.int(),
    durationMs: durations.nullable().meta({ description: 'Of calls that have ended; null before the first has.' }),
    commandsPerCall: z.number().meta({ description: 'Mean number of commands given by a call itself, not by the calls it made.' }),
    firstStartedAt: instant,
    lastStartedAt: instant,
  })
  .meta({ id: 'CallStatistics', description: 'How one version of a protocol function was called, over all runs.' });
