// Makes text of the bytes of a file, or says what the file is instead. What is no UTF-8 is not guessed: the wrong guess turns µ into
// another letter, and a name into another name.

import { LabError } from '../errors/error.js';

/** How files begin that people hand over in the place of a table. */
const KINDS: readonly (readonly [start: readonly number[], kind: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a spreadsheet or an archive (xlsx, ods, zip)'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'a spreadsheet of an old Excel (xls)'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x1f, 0x8b], 'compressed (gzip)'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0xff, 0xd8, 0xff], 'a picture'],
  [[0xff, 0xfe, 0x00, 0x00], 'text in UTF-32'],
  [[0x00, 0x00, 0xfe, 0xff], 'text in UTF-32'],
];
/** Marks at the beginning that say how the rest is written. */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];
const REMEDY = 'Save it as text in UTF-8; in a spreadsheet: Save as, CSV UTF-8.';

/** The text without its mark. Throws FILE_UNREADABLE with what the file is and where. */
export function decodeText(bytes: Uint8Array, name: string): string {
  const kind = KINDS.find(([start]) => beginsWith(bytes, start))?.[1];
  if (kind !== undefined) throw refuse(`${name} is ${kind}, no text.`);
  const [mark, encoding] = MARKS.find(([start]) => beginsWith(bytes, start)) ?? [[], 'utf-8'];
  const body = bytes.subarray(mark.length);
  const isWide = encoding !== 'utf-8';
  if (!isWide && body.includes(0)) throw refuse(`${name} is no text, or text in UTF-16 without its mark: it holds bytes of zero.`);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    // What was thrown does not say where.
    throw refuse(`${name} ${isWide ? `is marked as ${encoding.toUpperCase()} and holds something else` : describeBadByte(body)}.`);
  }
}

function describeBadByte(body: Uint8Array): string {
  let start = 0;
  for (let line = 1; start <= body.length; line += 1) {
    const end = findLineEnd(body, start);
    const bytes = body.subarray(start, end);
    const good = countGoodBytes(bytes);
    if (good < bytes.length) {
      const column = Array.from(new TextDecoder().decode(bytes.subarray(0, good))).length + 1;
      const byte = (bytes[good] ?? 0).toString(16).toUpperCase().padStart(2, '0');
      return `is not in UTF-8: line ${line}, character ${column} is the byte 0x${byte}, as an older encoding of a spreadsheet writes it`;
    }
    start = end + (body[end] === 0x0d && body[end + 1] === 0x0a ? 2 : 1);
  }
  return 'is not in UTF-8';
}

/** No byte of a longer character is a CR or an LF. */
function findLineEnd(body: Uint8Array, start: number): number {
  let end = start;
  while (end < body.length && body[end] !== 0x0a && body[end] !== 0x0d) end += 1;
  return end;
}

/** Bytes before the first that neither is a letter of ASCII nor begins a whole character. */
function countGoodBytes(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = countBytesOfCharacter(bytes[at] ?? 0);
    const rest = bytes.subarray(at + 1, at + length);
    if (length === 0 || rest.length < length - 1 || !rest.every((byte) => (byte & 0xc0) === 0x80)) return at;
    at += length;
  }
  return at;
}

/** By its first byte; 0 where no character begins so. */
function countBytesOfCharacter(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, k) => bytes[k] === byte);
}

function refuse(message: string): LabError {
  return new LabError('FILE_UNREADABLE', { message, remedy: REMEDY });
}
