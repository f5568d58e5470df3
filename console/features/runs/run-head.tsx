// The head of a run: its status, what it is, how far it has come, and its controls. What a control does is said by the lab alone.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { lab } from '../../live/lab.js';
import { Mark, Simulated } from '../../status/marks.js';
import { isEnded, toRunStatus, type Run } from '../../status/run-status.js';
import { Refusal } from '../../ui/region.js';
import { useNow } from '../../ui/use-now.js';
import { PAUSE_WORDS, sayPosition } from '../../words/runs.js';
import { sayClock, sayLength } from '../../words/times.js';

export function RunHead({ run }: { readonly run: Run }) {
  const nowMs = useNow();
  const status = toRunStatus(run);
  const until = run.endedAt === null ? nowMs : Date.parse(run.endedAt);
  const lasted = run.startedAt === null ? undefined : sayLength(until - Date.parse(run.startedAt));
  return (
    <header className="runHead">
      <span className="runStatus">
        <Mark status={status} size={24} />
      </span>
      <div className="two grow">
        <div className="line">
          <h1 className="strong oneLine">{run.protocol}</h1>
          <span className="quiet">{run.version}</span>
          {run.mode === 'simulation' && <Simulated />}
          <span className="small quiet oneLine">
            by {run.createdBy}, {sayClock(run.createdAt)}
            {lasted === undefined ? '' : ` · ${lasted}`}
          </span>
        </div>
        <div className="small oneLine">{sayPosition(run)}</div>
        <div className="caption quiet mono oneLine">{run.id}</div>
      </div>
      {isEnded(run.status) ? (
        <Link to="/start/$protocol" params={{ protocol: run.protocol }} className="button">
          Run again
        </Link>
      ) : (
        <Controls run={run} />
      )}
    </header>
  );
}

function Controls({ run }: { readonly run: Run }) {
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const params = { id: run.id };
  const control = useMutation({
    mutationFn: (wish: 'pauseRun' | 'resumeRun' | 'cancelRun') => lab[wish]({ params, body: { reason: 'in the browser' } }),
    onSettled: () => void cache.invalidateQueries({ queryKey: ['run', run.id] }),
  });
  const isPaused = run.pauseReasons.includes('operator');
  const others = run.pauseReasons.filter((reason) => reason !== 'operator');
  const stays = others.map((reason) => PAUSE_WORDS[reason]).join(', ');
  return (
    <div className="controls">
      <div className="line">
        {isPaused ? (
          <button
            type="button"
            className="button"
            disabled={control.isPending}
            title={others.length === 0 ? 'Takes away your pause: the run goes on' : `Stays held: ${stays}`}
            onClick={() => control.mutate('resumeRun')}
          >
            Resume
          </button>
        ) : (
          <button
            type="button"
            className="button"
            disabled={control.isPending || run.status === 'cancelling'}
            title="The running command ends, nothing new begins."
            onClick={() => control.mutate('pauseRun')}
          >
            Pause
          </button>
        )}
        <button
          type="button"
          className="button warn"
          disabled={run.status === 'cancelling'}
          aria-expanded={isAsking}
          onClick={() => setAsking(true)}
        >
          Cancel run…
        </button>
      </div>
      {isAsking && (
        <AskToCancel
          protocol={run.protocol}
          onAnswer={(isMeant) => {
            setAsking(false);
            if (isMeant) control.mutate('cancelRun');
          }}
        />
      )}
      {control.isError && <Refusal error={control.error} />}
    </div>
  );
}

/** Escape chooses what stays true. */
function AskToCancel({ protocol, onAnswer }: { readonly protocol: string; readonly onAnswer: (isMeant: boolean) => void }) {
  return (
    <div
      className="card asking small"
      role="group"
      aria-label="Cancel the run"
      onKeyDown={({ key }) => key === 'Escape' && onAnswer(false)}
    >
      <span className="strong">Cancel {protocol}?</span>
      <span>The running command ends or is stopped, its cleanups run, then its items are free.</span>
      <div className="line">
        <button type="button" className="button warn" onClick={() => onAnswer(true)}>
          Cancel the run
        </button>
        <button type="button" className="button" autoFocus onClick={() => onAnswer(false)}>
          Keep running
        </button>
      </div>
    </div>
  );
}
