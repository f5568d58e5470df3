// What a rehearsal says: whether the run would complete, what it would do, and what it would warn of.

import { Mark } from '../../status/marks.js';
import type { lab } from '../../live/lab.js';
import { sayLength } from '../../words/times.js';

type Report = Awaited<ReturnType<typeof lab.rehearseProtocol>>;

export function Rehearsal({ report }: { readonly report: Report }) {
  const { failure } = report;
  return (
    <section className="card rehearsal small" aria-label="Rehearsal">
      <Mark status={failure === undefined ? { shape: 'done', word: 'Would complete' } : { shape: 'failed', word: 'Would fail' }} />
      <span>
        {report.commands.length} commands · about {sayLength(report.expectedMs)}
      </span>
      {failure !== undefined && <span className="strong">{failure.message}</span>}
      {report.warnings.map((warning, index) => (
        <span key={index} className="quiet">
          {typeof warning === 'string' ? warning : JSON.stringify(warning)}
        </span>
      ))}
    </section>
  );
}
