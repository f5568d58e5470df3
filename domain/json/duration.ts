// Lengths of time as people write them, and the milliseconds that everything else counts in.

import { isJsonObject, type Json } from './json.js';

/** A length of time; the parts add up. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const MS_PER_PART: Readonly<Record<keyof Duration, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
};
/** Units of the text form, longest first. */
const MS_PER_UNIT: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000, ms: 1 };

const WHOLE_TEXT = /^(?:\d+(?:\.\d+)?\s*(?:d|h|min|ms|s)\s*)+$/u;
const ONE_PART = /(\d+(?:\.\d+)?)\s*(d|h|min|ms|s)/gu;

export function toMilliseconds(duration: Duration): number {
  const parts = Object.entries(duration) as readonly (readonly [keyof Duration, number])[];
  return Math.round(parts.reduce((sum, [part, value]) => sum + value * MS_PER_PART[part], 0));
}

/**
 * Milliseconds of a number (of milliseconds), a text (`90 s`, `5 min`, `2 h`, `1 d`, `1 h 30 min`) or the parts of a
 * Duration; undefined for anything else and for less than nothing.
 */
export function readDuration(value: Json): number | undefined {
  const ms = typeof value === 'string' ? readText(value.trim()) : isJsonObject(value) ? readParts(value) : value;
  return typeof ms === 'number' && Number.isSafeInteger(Math.round(ms)) && ms >= 0 ? Math.round(ms) : undefined;
}

/** `90000` → `1 min 30 s`: the text form that readDuration takes. */
export function describeDuration(ms: number): string {
  let rest = ms;
  const words: string[] = [];
  for (const [unit, size] of Object.entries(MS_PER_UNIT)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.length === 0 ? '0 s' : words.join(' ');
}

function readText(text: string): number | undefined {
  if (!WHOLE_TEXT.test(text)) return undefined;
  return [...text.matchAll(ONE_PART)].reduce((sum, [, count, unit]) => sum + Number(count) * (MS_PER_UNIT[unit ?? ''] ?? 0), 0);
}

function readParts(parts: { readonly [part: string]: Json }): number | undefined {
  const entries = Object.entries(parts);
  const areParts = entries.every(([part, value]) => Object.hasOwn(MS_PER_PART, part) && typeof value === 'number');
  return areParts && entries.length > 0 ? toMilliseconds(parts) : undefined;
}
