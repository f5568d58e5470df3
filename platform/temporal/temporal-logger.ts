// Temporal's log lines in our log.

import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/worker';
import type { Logger } from '../logging.js';

export function createTemporalLogger(logger: Logger): TemporalLogger {
  const temporal = logger.child({ part: 'temporal' });
  return {
    log: (level: LogLevel, message: string, meta?: LogMetadata) => {
      temporal[toPinoLevel(level)](meta ?? {}, message);
    },
    // Temporal tells of every workflow and activity at these two levels; they would drown the rest.
    trace: (message, meta) => {
      temporal.trace(meta ?? {}, message);
    },
    debug: (message, meta) => {
      temporal.debug(meta ?? {}, message);
    },
    info: (message, meta) => {
      temporal.debug(meta ?? {}, message);
    },
    warn: (message, meta) => {
      temporal.warn(meta ?? {}, message);
    },
    error: (message, meta) => {
      temporal.error(meta ?? {}, message);
    },
  };
}

function toPinoLevel(level: LogLevel): 'trace' | 'debug' | 'warn' | 'error' {
  switch (level) {
    case 'TRACE':
      return 'trace';
    case 'DEBUG':
    case 'INFO':
      return 'debug';
    case 'WARN':
      return 'warn';
    case 'ERROR':
      return 'error';
  }
}
