// Values of parameters as they are typed on a command line or into a form: text that the spec gives its type.
// Text that does not fit is handed on as it stands, so that the check refuses it with its own words.

import type { Json } from '../json/json.js';
import type { ParameterSpec } from './parameter-spec.js';
import { readCsv } from '../text/read-csv.js';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/** `8`, `true`, `90 s`, `A1:A4`, `1,2,3`, `[1, 2]`, `{"a": 1}`, or for a table JSON or CSV with a line of column names. */
export function parseParameterText(spec: ParameterSpec, text: string): Json {
  switch (spec.type) {
    case 'integer':
    case 'number':
      return readNumber(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'duration':
      return text;
    case 'list':
      return readJson(text, '[') ?? readItems(spec, text);
    case 'record':
      return readJson(text, '{') ?? text;
    case 'table':
      return readJson(text, '[') ?? readTable(spec, text);
    case 'text':
    case 'choice':
    case 'wells':
      return text;
  }
}

function readNumber(text: string): Json {
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

function readJson(text: string, opening: '[' | '{'): Json | undefined {
  if (!text.trimStart().startsWith(opening)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not JSON after all; the check names what it wanted instead.
    return undefined;
  }
}

function readItems({ of }: ParameterSpec, text: string): Json {
  if (text.trim() === '') return [];
  return text.split(',').map((item) => (of ? parseParameterText(of, item.trim()) : item.trim()));
}

function readTable({ fields = {} }: ParameterSpec, text: string): Json {
  const [header, ...lines] = readCsv(text) ?? [];
  if (!header || header.length === 0) return text;
  return lines.map((cells) => Object.fromEntries(header.flatMap((name, k) => toCell(fields, name.trim(), cells[k]))));
}

/** A cell that is empty or left out counts as not given, so that the column's default stands in. */
function toCell(
  fields: NonNullable<ParameterSpec['fields']>,
  name: string,
  cell: string | undefined,
): readonly (readonly [string, Json])[] {
  if (cell === undefined || cell === '') return [];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return [[name, field ? parseParameterText(field, cell) : cell]];
}
