// A part of a page that shows what the lab answered: while it loads, when it is empty, and when the lab refused.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemError } from '../../contract/client/client.js';

interface RegionProps<T> {
  readonly title: string;
  readonly query: UseQueryResult<T>;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly link?: ReactNode;
  readonly heightPx?: number;
  /** The one region of its page: its title is the page's. */
  readonly isWhole?: boolean;
  readonly children: (data: T) => ReactNode;
}

export function Region<T>({ title, query, aside, link, heightPx = 88, isWhole = false, children }: RegionProps<T>) {
  return (
    <section aria-label={title}>
      <div className="sectionHead">
        {isWhole ? <h1>{title}</h1> : <h2>{title}</h2>}
        {aside}
        {link}
      </div>
      {query.isError && <Refusal error={query.error} />}
      {query.data === undefined && !query.isError && <div className="skeleton" style={{ height: heightPx }} aria-busy="true" />}
      {query.data !== undefined && children(query.data)}
    </section>
  );
}

/** What the lab said and what to do, word for word. */
export function Refusal({ error }: { readonly error: Error }) {
  const problem = error instanceof ProblemError ? error.problem : undefined;
  return (
    <div className="problem small" role="alert">
      <span className="strong">{problem?.title ?? 'The lab did not answer'}</span>
      <span>{problem?.detail ?? error.message}</span>
      {problem?.remedy !== undefined && <span className="quiet">{problem.remedy}</span>}
      {problem !== undefined && <span className="quiet mono">{problem.code}</span>}
    </div>
  );
}
