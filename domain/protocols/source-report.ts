// What is told of a source of protocols when it is read: what was left out for an error, and what is perhaps not meant.

export interface SourceReport {
  /** For an error something is not published; of that file what was published before goes on. */
  readonly severity: 'error' | 'warning';
  /** As it lies on the machine of the lab. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy?: string;
  /** The compiler's number, `TS2345`. */
  readonly code?: string;
}

/** One line, with the place as editors and terminals know it. */
export function formatSourceReport({ severity, file, line, column, message, remedy, code }: SourceReport): string {
  const number = code === undefined ? '' : ` ${code}`;
  return `${file}:${line}:${column}: ${severity}${number}: ${message}${remedy === undefined ? '' : ` Remedy: ${remedy}`}`;
}
