// The log of a process: one JSON object a line on stderr, because stdout belongs to the ready line.

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
  // Written at once: the last lines before a crash are the ones that matter.
  return pino({ name, level, redact: ['authorization', 'cookie', '*.authorization', '*.cookie'] }, pino.destination({ dest: STDERR, sync: true }));
}
