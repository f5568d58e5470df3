// The first line of a table: which separator the file has, and which column stands where, by the titles that the columns declare.

import { findNearMatches } from '../text/near-match.js';
import { toNameKey } from '../text/normal-name.js';
import { findControlCharacter, readSeparated, type SeparatedLine, type TextFault } from '../text/read-separated.js';
import type { ParameterSpecMap } from './parameter-spec.js';

/** The earlier one where a header fits several. */
const SEPARATORS = [',', ';', '\t', '|'] as const;
/** What Excel writes into a line of its own: `sep=;`. */
const DECLARED_SEPARATOR = /^sep=(.)(?:\r\n|\n|\r)/iu;
const BYTE_ORDER_MARK = '\uFEFF';
const SHOWN_CHARACTERS = 60;

export interface TableColumn {
  /** Of its spec. */
  readonly name: string;
  /** As the file has it. */
  readonly title: string;
  /** From 1. */
  readonly number: number;
}

export interface TableHeader {
  readonly columns: readonly TableColumn[];
  readonly separator: string;
  /** Where the first row begins. */
  readonly next: SeparatedLine['next'];
}

type Titles = ReadonlyMap<string, string>;

interface Start {
  readonly from: number;
  readonly line: number;
}

interface FoundLine extends SeparatedLine {
  readonly separator: string;
  /** How many of its cells are titles of columns. */
  readonly known: number;
}

/** The columns, or everything that is wrong with the header. */
export function findHeader(text: string, fields: ParameterSpecMap): TableHeader | { readonly faults: readonly TextFault[] } {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  const declared = DECLARED_SEPARATOR.exec(text.slice(mark, mark + 8));
  const start = { from: mark + (declared?.[0].length ?? 0), line: declared === null ? 1 : 2 };
  const titles = listTitles(fields);
  const separators = declared?.[1] === undefined ? SEPARATORS : [declared[1]];
  const found = separators.map((separator) => findFirstLine(text, { separator, start, titles }));
  const best = found.reduce<FoundLine | undefined>((before, line) => {
    if (!('cells' in line)) return before;
    return before !== undefined && before.known >= line.known ? before : line;
  }, undefined);
  if (best !== undefined && best.known > 0) return nameColumns(best, fields, titles);
  const fault = found.find((line): line is { fault: TextFault } => 'fault' in line && line.fault !== undefined)?.fault;
  return { faults: [describeNoHeader(text.slice(start.from), fields, { line: best?.line ?? start.line, fault })] };
}

/** A title that stands for two columns of a spec, which no header could tell apart, or for none. */
export function findSharedTitle(fields: ParameterSpecMap): string | undefined {
  const seen = new Map<string, string>();
  for (const [name, { titles = [] }] of Object.entries(fields))
    for (const title of [name, ...titles]) {
      const owner = seen.get(toNameKey(title));
      if (toNameKey(title) === '' || (owner !== undefined && owner !== name)) return title;
      seen.set(toNameKey(title), name);
    }
  return undefined;
}

/** Names of columns by every title that stands for them. */
function listTitles(fields: ParameterSpecMap): Titles {
  return new Map(
    Object.entries(fields).flatMap(([name, { titles = [] }]) => [name, ...titles].map((title) => [toNameKey(title), name] as const)),
  );
}

/** The first line that holds anything; the fault where it cannot be read with this separator. */
function findFirstLine(
  text: string,
  { separator, start, titles }: { separator: string; start: Start; titles: Titles },
): FoundLine | { readonly fault: TextFault | undefined } {
  for (let next = start; ; ) {
    const { lines, fault } = readSeparated(text, separator, { ...next, linesMax: 1 });
    const [line] = lines;
    if (line === undefined) return { fault };
    if (line.cells.some((cell) => cell !== ''))
      return { ...line, separator, known: line.cells.filter((cell) => titles.has(toNameKey(cell))).length };
    next = line.next;
  }
}

function nameColumns(header: FoundLine, fields: ParameterSpecMap, titles: Titles): TableHeader | { readonly faults: readonly TextFault[] } {
  const { cells, line, separator, next } = header;
  const columns: TableColumn[] = [];
  const faults: TextFault[] = [];
  for (const [k, title] of cells.entries()) {
    const number = k + 1;
    // A column without a title may stand there as long as it holds nothing.
    if (toNameKey(title) === '') continue;
    const name = titles.get(toNameKey(title));
    const earlier = columns.find((column) => column.name === name);
    if (name === undefined) faults.push({ line, column: number, detail: describeUnknown(title, number, fields) });
    else if (earlier) faults.push({ line, column: number, detail: describeTwice({ name, title, number }, earlier) });
    else columns.push({ name, title, number });
  }
  for (const [name, { default: standard, isOptional }] of Object.entries(fields)) {
    if (standard !== undefined || isOptional === true || columns.some((column) => column.name === name)) continue;
    faults.push({
      line,
      column: cells.length + 1,
      detail: `the column '${name}' is missing; the first line has ${show(cells.join(separator))}`,
    });
  }
  return faults.length > 0 ? { faults } : { columns, separator, next };
}

function describeUnknown(title: string, number: number, fields: ParameterSpecMap): string {
  const all = Object.entries(fields).flatMap(([name, { titles = [] }]) => [name, ...titles]);
  const [nearest] = findNearMatches(title, all);
  return `column ${number} '${title}' is not known${nearest === undefined ? '' : `, perhaps '${nearest}' is meant`}; there are: ${describeTitles(fields)}`;
}

function describeTwice({ name, title, number }: TableColumn, earlier: TableColumn): string {
  const same = title === earlier.title ? `'${title}' stands twice` : `'${earlier.title}' and '${title}' are both the column ${name}`;
  return `${same} in the header, as column ${earlier.number} and as column ${number}; leave one of them out`;
}

function describeTitles(fields: ParameterSpecMap): string {
  return Object.entries(fields)
    .map(([name, { titles = [] }]) => (titles.length === 0 ? name : `${name} (${titles.map((title) => `'${title}'`).join(', ')})`))
    .join(', ');
}

function describeNoHeader(body: string, fields: ParameterSpecMap, given: { line: number; fault: TextFault | undefined }): TextFault {
  const at = { line: given.line, column: 1 };
  const shown = body.trimStart();
  const control = findControlCharacter(body.slice(0, SHOWN_CHARACTERS * 10));
  if (shown === '') return { ...at, detail: `there is nothing in it; its first line names the columns: ${describeTitles(fields)}` };
  if (/^(?:PK\u0003\u0004|%PDF)/u.test(shown)) return { ...at, detail: 'this is a file of another kind, no table of text; save it as CSV' };
  if (control !== undefined) return { ...at, detail: `it holds the character ${control}, so this is no table of text; save it as CSV` };
  if (/^<[!?a-z]/iu.test(shown)) return { ...at, detail: 'this is a web page or XML, no table; save the table itself as CSV' };
  if (given.fault) return given.fault;
  return {
    ...at,
    detail: `the first line must name the columns (${describeTitles(fields)}); it is ${show(shown.split(/[\r\n]/u)[0] ?? '')}`,
  };
}

function show(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}
