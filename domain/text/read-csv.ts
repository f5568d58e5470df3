// Reads comma-separated text (RFC 4180): quoted cells may hold commas, line ends and doubled quotes.

/** Lines of cells, empty lines left out; undefined where a quote is never closed. */
export function readCsv(text: string): readonly (readonly string[])[] | undefined {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endLine = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell !== '') lines.push(cells);
    cells = [];
    cell = '';
  };
  // A spreadsheet puts a mark in front that is no part of the first name.
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  for (let at = 0; at < body.length; at++) {
    const letter = body.charAt(at);
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (body.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell === '') isQuoted = true;
    else if (letter === ',') {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n') endLine();
    else if (letter !== '\r') cell += letter;
  }
  if (isQuoted) return undefined;
  endLine();
  return lines;
}
