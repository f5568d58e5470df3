// The runs of the lab, newest first.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lastRuns } from '../../live/queries.js';
import { Mark, Simulated } from '../../status/marks.js';
import { toRunStatus } from '../../status/run-status.js';
import { Region } from '../../ui/region.js';
import { useNow } from '../../ui/use-now.js';
import { sayPosition } from '../../words/runs.js';
import { sayWhen } from '../../words/times.js';

export function RunsPage() {
  const nowMs = useNow();
  return (
    <div className="page">
      <Region title="Runs" isWhole query={useQuery(lastRuns())} link={<Link to="/start">Start a run</Link>}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <div className="empty">No run yet. Start one.</div>
          ) : (
            <div className="card">
              <table className="table">
                <thead>
                  <tr>
                    <th>Status</th>
                    <th>Protocol</th>
                    <th>How far</th>
                    <th>By</th>
                    <th className="number">Created</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((run) => (
                    <tr key={run.id}>
                      <td>
                        <Mark status={toRunStatus(run)} />
                      </td>
                      <td>
                        <Link to="/runs/$id" params={{ id: run.id }}>
                          {run.protocol}
                        </Link>{' '}
                        <span className="quiet">{run.version}</span> {run.mode === 'simulation' && <Simulated />}
                      </td>
                      <td className="quiet">{run.error?.message ?? sayPosition(run)}</td>
                      <td>{run.createdBy}</td>
                      <td className="number">{sayWhen(run.createdAt, nowMs)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {nextCursor !== undefined && <p className="small quiet page">These are the newest {items.length}; there are more.</p>}
            </div>
          )
        }
      </Region>
    </div>
  );
}
