// What a process tells its supervisor on stdout: the one line that says that it serves, and warnings.

import type { JsonObject } from '../domain/json.js';

/** Begins a line on stdout that the supervisor passes on to whoever starts the lab. */
export const WARNING_MARK = 'warning: ';

/** Prints `{"ready":"<name>", …facts}`. */
export function announceReady(name: string, facts: JsonObject = {}): void {
  process.stdout.write(`${JSON.stringify({ ready: name, ...facts })}\n`);
}
