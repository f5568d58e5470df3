// What a run has ended with: its result, or why not and what to do.

import type { Run } from '../../status/run-status.js';

export function Outcome({ run: { status, result, error } }: { readonly run: Run }) {
  if (error !== undefined)
    return (
      <div className="problem small">
        <span className="strong">{error.message}</span>
        {error.callPath !== undefined && <span className="mono">{error.callPath}</span>}
        {error.remedy !== undefined && <span>{error.remedy}</span>}
        <span className="quiet mono">{error.code}</span>
      </div>
    );
  if (status !== 'completed') return null;
  return (
    <section className="card outcome small" aria-label="Result">
      <span className="strong">Result</span>
      <pre className="mono">{JSON.stringify(result ?? null, null, 2)}</pre>
    </section>
  );
}
