// One row of what needs a person: what it is, whose it is, since when.

import { Link } from '@tanstack/react-router';
import { Mark, Pill } from '../../status/marks.js';
import { toRunStatus, type InboxItem, type Run } from '../../status/run-status.js';
import { sayClock, sayLength } from '../../words/times.js';
import { ITEM_WORDS, sayWaiting } from '../../words/runs.js';

const MINUTE_MS = 60_000;

function Age({ since, nowMs }: { readonly since: string; readonly nowMs: number }) {
  const lasts = nowMs - Date.parse(since);
  return (
    <span className="age small number">
      <span className="strong">{lasts < MINUTE_MS ? 'now' : sayLength(Math.floor(lasts / MINUTE_MS) * MINUTE_MS)}</span>{' '}
      <span className="quiet">since {sayClock(since)}</span>
    </span>
  );
}

export function NeedRow({ item, nowMs }: { readonly item: InboxItem; readonly nowMs: number }) {
  const { subject, protocol, escalatedAt, createdAt, runId } = item;
  const { word, action } = ITEM_WORDS[subject.kind];
  return (
    <div className="need">
      <span>
        <Pill word={word} />
      </span>
      <span className="two">
        <span className="strong oneLine">{subject.text}</span>
        <span className="small quiet oneLine">{protocol ?? 'the lab itself'}</span>
      </span>
      <span className="escalation small quiet">{escalatedAt === undefined ? '' : `Escalated ${sayClock(escalatedAt)}`}</span>
      <Age since={createdAt} nowMs={nowMs} />
      {runId === null ? (
        <Link to="/inbox" className="button">
          {action}
        </Link>
      ) : (
        <Link to="/runs/$id" params={{ id: runId }} className="button">
          {action}
        </Link>
      )}
    </div>
  );
}

export function QueuedRow({ run, nowMs }: { readonly run: Run; readonly nowMs: number }) {
  return (
    <div className="need waits">
      <Mark status={toRunStatus(run)} />
      <span className="small oneLine">
        <span className="strong">{run.protocol}</span> <span className="quiet">{sayWaiting(run)}</span>
      </span>
      <span className="escalation" />
      <Age since={run.createdAt} nowMs={nowMs} />
      <Link to="/runs/$id" params={{ id: run.id }} className="button plain">
        Open run
      </Link>
    </div>
  );
}
