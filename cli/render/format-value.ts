// Values as people read them: short, and numbers rounded. --json shows them as they are.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../domain/json/json.js';

const SIGNIFICANT_DIGITS = 4;
const TEXT_LENGTH_MAX = 60;
const ITEMS_SHOWN_MAX = 4;
const MEMBERS_SHOWN_MAX = 8;
const DEPTH_MAX = 3;

/** `numDilutions=8 wells=[96 texts]`; `-` for none. */
export function formatValues(values: JsonObject): string {
  return (
    Object.entries(values)
      .map(([name, value]) => `${name}=${formatValue(value)}`)
      .join(' ') || '-'
  );
}

export function formatValue(value: Json, depth = 0): string {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number') return formatNumber(value);
  if (isJsonArray(value)) return formatList(value, depth);
  if (isJsonObject(value)) return formatObject(value, depth);
  return String(value);
}

/** Only what stands behind the point is rounded away: whole numbers are counts and times. */
function formatNumber(value: number): string {
  const isLarge = Math.abs(value) >= 10 ** (SIGNIFICANT_DIGITS - 1);
  return String(isLarge ? Math.round(value) : Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX - 1)}…` : text;
}

/** `[1, 2.5]`, `[30 numbers]`, `[8 × 12 numbers]`. */
function formatList(items: readonly Json[], depth: number): string {
  const isShort = items.length <= ITEMS_SHOWN_MAX && !items.some((item) => typeof item === 'object' && item !== null);
  if (items.length === 0 || isShort || (items.length === 1 && depth < DEPTH_MAX))
    return `[${items.map((item) => formatValue(item, depth + 1)).join(', ')}]`;
  return `[${describeSize(items)}]`;
}

function describeSize(items: readonly Json[]): string {
  const [first] = items;
  const isTable =
    first !== undefined &&
    isJsonArray(first) &&
    first.length > 0 &&
    items.every((item) => isJsonArray(item) && item.length === first.length);
  return isTable ? `${items.length} × ${describeSize(first)}` : `${items.length} ${nameKind(items)}`;
}

function nameKind(items: readonly Json[]): string {
  if (items.every((item) => typeof item === 'number')) return 'numbers';
  if (items.every((item) => typeof item === 'string')) return 'texts';
  if (items.every(isJsonArray)) return 'lists';
  return items.every(isJsonObject) ? 'objects' : 'values';
}

function formatObject(object: JsonObject, depth: number): string {
  const entries = Object.entries(object);
  if (depth >= DEPTH_MAX) return `{${entries.length} values}`;
  const shown = entries.slice(0, MEMBERS_SHOWN_MAX).map(([name, value]) => `${name}: ${formatValue(value, depth + 1)}`);
  const hidden = entries.length - shown.length;
  return `{${[...shown, ...(hidden > 0 ? [`+${hidden}`] : [])].join(', ')}}`;
}
