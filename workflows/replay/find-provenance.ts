// Which command a result came from: a measurement that is that result is kept as a reference to its command.

import type { Json } from '../../domain/json/json.js';

const sources = new WeakMap<object, string>();

export function rememberSource(result: Json, commandId: string): void {
  if (typeof result === 'object' && result !== null) sources.set(result, commandId);
}

export function findSource(value: Json): string | undefined {
  return typeof value === 'object' && value !== null ? sources.get(value) : undefined;
}
