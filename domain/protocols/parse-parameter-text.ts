// Values of parameters as they are typed on a command line, into a form, into a cell of a table or as text in a request: text that the
// spec gives its type. What can be meant in one way is read; the rest is refused with how to write it.

import { readDuration } from '../json/duration.js';
import type { Json } from '../json/json.js';
import { toWordKey } from '../text/normal-name.js';
import { DATE_HINT, isDateOrTime, readNumber } from '../text/read-number.js';
import { findInvisibleCharacter } from '../text/read-separated.js';
import { describeSpec, type ParameterSpec, withArticle } from './parameter-spec.js';

/** The value, which its check may still refuse; or why no value can be made of the text. */
export type TextReading = { readonly value: Json } | { readonly fault: string };

type ScalarType = 'integer' | 'number' | 'text' | 'boolean' | 'choice' | 'duration' | 'wells';
export type ScalarSpec = ParameterSpec & { readonly type: ScalarType };

const POSITION = /^([a-z]{1,2})0*([1-9]\d?)$/iu;
const WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, y: true, false: false, no: false, n: false };

/** `8`, `10 µL`, `true`, `90 s`, `A1:A4`, `row-wise`. Text stays as it is, whatever it holds. */
export function parseParameterText(spec: ScalarSpec, text: string): TextReading {
  if (spec.type === 'text') return { value: text };
  const invisible = findInvisibleCharacter(text.trim());
  if (invisible !== undefined) return refuse(spec, text, `it holds ${invisible}, which cannot be seen; write it again`);
  switch (spec.type) {
    case 'integer':
    case 'number': {
      const read = readNumber(text, spec.unit);
      return 'value' in read ? read : refuse(spec, text, read.fault);
    }
    case 'boolean':
      return readBoolean(spec, text);
    case 'choice':
      return { value: findChoice(spec.choices ?? [], text) };
    case 'duration':
      return readDurationText(spec, text.trim());
    case 'wells':
      return isDateOrTime(text) ? refuse(spec, text, DATE_HINT) : { value: text.split(',').map(readWells).join(',') };
  }
}

export function refuse(spec: ParameterSpec, text: string, why: string): { readonly fault: string } {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
  return { fault: `must be ${withArticle(describeSpec(spec))}, not ${shown}${why === '' ? '' : `: ${why}`}.` };
}

function readBoolean(spec: ScalarSpec, text: string): TextReading {
  const key = toWordKey(text);
  const value = Object.hasOwn(WORDS, key) ? WORDS[key] : undefined;
  return value === undefined ? refuse(spec, text, 'write true or false') : { value };
}

/** The choice itself, or the only one that differs in case, blanks and dashes; else the text, which the check refuses. */
function findChoice(choices: readonly string[], text: string): string {
  if (choices.includes(text)) return text;
  const [choice, ...others] = choices.filter((known) => toWordKey(known) === toWordKey(text));
  return choice !== undefined && others.length === 0 ? choice : text;
}

/** Without a unit it is milliseconds, as a number is; then it must be whole, because nobody means half of one. */
function readDurationText(spec: ScalarSpec, text: string): TextReading {
  if (/^\d+$/u.test(text)) return { value: Number(text) };
  if (readDuration(text) !== undefined) return { value: text };
  return refuse(spec, text, explainDuration(text));
}

function explainDuration(text: string): string {
  if (/\d,\d/u.test(text)) return `the decimal comma is written as a point: ${text.replaceAll(/(\d),(\d)/gu, '$1.$2')}`;
  if (/^\d*\.\d+$/u.test(text)) return `give it a unit: ${text} s, ${text} min or ${text} h`;
  if (/^\d+(?::\d{2}){1,2}$/u.test(text)) return 'write hours, minutes and seconds with their units: 1 h 30 min';
  return 'the units are d, h, min, s and ms';
}

/** `a01:a12` is A1:A12. What is no position stays as it is and is refused by name. */
function readWells(part: string): string {
  return part
    .split(':')
    .map((end) => {
      const [, row, column] = POSITION.exec(end.trim()) ?? [];
      return row === undefined || column === undefined ? end.trim() : `${row.toUpperCase()}${column}`;
    })
    .join(':');
}
