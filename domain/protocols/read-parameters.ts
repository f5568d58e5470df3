// Parameters as they come from outside, by the API and so by the command line too: texts get the type that their spec declares, files
// their lines and columns, and everything that is wrong is told at once. The one place where text becomes a value.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { readJson } from '../json/read-json.js';
import type { ErrorCode } from '../errors/error.js';
import { judgeParameters, toParameterProblem, type CheckedParameters, type ParameterProblem } from './parameter.js';
import type { ParameterSpec, ParameterSpecMap } from './parameter-spec.js';
import type { ValueFault } from './parameter-value.js';
import { parseParameterText, refuse, type ScalarSpec, type TextReading } from './parse-parameter-text.js';
import { describeCell, readTable, type ReadTable } from './read-table.js';

interface Reading {
  readonly faults: ValueFault[];
  /** Tables that came as text, by the path of their value. */
  readonly tables: Map<string, ReadTable>;
}

/** Names of the files that values came from, by name of parameter. */
export type FileNames = Readonly<Record<string, string>>;

/** The values in the form that protocols receive, or every problem. A value that has its type already is left as it is. */
export function readParameters(specs: ParameterSpecMap, given: JsonObject, files: FileNames = {}): CheckedParameters {
  const reading: Reading = { faults: [], tables: new Map() };
  const read = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Object.hasOwn(specs, name) ? readValue(reading, specs[name], { value, path: name }) : value,
    ]),
  );
  const { values, faults } = judgeParameters(specs, read);
  const unread = reading.faults.map(({ path }) => path);
  const others = faults.filter(({ path }) => !unread.some((known) => isWithin(path, known)));
  const problems = [...reading.faults, ...others].map((fault) => toProblem(fault, reading, files));
  return { values, problems: problems.sort((a, b) => a.order - b.order).map(({ problem }) => problem) };
}

function readValue(reading: Reading, spec: ParameterSpec | undefined, { value, path }: { value: Json; path: string }): Json {
  if (spec === undefined) return value;
  if (typeof value === 'string') return readText(reading, spec, { text: value, path });
  if ((spec.type === 'list' || spec.type === 'table') && value !== null && isJsonArray(value)) {
    const item: ParameterSpec | undefined = spec.type === 'list' ? spec.of : { type: 'record', fields: spec.fields ?? {} };
    return value.map((member, k) => readValue(reading, item, { value: member, path: `${path}[${k}]` }));
  }
  if (spec.type === 'record' && isJsonObject(value)) return readMembers(reading, spec.fields ?? {}, { value, path });
  return spec.type === 'wells' && value !== null && isJsonArray(value)
    ? value.map((well) => (typeof well === 'string' ? readText(reading, spec, { text: well, path }) : well))
    : value;
}

function readMembers(reading: Reading, fields: ParameterSpecMap, { value, path }: { value: JsonObject; path: string }): Json {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return [name, readValue(reading, field, { value: member, path: `${path}.${name}` })];
    }),
  );
}

function readText(reading: Reading, spec: ParameterSpec, { text, path }: { text: string; path: string }): Json {
  const fail = (detail: string, code: ErrorCode = 'PARAMETER_TYPE'): Json => {
    reading.faults.push({ code, path, detail });
    return text;
  };
  switch (spec.type) {
    case 'list':
    case 'record':
    case 'table': {
      const json = readJson(text, spec.type === 'record' ? '{' : '[');
      if (json && 'fault' in json) return fail(refuse(spec, text, json.fault).fault);
      if (json) return readValue(reading, spec, { value: json.value, path });
      if (spec.type === 'list') return readItems(reading, spec, { text, path });
      return spec.type === 'table' ? readRows(reading, spec, { text, path }) : text;
    }
    case 'integer':
    case 'number':
    case 'boolean':
    case 'duration':
    case 'wells':
    case 'choice':
    case 'text': {
      const read = parseParameterText(spec as ScalarSpec, text);
      return 'value' in read ? read.value : fail(read.fault);
    }
  }
}

/** `1,2,3`, or an item on each line. */
function readItems(reading: Reading, { of }: ParameterSpec, { text, path }: { text: string; path: string }): Json {
  if (text.trim() === '') return [];
  const lines = text
    .replace(/^\uFEFF/u, '')
    .replace(/(?:\r\n|\n|\r)+$/u, '')
    .split(/\r\n|\n|\r/u);
  const items = lines.length > 1 ? lines : text.split(',');
  return items.map((item, k) => {
    const at = `${path}[${k}]`;
    if (item.trim() !== '') return readValue(reading, of, { value: item.trim(), path: at });
    reading.faults.push({ code: 'PARAMETER_TYPE', path: at, detail: 'is empty; write [] around a list with empty texts, as JSON.' });
    return item;
  });
}

function readRows(reading: Reading, { fields = {} }: ParameterSpec, { text, path }: { text: string; path: string }): Json {
  const table = readTable(text, fields, readCell);
  reading.tables.set(path, table);
  for (const fault of table.faults) {
    const code = fault.path.includes('.') ? 'PARAMETER_TYPE' : 'TABLE_UNREADABLE';
    reading.faults.push({ code, path: `${path}${fault.path}`, detail: fault.detail, at: fault });
  }
  return table.rows;
}

/** A cell may hold a list or a record too; what is wrong in it is told of the whole cell. */
function readCell(spec: ParameterSpec, text: string): TextReading {
  const inner: Reading = { faults: [], tables: new Map() };
  const value = readText(inner, spec, { text, path: '' });
  const [fault] = inner.faults;
  return fault === undefined ? { value } : { fault: fault.detail };
}

function toProblem(fault: ValueFault, { tables }: Reading, files: FileNames): { problem: ParameterProblem; order: number } {
  const { path } = fault;
  const place = findPlace(path, tables);
  const [parameter = ''] = /^\w+/u.exec(path) ?? [];
  const file = Object.hasOwn(files, parameter) ? files[parameter] : undefined;
  if (place === undefined && fault.at === undefined) return { problem: toParameterProblem(fault, file), order: 0 };
  const line = fault.at?.line ?? place?.line ?? 1;
  const column = fault.path.endsWith(']') || place?.column === undefined ? '' : `, ${place.column}`;
  const detail = `'${parameter}'${file === undefined ? '' : ` in ${file}`}, line ${line}${column}: ${fault.detail.replace(/[^.]$/u, '$&.')}`;
  return { problem: { code: fault.code, field: `parameters.${path}`, detail }, order: line };
}

/** Where the file has it: `rows[2].volumeUl` of a table that came as text. */
function findPlace(path: string, tables: ReadonlyMap<string, ReadTable>): { line: number; column?: string } | undefined {
  for (const [owner, { lines, columns }] of tables) {
    if (!isWithin(path, owner)) continue;
    const [, row, name] = /^\[(\d+)\](?:\.(\w+))?/u.exec(path.slice(owner.length)) ?? [];
    const line = row === undefined ? undefined : lines[Number(row)];
    if (line === undefined) return undefined;
    const column = columns.find((known) => known.name === name);
    return { line, ...(column !== undefined && { column: describeCell(columns, column.number) }) };
  }
  return undefined;
}

/** Whether the path is this one or lies below it. */
function isWithin(path: string, above: string): boolean {
  return path === above || (path.startsWith(above) && /^[[.]/u.test(path.slice(above.length)));
}
