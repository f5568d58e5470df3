// Rows as columns of equal width, without borders, so that they can also be cut and searched. On a terminal they fit its width.

const GAP = 2;
/** Narrower no column becomes; a terminal that has less room than that breaks lines. */
const COLUMN_LEAST = 8;

/** With a width the widest columns give way until a row fits; a first column that is cut is still the beginning of what it names. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[], width: number | null = null): string[] {
  const all = [header, ...rows];
  const natural = header.map((_, column) => Math.max(...all.map((row) => measureWidth(row[column] ?? ''))));
  const widths = width === null ? natural : fitWidths(natural, width);
  return all.map((row) =>
    row
      .map((cell, column) => {
        const room = widths[column] ?? 0;
        const isCut = room < (natural[column] ?? 0);
        const shown = isCut ? cut(cell, room, column === 0) : cell;
        return column === row.length - 1 ? shown : shown + ' '.repeat(Math.max(0, room - measureWidth(shown)));
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function fitWidths(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let tooMuch = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - width;
  while (tooMuch > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const at = widths[widest] ?? 0;
    if (at <= COLUMN_LEAST) break;
    widths[widest] = at - 1;
    tooMuch -= 1;
  }
  return widths;
}

function cut(cell: string, room: number, isName: boolean): string {
  const signs = Array.from(cell);
  if (signs.length <= room) return cell;
  return isName ? signs.slice(0, room).join('') : `${signs.slice(0, room - 1).join('')}…`;
}

const COLOURS = /\u001b\[\d+m/gu;

function measureWidth(text: string): number {
  return Array.from(text.replace(COLOURS, '')).length;
}
