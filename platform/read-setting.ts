// How one setting is read from the environment: what kinds of value there are, what is refused, and with which words.

import { describeDuration, readDuration } from '../domain/json/duration.js';
import { LabError } from '../domain/errors/error.js';

/** Ports that follow PRAXIS_PORT, so the highest base leaves room for them. */
const PORTS_AFTER_BASE = 11;
export const HIGHEST_PORT = 65_535;
/** Longer waits overflow timers. */
const LONGEST_SETTING_MS = 30 * 86_400_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export function readPort(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  const highest = HIGHEST_PORT - PORTS_AFTER_BASE;
  if (Number.isInteger(port) && port >= 1 && port <= highest) return port;
  throw badSetting(name, text, `a port from 1 to ${highest}`);
}

export function readMatching(env: Environment, name: string, rule: { pattern: RegExp; wanted: string }): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (rule.pattern.test(text)) return text;
  throw badSetting(name, text, rule.wanted);
}

/** A length of time as people write it. */
export function readLength(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const ms = readDuration(text);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_SETTING_MS) return ms;
  throw badSetting(name, text, `a duration up to ${describeDuration(LONGEST_SETTING_MS)}, as in 30 s or 1 h 30 min`);
}

export function badSetting(name: string, text: string, wanted: string): LabError {
  return new LabError('BAD_SETTING', { message: `${name} must be ${wanted}, not '${text}'.`, field: name });
}
