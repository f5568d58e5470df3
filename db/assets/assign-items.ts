// The best whole match: of all ways to give each place an item of its own, the one whose weights add up to the least.

/** Rows are places, columns items; infinite where the item does not fit. */
export type Weights = readonly (readonly number[])[];

export interface Match {
  /** Column of each row, in order. */
  readonly columns: readonly number[];
  /** The first row for which no item is left, whatever the others take. */
  readonly missing?: number;
}

/** The Hungarian method: one row after the other, each by the cheapest chain of exchanges with those before. */
export function assignItems(weights: Weights): Match {
  const width = weights[0]?.length ?? 0;
  const state: State = {
    rowPrice: [],
    columnPrice: Array.from({ length: width }, () => 0),
    owner: Array.from({ length: width }, () => -1),
  };
  for (let row = 0; row < weights.length; row += 1) {
    state.rowPrice[row] = 0;
    if (!addRow(weights, state, row)) return { columns: toColumns(state, row), missing: row };
  }
  return { columns: toColumns(state, weights.length) };
}

export function addWeights(weights: Weights, { columns }: Match): number {
  return columns.reduce((sum, column, row) => sum + (weights[row]?.[column] ?? Infinity), 0);
}

interface State {
  /** What a row pays, and what a column takes off: their sum is the weight where both belong together, and never more elsewhere. */
  readonly rowPrice: number[];
  readonly columnPrice: number[];
  /** Row of each column; -1 for none. */
  readonly owner: number[];
}

function addRow(weights: Weights, state: State, added: number): boolean {
  const { rowPrice, columnPrice, owner } = state;
  const slack = columnPrice.map(() => Infinity);
  const before = columnPrice.map(() => -1);
  const seen = new Set<number>();
  let [row, column] = [added, -1];
  for (;;) {
    if (column >= 0) seen.add(column);
    const nearest = lowerSlack({ weights, state, slack, before, seen }, row, column);
    const step = slack[nearest] ?? Infinity;
    if (step === Infinity) return false;
    rowPrice[added] = (rowPrice[added] ?? 0) + step;
    for (const each of seen) {
      const owning = owner[each] ?? -1;
      rowPrice[owning] = (rowPrice[owning] ?? 0) + step;
      columnPrice[each] = (columnPrice[each] ?? 0) - step;
    }
    for (let each = 0; each < slack.length; each += 1) if (!seen.has(each)) slack[each] = (slack[each] ?? Infinity) - step;
    column = nearest;
    row = owner[column] ?? -1;
    if (row < 0) break;
  }
  for (let taken = column; taken >= 0; ) {
    const from = before[taken] ?? -1;
    owner[taken] = from < 0 ? added : (owner[from] ?? -1);
    taken = from;
  }
  return true;
}

interface Search {
  readonly weights: Weights;
  readonly state: State;
  readonly slack: number[];
  readonly before: number[];
  readonly seen: ReadonlySet<number>;
}

/** What each column not seen yet lacks when it is reached by way of `row`; the one that lacks least. */
function lowerSlack({ weights, state, slack, before, seen }: Search, row: number, column: number): number {
  let nearest = -1;
  for (let each = 0; each < slack.length; each += 1) {
    if (seen.has(each)) continue;
    const lacks = (weights[row]?.[each] ?? Infinity) - (state.rowPrice[row] ?? 0) - (state.columnPrice[each] ?? 0);
    if (lacks < (slack[each] ?? Infinity)) {
      slack[each] = lacks;
      before[each] = column;
    }
    if (nearest < 0 || (slack[each] ?? Infinity) < (slack[nearest] ?? Infinity)) nearest = each;
  }
  return nearest;
}

function toColumns({ owner }: State, rows: number): readonly number[] {
  return Array.from({ length: rows }, (_, row) => owner.indexOf(row));
}
