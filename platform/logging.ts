// The log of a process: one JSON object a line on stderr, because stdout belongs to the ready line.

import { writeSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import type { LogLevel } from './settings.js';

export type { Logger } from 'pino';

/** The little that parts need which only tell of trouble and of its end; a Logger has it. */
export interface TroubleLogger {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

const STDERR = 2;

export function createLogger(name: string, level: LogLevel = 'info'): Logger {
  return pino({ name, level, redact: ['authorization', 'cookie', '*.authorization', '*.cookie'] }, { write: writeLine });
}

/** Written at once: the last lines before a crash are the ones that matter. */
function writeLine(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // A disk that is full, or a reader that is gone, loses lines; it never ends a process.
  }
}
