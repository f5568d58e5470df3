// A page of a list, and the problem document of a refused request: the two shapes every route shares.

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly remedy?: string;
  /** Every problem of the request where there are several; the first one is the document itself. */
  readonly problems?: readonly { readonly code: string; readonly detail: string; readonly field?: string }[];
}
