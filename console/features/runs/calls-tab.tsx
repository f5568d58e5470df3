// The calls of a run as a tree: who called whom, how it ended, how long it took.

import { useQuery } from '@tanstack/react-query';
import { calls } from '../../live/queries.js';
import { Mark } from '../../status/marks.js';
import { toCallStatus, type Call } from '../../status/run-status.js';
import { Refusal } from '../../ui/region.js';
import { sayLength } from '../../words/times.js';

const INDENT_PX = 20;

export function CallsTab({ id }: { readonly id: string }) {
  const query = useQuery(calls(id));
  if (query.isError) return <Refusal error={query.error} />;
  if (query.data === undefined) return <div className="skeleton" style={{ height: 88 }} aria-busy="true" />;
  if (query.data === null) return <div className="empty">No call yet.</div>;
  return (
    <div className="card" role="tree" aria-label="Calls">
      <Branch call={query.data} level={1} />
    </div>
  );
}

function Branch({ call, level }: { readonly call: Call; readonly level: number }) {
  const unread = call.childCount - call.children.length;
  const lasted = call.endedAt === null ? '' : sayLength(Date.parse(call.endedAt) - Date.parse(call.startedAt));
  return (
    <>
      <div className="call small" role="treeitem" aria-level={level} style={{ paddingLeft: 12 + (level - 1) * INDENT_PX }}>
        <Mark status={toCallStatus(call)} size={14} isQuiet />
        <span className="strong">{call.name}</span>
        <span className="quiet oneLine grow">{sayArguments(call)}</span>
        <span className="quiet number">{lasted}</span>
      </div>
      {call.error !== undefined && (
        <div className="callError small" style={{ paddingLeft: 34 + (level - 1) * INDENT_PX }}>
          {call.error.message}
        </div>
      )}
      {call.children.map((child) => (
        <Branch key={child.path} call={child} level={level + 1} />
      ))}
      {unread > 0 && (
        <div className="call small quiet" style={{ paddingLeft: 12 + level * INDENT_PX }}>
          and {unread} more
        </div>
      )}
    </>
  );
}

function sayArguments({ arguments: given }: Call): string {
  return Object.entries(given)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
