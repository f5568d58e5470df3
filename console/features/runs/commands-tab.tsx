// The commands of a run, one a row.

import { useQuery } from '@tanstack/react-query';
import { commands } from '../../live/queries.js';
import { Mark } from '../../status/marks.js';
import { toCommandStatus, type Command } from '../../status/run-status.js';
import { Refusal } from '../../ui/region.js';
import { sayClock, sayLength } from '../../words/times.js';

export function CommandsTab({ id }: { readonly id: string }) {
  const query = useQuery(commands(id));
  if (query.isError) return <Refusal error={query.error} />;
  if (query.data === undefined) return <div className="skeleton" style={{ height: 88 }} aria-busy="true" />;
  const { items, nextCursor } = query.data;
  if (items.length === 0) return <div className="empty">No command yet.</div>;
  return (
    <div className="card">
      <table className="table">
        <thead>
          <tr>
            <th>Began</th>
            <th>Machine</th>
            <th>Method</th>
            <th>Arguments</th>
            <th>Status</th>
            <th className="number">Took</th>
          </tr>
        </thead>
        <tbody>
          {items.map((command) => (
            <Row key={command.id} command={command} />
          ))}
        </tbody>
      </table>
      {nextCursor !== undefined && <p className="small quiet page">These are the first {items.length}; there are more.</p>}
    </div>
  );
}

function Row({ command }: { readonly command: Command }) {
  const { beganAt, endedAt, machine, method, arguments: given, retry, error } = command;
  return (
    <tr>
      <td className="number">{beganAt === null ? '' : sayClock(beganAt, true)}</td>
      <td>{machine}</td>
      <td className="strong">{method}</td>
      <td className="mono wrapped">{JSON.stringify(given)}</td>
      <td>
        <Mark status={toCommandStatus(command)} />
        {retry > 0 && <span className="quiet"> attempt {retry + 1}</span>}
        {error !== undefined && <div className="quiet">{error.message}</div>}
      </td>
      <td className="number">{beganAt === null || endedAt === null ? '' : sayLength(Date.parse(endedAt) - Date.parse(beganAt))}</td>
    </tr>
  );
}
