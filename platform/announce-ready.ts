// What a process tells its supervisor on stdout: the one line that says that it serves, and warnings.

import type { JsonObject } from '../domain/json/json.js';

/** Begins a line on stdout that the supervisor passes on to whoever starts the lab. */
export const WARNING_MARK = 'warning: ';

/** Prints `{"ready":"<name>", …facts}`. `listens`: its lifeline gives signs of life. */
export function announceReady(name: string, facts: JsonObject & { readonly listens?: true } = {}): void {
  process.stdout.write(`${JSON.stringify({ ready: name, ...facts })}\n`);
}
