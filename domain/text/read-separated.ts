// Reads separated text (RFC 4180, with any separator): quoted cells may hold separators, line ends and doubled quotes. Strict, because a
// cell that is read otherwise than it was meant moves another volume; lines are counted as an editor counts them.

export interface SeparatedLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Where the next one begins: offset in the text, and line. */
  readonly next: { readonly from: number; readonly line: number };
}

export interface TextFault {
  readonly line: number;
  /** Which cell of its line, from 1. */
  readonly column: number;
  readonly detail: string;
}

export interface SeparatedText {
  readonly lines: readonly SeparatedLine[];
  /** What ended the reading. */
  readonly fault?: TextFault;
}

interface Place {
  readonly text: string;
  readonly separator: string;
  at: number;
  line: number;
}

type Cell = { readonly text: string } | { readonly fault: string; readonly line: number };

/** Lines of cells in order; a cell without quotes comes without the blanks around it. `from` and `line` say where to begin. */
export function readSeparated(
  text: string,
  separator: string,
  { from = 0, line = 1, linesMax = Infinity }: { readonly from?: number; readonly line?: number; readonly linesMax?: number } = {},
): SeparatedText {
  const place: Place = { text, separator, at: from, line };
  const lines: SeparatedLine[] = [];
  while (place.at < text.length && lines.length < linesMax) {
    const first = place.line;
    const cells: string[] = [];
    do {
      const cell = text.charAt(place.at) === '"' ? readQuotedCell(place) : readPlainCell(place);
      if ('fault' in cell) return { lines, fault: { line: cell.line, column: cells.length + 1, detail: cell.fault } };
      cells.push(cell.text);
    } while (passSeparator(place));
    passLineEnd(place);
    lines.push({ line: first, cells, next: { from: place.at, line: place.line } });
  }
  return { lines };
}

/** The character by its number, where it is one that no text of a table holds. */
export function findControlCharacter(text: string): string | undefined {
  const found = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/u.exec(text)?.[0];
  return found === undefined ? undefined : nameCharacter(found);
}

/** A character that is there and cannot be seen, by its number. */
export function findInvisibleCharacter(text: string): string | undefined {
  const found = /\p{Cf}/u.exec(text)?.[0];
  return found === undefined ? undefined : nameCharacter(found);
}

function nameCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function readPlainCell(place: Place): Cell {
  const { text, separator, at: start, line } = place;
  let end = start;
  for (; end < text.length; end += 1) {
    const letter = text.charAt(end);
    if (letter === separator || letter === '\n' || letter === '\r') break;
    if (letter === '"') {
      const found = text.slice(start, end).trim() === '' ? 'blanks stand before its quote' : 'a quote stands in the middle of it';
      return { fault: `${found}; a cell with quotes is written whole in quotes, each of them doubled: "say ""so"""`, line };
    }
  }
  place.at = end;
  return checkCharacters(text.slice(start, end).trim(), line);
}

function readQuotedCell(place: Place): Cell {
  const { text, separator, at: opened, line } = place;
  for (let at = opened + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    const next = text.charAt(at + 1);
    if (letter === '\n' || (letter === '\r' && next !== '\n')) place.line += 1;
    if (letter !== '"') continue;
    if (next === '"') {
      at += 1;
      continue;
    }
    place.at = at + 1;
    if (next === '' || next === separator || next === '\n' || next === '\r')
      return checkCharacters(text.slice(opened + 1, at).replaceAll('""', '"'), line);
    const rest = /^[^\r\n]{0,20}/u.exec(text.slice(at + 1, at + 41))?.[0] ?? '';
    return {
      fault: `after its closing quote stands ${JSON.stringify(rest)}; write the whole cell in quotes, quotes within it doubled`,
      line: place.line,
    };
  }
  return { fault: 'its quote is never closed; close it at the end of the cell, or double it where it belongs to the text', line };
}

function checkCharacters(text: string, line: number): Cell {
  const control = findControlCharacter(text);
  return control === undefined ? { text } : { fault: `it holds the character ${control}, so this is no table of text`, line };
}

function passSeparator(place: Place): boolean {
  const isThere = place.text.charAt(place.at) === place.separator;
  if (isThere) place.at += 1;
  return isThere;
}

/** Each of CR LF, LF and CR ends one line. */
function passLineEnd(place: Place): void {
  if (place.at >= place.text.length) return;
  place.at += place.text.startsWith('\r\n', place.at) ? 2 : 1;
  place.line += 1;
}
