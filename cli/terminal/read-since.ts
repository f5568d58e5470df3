// `--since`: an instant as it is written, or how long ago.

import { readDuration } from '../../domain/json/duration.js';
import { CliError, EXIT_BAD_INPUT } from './exit.js';

/** A day, or a time of one, with or without a zone. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/u;

/** As the API takes it. A day and a time without a zone are those of this machine. Throws BAD_OPTION. */
export function readSince(text: string, nowMs: number): string {
  const agoMs = readDuration(text);
  const atMs = INSTANT.test(text) ? Date.parse(text.includes(':') ? text.replace(' ', 'T') : `${text}T00:00`) : Number.NaN;
  const sinceMs = typeof agoMs === 'number' ? nowMs - agoMs : atMs;
  if (Number.isFinite(sinceMs)) return new Date(sinceMs).toISOString();
  throw new CliError(EXIT_BAD_INPUT, {
    code: 'BAD_OPTION',
    field: '--since',
    message: `'${text}' is neither a time nor a duration.`,
    remedy: 'Write it as 2h, "30 min", 1d, 2026-05-04 or 2026-05-04T13:00.',
  });
}
