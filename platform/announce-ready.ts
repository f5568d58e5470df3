// The one line on stdout by which a process tells its supervisor that it serves.

import type { JsonObject } from '../domain/json.js';

/** Prints `{"ready":"<name>", …facts}`. */
export function announceReady(name: string, facts: JsonObject = {}): void {
  process.stdout.write(`${JSON.stringify({ ready: name, ...facts })}\n`);
}
