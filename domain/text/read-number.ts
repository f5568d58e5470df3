// Numbers as people and spreadsheets write them. What can mean one number only is read; all else is refused with how to write it,
// because a comma that is taken for the wrong thing pipettes a thousand times too much.

import { findInvisibleCharacter } from './read-separated.js';

export type NumberReading = { readonly value: number } | { readonly fault: string };

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
const WITH_UNIT = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([^\d\s.,:/][^\d]*\d?)$/iu;
/** Digits with whatever people put between them. */
const GROUPED = /^([+-]?)(\d[\d.,'’_\s]*\d)(?=\s*[^\d]*$)/u;
const DATE_OR_TIME =
  /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|^\d{1,2}:\d{2}|^\d{1,2}[-. ]+\p{L}{3,}|^(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\p{L}*[-. ]+\d/iu;
export const DATE_HINT = 'a spreadsheet may have made a date of it: give its column the format Text and write it again';

/** The number, in the unit of its parameter where the text names one; or what is wrong and how to write it. */
export function readNumber(text: string, unit?: string): NumberReading {
  const given = text.trim().replace(/^[−－]/u, '-');
  const invisible = findInvisibleCharacter(given);
  if (invisible !== undefined) return { fault: `it holds ${invisible}, which cannot be seen; write it again` };
  if (DECIMAL.test(given)) return toValue(given);
  if (isDateOrTime(given)) return { fault: DATE_HINT };
  const [, number, named] = WITH_UNIT.exec(given) ?? [];
  if (number === undefined || named === undefined || !isName(named)) return { fault: explain(given) };
  if (unit !== undefined && toUnitKey(named) === toUnitKey(unit)) return toValue(number);
  return { fault: unit === undefined ? `it has no unit: write ${number}` : `its unit is ${unit}, not ${named}` };
}

/** `Mon`, `5 May 2024`, `2024-05-01`, `06:30`. */
export function isDateOrTime(text: string): boolean {
  return DATE_OR_TIME.test(text.trim());
}

function toValue(text: string): NumberReading {
  const value = Number(text);
  if (!Number.isFinite(value)) return { fault: 'it is larger than a number can be' };
  const [mantissa = ''] = text.toLowerCase().split('e');
  if (value === 0) return /[1-9]/u.test(mantissa) ? { fault: 'it is smaller than a number can be' } : { value: 0 };
  if (/^[+-]?\d+$/u.test(text) && BigInt(text.replace('+', '')) !== BigInt(value))
    return { fault: 'it has more digits than a number keeps exactly' };
  return { value };
}

function explain(given: string): string {
  if (given === '') return 'it is empty';
  if (/^[+-]?0[xob][\da-f]+$/iu.test(given)) return 'write it in decimal digits';
  const [, sign = '', grouped] = GROUPED.exec(given) ?? [];
  return grouped === undefined ? '' : explainGrouped(sign === '-' ? '-' : '', grouped);
}

function explainGrouped(sign: string, grouped: string): string {
  const commas = grouped.split(',').length - 1;
  const points = grouped.split('.').length - 1;
  const digits = (text: string): string => text.replaceAll(/\D/gu, '');
  const decimal = (mark: string): string => {
    const at = grouped.lastIndexOf(mark);
    return `${sign}${digits(grouped.slice(0, at))}.${digits(grouped.slice(at + 1))}`;
  };
  if (commas > 0 && points > 0)
    return `write it without marks between thousands, with a decimal point: ${decimal(grouped.lastIndexOf(',') > grouped.lastIndexOf('.') ? ',' : '.')}`;
  if (commas === 1 && /^[1-9]\d{0,2},\d{3}$/u.test(grouped))
    return `its comma may part thousands or decimals: write ${sign}${digits(grouped)} or ${decimal(',')}`;
  if (commas === 1) return `the decimal comma is written as a point: ${decimal(',')}`;
  if (commas > 1 || points > 1 || /[\s'’_]/u.test(grouped))
    return `write it without marks between thousands: ${points === 1 ? decimal('.') : `${sign}${digits(grouped)}`}`;
  return '';
}

/** Whether a text can name a unit at all. */
function isName(text: string): boolean {
  return /^[\p{L}%°℃℉][\p{L}\p{No}\d%°/·*^. -]*$/u.test(text) && !/^(?:e[+-]?|x[\da-f]+)$/iu.test(text);
}

/** `µL`, `μl`, `uL` and `ul` are one unit; `mL` is another. */
function toUnitKey(unit: string): string {
  return unit.normalize('NFKC').replaceAll('μ', 'u').replaceAll('L', 'l').replaceAll(/\s/gu, '');
}
