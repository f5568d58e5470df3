// Rows as columns of equal width, without borders, so that they can also be cut and searched.

export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => measureWidth(row[column] ?? ''))));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - measureWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
}

function measureWidth(text: string): number {
  return Array.from(text).length;
}
