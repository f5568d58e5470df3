// Whether the journal that a bridge greets with is the one that the lab knows. Both sides remember: Postgres which rows were
// shipped, the bridge up to which row Postgres had them. Where the two disagree one of them was lost, and nothing moves.

/** A row by what tells it from another one of the same number. */
export interface RowMark {
  readonly row: number;
  readonly kind: string;
  readonly atMs: number;
}

/** What Postgres knows of the journal of a workcell. */
export interface KnownJournal {
  /** Id of the journal that the workcell works with; null before the first. */
  readonly expectedId: string | null;
  /** Whether any command of the workcell was ever sent, under whatever journal. */
  readonly hasCommands: boolean;
  /** Newest shipped row of the journal that greets; undefined where nothing is known of it, null where none was shipped. */
  readonly shipped: RowMark | null | undefined;
  /** Of all that the lab has written down the newest time, whatever the clock says now; null where nothing stands there. */
  readonly newestAtMs: number | null;
}

export interface JournalLoss {
  /** For a person, one sentence. */
  readonly because: string;
  /** Not before anything that the lab has written down: the clock may have been set back since. */
  readonly foundAtMs: number;
  /** The journal misses no row: it is Postgres that has forgotten. */
  readonly isWhole: boolean;
}

/** Commands that began after the newest row that Postgres has of a journal, and had ended before it was lost: no list shows them. */
export interface JournalGap {
  /** When that row was written; null where there is none. */
  readonly since: string | null;
  /** Runs that may have sent commands since then. */
  readonly runs: readonly string[];
}

/** As it is kept until its acceptance. */
export interface KeptLoss extends JournalLoss {
  readonly gap?: JournalGap;
}

export type JournalVerdict =
  | { readonly is: 'known' }
  /** Never seen, and nothing has moved that it would have to know of. */
  | { readonly is: 'new' }
  /** `isCopy`: its rows are those of the known journal up to some row, and others from there on. */
  | { readonly is: 'lost'; readonly because: string; readonly isWhole: boolean; readonly isCopy: boolean };

/** What the hello of a bridge says of its journal. */
export interface Greeting {
  readonly bridgeId: string;
  readonly lastRow: number;
  readonly shippedRow: number;
  readonly hasMoved: boolean;
}

/** `kept` is what the bridge has under the number of the newest shipped row; undefined where it has none. */
export function judgeJournal(
  workcell: string,
  { bridgeId, lastRow, shippedRow, hasMoved }: Greeting,
  { known, kept }: { known: KnownJournal; kept: RowMark | undefined },
): JournalVerdict {
  const { expectedId, hasCommands, shipped } = known;
  const lose = (because: string, more: { isWhole?: boolean; isCopy?: boolean } = {}): JournalVerdict => ({
    is: 'lost',
    because,
    isWhole: more.isWhole ?? false,
    isCopy: more.isCopy ?? false,
  });
  const isExpected = expectedId === bridgeId || (expectedId === null && shipped !== undefined);
  if (!isExpected) {
    if (expectedId !== null) return lose(`The bridge of ${workcell} came back with another journal: the file was deleted or replaced.`);
    if (hasMoved)
      return lose(`The bridge of ${workcell} has moved machines of which this database knows nothing: the database was lost or replaced.`, {
        isWhole: true,
      });
    return hasCommands ? lose(`The bridge of ${workcell} has an empty journal, although commands were sent there before.`) : { is: 'new' };
  }
  if (shipped && lastRow < shipped.row)
    return lose(
      `The journal of ${workcell} ends at row ${lastRow}, although row ${shipped.row} was there before: an older copy was put in its place.`,
      { isCopy: true },
    );
  if (shipped && (kept?.kind !== shipped.kind || kept.atMs !== shipped.atMs))
    return lose(`Row ${shipped.row} of the journal of ${workcell} is another one than before: an older copy was put in its place.`, {
      isCopy: true,
    });
  const safeRow = shipped?.row ?? 0;
  if (shippedRow > safeRow)
    return lose(
      `The database knows the journal of ${workcell} up to row ${safeRow}, although it had row ${shippedRow} before: an older copy of it was put in its place.`,
      { isWhole: true },
    );
  return { is: 'known' };
}
