// Tables as people have them: text with any usual separator and a first line that names the columns. Every cell is read as its column
// says, or refused with its line and column; nothing is left out that holds something, and nothing is made of nothing.

import { LabError } from '../errors/error.js';
import type { Json } from '../json/json.js';
import { readSeparated, type SeparatedLine, type TextFault } from '../text/read-separated.js';
import { findHeader, type TableColumn } from './read-table-header.js';
import type { ParameterSpec, ParameterSpecMap } from './parameter-spec.js';
import type { TextReading } from './parse-parameter-text.js';

/** A table that is wrong throughout is told of this often. */
const FAULTS_MAX = 20;
/** What spreadsheets separate cells with where the comma is decimal; there `1.500` may be one and a half, or one and a half thousand. */
const MAY_HAVE_DECIMAL_COMMAS = /[;\t]/u;
const MAY_PART_THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/u;
const HAS_DECIMAL_POINT = /^[+-]?\d*\.\d+$/u;

export interface TableFault extends TextFault {
  /** Row and column within the value, `[2].volumeUl`; empty for what is wrong with the table as a whole. */
  readonly path: string;
}

export interface ReadTable {
  readonly rows: readonly Json[];
  /** Line of each row. */
  readonly lines: readonly number[];
  readonly columns: readonly TableColumn[];
  readonly faults: readonly TableFault[];
}

type ReadCell = (spec: ParameterSpec, text: string) => TextReading;

interface Reading {
  readonly columns: readonly TableColumn[];
  readonly fields: ParameterSpecMap;
  readonly readCell: ReadCell;
  readonly rows: Json[];
  readonly lines: number[];
  readonly faults: TableFault[];
  /** The first number whose point may part thousands, until another shows that points are decimal. */
  doubtful: TableFault | undefined;
  isPointDecimal: boolean;
}

/** The rows that could be read, and everything that is wrong with the others. A text that cannot be read stays as it stands. */
export function readTable(text: string, fields: ParameterSpecMap, readCell: ReadCell): ReadTable {
  const refuse = (faults: readonly TextFault[]): ReadTable => ({
    rows: [],
    lines: [],
    columns: [],
    faults: faults.map((fault) => ({ ...fault, path: '' })),
  });
  const header = findHeader(text, fields);
  if ('faults' in header) return refuse(header.faults);
  const { columns, separator, next } = header;
  const { lines, fault } = readSeparated(text, separator, next);
  if (fault) return refuse([{ ...fault, detail: `${describeCell(columns, fault.column)}: ${fault.detail}` }]);
  const reading: Reading = {
    columns,
    fields,
    readCell,
    rows: [],
    lines: [],
    faults: [],
    doubtful: undefined,
    isPointDecimal: !MAY_HAVE_DECIMAL_COMMAS.test(separator),
  };
  for (const row of lines) {
    if (row.cells.every((cell) => cell === '')) continue;
    readRow(reading, row);
    if (reading.faults.length >= FAULTS_MAX) break;
  }
  const { doubtful, isPointDecimal, faults } = reading;
  return { rows: reading.rows, lines: reading.lines, columns, faults: doubtful && !isPointDecimal ? [...faults, doubtful] : faults };
}

/** `column 8 'volumeUl'`. */
export function describeCell(columns: readonly TableColumn[], number: number): string {
  const column = columns.find((known) => known.number === number);
  return column === undefined ? `column ${number}` : `column ${number} '${column.title}'`;
}

function readRow(reading: Reading, { cells, line }: SeparatedLine): void {
  const { columns, rows, lines, faults } = reading;
  const at = `[${rows.length}]`;
  const members: Record<string, Json> = {};
  lines.push(line);
  rows.push(members);
  const last = Math.max(...columns.map(({ number }) => number));
  const titled = new Set(columns.map(({ number }) => number));
  const beyond = cells.findIndex((cell, k) => cell !== '' && !titled.has(k + 1));
  if (beyond >= 0) {
    const remedy = 'a cell that holds a separator is written in quotes, and a decimal comma as a point';
    faults.push({
      path: at,
      line,
      column: beyond + 1,
      detail: `column ${beyond + 1} has no title, and holds ${JSON.stringify(cells[beyond])}: the line has ${cells.length} cells, the header ${last}; ${remedy}`,
    });
    return;
  }
  if (cells.length < last) {
    const detail = `the line ends before ${describeCell(columns, cells.length + 1)}: it has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header ${last}; an empty cell needs its separator too`;
    faults.push({ path: at, line, column: cells.length + 1, detail });
    return;
  }
  for (const column of columns) {
    const cell = cells[column.number - 1] ?? '';
    // A cell that is empty counts as not given, so that the column's default stands in.
    if (cell !== '') members[column.name] = readMember(reading, column, { cell, path: `${at}.${column.name}`, line });
  }
}

function readMember(reading: Reading, { name, number }: TableColumn, given: { cell: string; path: string; line: number }): Json {
  const { cell, path, line } = given;
  const spec = reading.fields[name];
  if (spec === undefined) throw new LabError('INTERNAL', { message: `The column ${name} has no spec.` });
  noteDoubt(reading, spec, { ...given, column: number });
  const read = reading.readCell(spec, cell);
  if ('value' in read) return read.value;
  reading.faults.push({ path, line, column: number, detail: read.fault });
  return cell;
}

function noteDoubt(
  reading: Reading,
  { type }: ParameterSpec,
  { cell, path, line, column }: { cell: string; path: string; line: number; column: number },
): void {
  if (reading.isPointDecimal || (type !== 'number' && type !== 'integer')) return;
  if (!MAY_PART_THOUSANDS.test(cell)) {
    if (HAS_DECIMAL_POINT.test(cell)) reading.isPointDecimal = true;
    return;
  }
  const [whole = '', ...rest] = cell.split('.');
  const detail = `must be a number that can be meant in one way: in this file the point of ${JSON.stringify(cell)} may part thousands or decimals; write ${whole}${rest.join('')} or ${String(Number(cell))}`;
  reading.doubtful ??= { path, line, column, detail };
}
