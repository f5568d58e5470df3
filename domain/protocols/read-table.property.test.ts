// Random tables written in every dialect read back the same, or are refused; damaged ones never give a number that does not stand in them.

import { expect, test } from '@jest/globals';
import type { Json } from '../json/json.js';
import { LabError } from '../errors/error.js';
import { decodeText } from '../values/decode-text.js';
import type { ParameterSpecMap } from './parameter-spec.js';
import { readParameters } from './read-parameters.js';

const SEED = Number(process.env['PRAXIS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const TABLES = 400;

const FIELDS: ParameterSpecMap = {
  id: { type: 'text', titles: ['Sample ID', 'Probe; Nr.'] },
  volumeUl: { type: 'number', unit: 'µL', titles: ['Volume (in ul)', 'Volumen, µl'] },
  count: { type: 'integer' },
  well: { type: 'wells', positions: 1536, min: 1, max: 1 },
  isDry: { type: 'boolean' },
};
const LETTERS = ['a', 'Z', '7', ' ', ',', ';', '\t', '|', '"', '\n', '\r\n', '\r', 'µ', 'é', '水', '🧪', "'", '=', '#', '.', '-'];

interface Random {
  readonly below: (limit: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly chance: (share: number) => boolean;
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (from) => from[below(from.length)]!, chance: (share) => next() < share };
}

type Row = { id: string; volumeUl: number; count: number; well: readonly string[]; isDry: boolean };

function createRow({ below, pick, chance }: Random): Row {
  const id = Array.from({ length: below(6) }, () => pick(LETTERS)).join('');
  const volumeUl = pick([
    below(1_000) / 10,
    below(10 ** 6),
    below(10 ** 6) / 1_000,
    -below(50),
    below(9) * 10 ** -below(12),
    10 ** below(20),
  ]);
  const row = below(32);
  const letters = row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(39 + row)}`;
  return {
    id: id === '' ? 'x' : id,
    volumeUl: volumeUl === 0 ? 0 : volumeUl,
    count: below(2_000),
    well: [`${letters}${below(48) + 1}`],
    isDry: chance(0.5),
  };
}

interface Dialect {
  readonly separator: string;
  readonly lineEnds: readonly string[];
  readonly isQuoted: boolean;
  readonly hasMark: boolean;
  readonly hasDecimalComma: boolean;
  readonly encoding: 'utf8' | 'utf16le' | 'latin1';
  readonly titles: Readonly<Record<string, string>>;
  readonly order: readonly (keyof Row)[];
  readonly hasEndSeparators: boolean;
}

function createDialect({ pick, chance, below }: Random): Dialect {
  const order = (Object.keys(FIELDS) as (keyof Row)[]).map((name) => [below(1_000), name] as const);
  const title = (name: string): string => {
    const given = pick([name, ...(FIELDS[name]?.titles ?? [])]);
    return pick([given, given.toUpperCase().replace('ΜL', 'µl'), given.replaceAll('µ', 'μ')]);
  };
  return {
    separator: pick([',', ';', '\t', '|']),
    lineEnds: pick([['\n'], ['\r\n'], ['\r'], ['\n', '\r\n', '\r']]),
    isQuoted: chance(0.3),
    hasMark: chance(0.3),
    hasDecimalComma: chance(0.2),
    encoding: pick(['utf8', 'utf8', 'utf16le', 'latin1']),
    titles: Object.fromEntries(Object.keys(FIELDS).map((name) => [name, title(name)])),
    order: order.sort(([a], [b]) => a - b).map(([, name]) => name),
    hasEndSeparators: chance(0.2),
  };
}

function writeTable(rows: readonly Row[], dialect: Dialect, random: Random): string {
  const { separator, isQuoted, hasMark, hasDecimalComma, titles, order, hasEndSeparators } = dialect;
  const writeCell = (text: string): string =>
    isQuoted || /["\r\n]|^\s|\s$/u.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
  const writeNumber = (value: number): string => (hasDecimalComma ? String(value).replace('.', ',') : String(value));
  const end = (): string => `${hasEndSeparators ? separator : ''}${random.pick(dialect.lineEnds)}`;
  const write = (row: Row): string =>
    order
      .map((name) => {
        const value = row[name];
        return writeCell(typeof value === 'number' ? writeNumber(value) : typeof value === 'object' ? value.join(',') : String(value));
      })
      .join(separator);
  const lines = rows.flatMap((row) => [write(row), ...(random.chance(0.1) ? [separator.repeat(order.length - 1)] : [])]);
  const head = order.map((name) => writeCell(titles[name]!)).join(separator);
  return `${hasMark ? '\uFEFF' : ''}${[head, ...lines].map((line) => `${line}${end()}`).join('')}`;
}

function encode(text: string, { encoding, hasMark }: Dialect): Uint8Array {
  if (encoding === 'utf16le') return Buffer.from(hasMark ? text : `\uFEFF${text}`, 'utf16le');
  // What the older encoding does not have, no program writes in it.
  return Buffer.from(text, /^[\0-\u00FF]*$/u.test(text) ? encoding : 'utf8');
}

function read(text: string): { rows: readonly Json[]; problems: readonly string[] } {
  const { values, problems } = readParameters({ rows: { type: 'table', fields: FIELDS } }, { rows: text }, { rows: 'picks.csv' });
  return { rows: (values['rows'] ?? []) as readonly Json[], problems: problems.map(({ detail }) => detail) };
}

test(`tables in every dialect are the same or refused (PRAXIS_SEED=${SEED})`, () => {
  const random = createRandom(SEED);
  let same = 0;
  for (let k = 0; k < TABLES; k += 1) {
    const rows = Array.from({ length: random.below(12) }, () => createRow(random));
    const dialect = createDialect(random);
    const written = writeTable(rows, dialect, random);
    const where = JSON.stringify({ k, dialect, written });
    const mayBeRefused = dialect.encoding === 'latin1' || dialect.hasDecimalComma;
    let text: string;
    try {
      text = decodeText(encode(written, dialect), 'picks.csv');
    } catch (error) {
      expect({ where, isRefused: error instanceof LabError && mayBeRefused }).toEqual({ where, isRefused: true });
      continue;
    }
    const { rows: back, problems } = read(text);
    const isDoubtful = problems.length === 1 && /may part thousands/u.test(problems[0]!) && /[;\t]/u.test(dialect.separator);
    if (isDoubtful || (mayBeRefused && problems.length > 0)) continue;
    expect({ where, problems, back }).toEqual({ where, problems: [], back: rows });
    same += 1;
  }
  expect(same).toBeGreaterThan(TABLES / 3);
});

test(`damaged tables are refused at a line of theirs, or give what stands in them (PRAXIS_SEED=${SEED})`, () => {
  const random = createRandom(SEED + 1);
  let refused = 0;
  for (let k = 0; k < TABLES; k += 1) {
    const rows = Array.from({ length: 1 + random.below(6) }, () => createRow(random));
    const dialect = { ...createDialect(random), encoding: 'utf8' as const, hasDecimalComma: false };
    const whole = writeTable(rows, dialect, random);
    const at = random.below(whole.length);
    const text = `${whole.slice(0, at)}${random.pick(['', ',', ';', '"', '\n', '\t', '.', ' ', '\u200B', '1', '\0'])}${whole.slice(at + random.below(3))}`;
    const { rows: back, problems } = read(text);
    const where = JSON.stringify({ k, text, problems });
    const lineCount = text.split(/\r\n|\n|\r/u).length;
    for (const problem of problems) {
      const [, line] = /picks\.csv, line (\d+)/u.exec(problem) ?? [];
      expect({ where, isThere: line !== undefined && Number(line) >= 1 && Number(line) <= lineCount }).toEqual({ where, isThere: true });
    }
    if (problems.length > 0) {
      refused += 1;
      continue;
    }
    const there = new Set(text.split(/[\s,;|"]+/u).map(Number));
    for (const row of back as readonly Row[])
      expect({ where, isThere: there.has(row.volumeUl) && there.has(row.count) }).toEqual({ where, isThere: true });
  }
  expect(refused).toBeGreaterThan(0);
});
