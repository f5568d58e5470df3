// Home: what needs a person first, then what runs, the machines, and what has ended last.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lastRuns, machines, openItems, openRuns } from '../../live/queries.js';
import { Count, Mark, Simulated } from '../../status/marks.js';
import { isEnded, toMachineStatus, toRunStatus, type Machine, type Run } from '../../status/run-status.js';
import { Region } from '../../ui/region.js';
import { useNow } from '../../ui/use-now.js';
import { sayLength, sayWhen } from '../../words/times.js';
import { sayPosition } from '../../words/runs.js';
import { NeedRow, QueuedRow } from './need-row.js';
import './home.css';

/** A queued run is worth a look when it has waited so long. */
const WAITS_LONG_MS = 600_000;
const ENDED_SHOWN = 5;

export function HomePage() {
  const nowMs = useNow();
  const open = useQuery(openRuns());
  const last = useQuery(lastRuns());
  const all = useQuery(machines());
  const queued = open.data?.filter(({ status, createdAt }) => status === 'queued' && nowMs - Date.parse(createdAt) > WAITS_LONG_MS) ?? [];
  // The strip says it once where everything is simulated; else each row does.
  const isMixed = all.data?.items.some(({ mode }) => mode !== 'simulation') ?? false;
  const isFirst = last.data?.items.length === 0;
  return (
    <div className="page home">
      <h1 className="heard">Home</h1>
      {isFirst && <FirstRun />}
      <div className="whole">
        <NeedsYou queued={queued} nowMs={nowMs} />
      </div>
      <div className="column">
        <Region
          title="Running"
          query={open}
          aside={<span className="quiet">{open.data?.length ?? ''}</span>}
          link={<Link to="/runs">All runs</Link>}
        >
          {(runs) =>
            runs.length === 0 ? (
              <div className="empty">Nothing runs.</div>
            ) : (
              <div className="card">
                {runs.map((run) => (
                  <RunRow key={run.id} run={run} nowMs={nowMs} isMixed={isMixed} />
                ))}
              </div>
            )
          }
        </Region>
        <Region title="Machines" query={all} aside={<span className="quiet">{all.data?.items.length ?? ''}</span>}>
          {({ items: shown }) => (
            <div className="machines">
              {shown.map((machine) => (
                <MachineCard
                  key={machine.id}
                  machine={machine}
                  isMixed={isMixed}
                  holder={open.data?.find(({ id }) => id === machine.heldByRunId)}
                />
              ))}
            </div>
          )}
        </Region>
      </div>
      <div className="column">
        <Region title="Last runs" query={last} link={<Link to="/runs">History</Link>}>
          {({ items: runs }) => {
            const ended = runs.filter(({ status }) => isEnded(status)).slice(0, ENDED_SHOWN);
            return ended.length === 0 ? (
              <div className="empty">No run has ended yet.</div>
            ) : (
              <div className="card">
                {ended.map((run) => (
                  <EndedRow key={run.id} run={run} nowMs={nowMs} />
                ))}
              </div>
            );
          }}
        </Region>
      </div>
    </div>
  );
}

function NeedsYou({ queued, nowMs }: { readonly queued: readonly Run[]; readonly nowMs: number }) {
  const items = useQuery(openItems());
  return (
    <Region
      title="Needs you"
      query={items}
      aside={(items.data?.items.length ?? 0) > 0 && <Count of={items.data?.items.length ?? 0} />}
      link={<Link to="/inbox">Inbox</Link>}
    >
      {({ items: waiting }) =>
        waiting.length + queued.length === 0 ? (
          <div className="empty">Nothing waits for you. Questions, refills and doubts of a run appear here, oldest first.</div>
        ) : (
          <div className="card needs">
            {[...waiting]
              .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
              .map((item) => (
                <NeedRow key={item.id} item={item} nowMs={nowMs} />
              ))}
            {queued.map((run) => (
              <QueuedRow key={run.id} run={run} nowMs={nowMs} />
            ))}
          </div>
        )
      }
    </Region>
  );
}

function FirstRun() {
  return (
    <section className="whole first card">
      <h2>Run your first protocol</h2>
      <p className="quiet">
        serial_dilution dilutes samples over a plate on a simulated liquid handler. Nothing real moves. Watch its calls and commands while
        it runs.
      </p>
      <div className="line">
        <Link to="/start/$protocol" params={{ protocol: 'serial_dilution' }} className="button primary">
          Start serial_dilution
        </Link>
        <Link to="/start" className="button">
          Browse protocols
        </Link>
      </div>
    </section>
  );
}

function RunRow({ run, nowMs, isMixed }: { readonly run: Run; readonly nowMs: number; readonly isMixed: boolean }) {
  const lasted = nowMs - Date.parse(run.startedAt ?? run.createdAt);
  return (
    <Link to="/runs/$id" params={{ id: run.id }} className="runRow">
      <Mark status={toRunStatus(run)} isQuiet />
      <span className="two">
        <span className="line">
          <span className="strong oneLine">{run.protocol}</span>
          {isMixed && run.mode === 'simulation' && <Simulated />}
        </span>
        <span className="small quiet oneLine">{sayPosition(run)}</span>
      </span>
      <span className="small quiet number">{sayLength(lasted)}</span>
    </Link>
  );
}

function EndedRow({ run, nowMs }: { readonly run: Run; readonly nowMs: number }) {
  const lasted =
    run.startedAt !== null && run.endedAt !== null ? sayLength(Date.parse(run.endedAt) - Date.parse(run.startedAt)) : 'never began';
  return (
    <Link to="/runs/$id" params={{ id: run.id }} className="runRow">
      <Mark status={toRunStatus(run)} isQuiet />
      <span className="two">
        <span className="small strong oneLine">{run.protocol}</span>
        <span className="caption quiet oneLine">{run.error === undefined ? `${lasted}, by ${run.createdBy}` : run.error.message}</span>
      </span>
      <span className="caption quiet number">{run.endedAt === null ? '' : sayWhen(run.endedAt, nowMs)}</span>
    </Link>
  );
}

function MachineCard({
  machine,
  isMixed,
  holder,
}: {
  readonly machine: Machine;
  readonly isMixed: boolean;
  readonly holder: Run | undefined;
}) {
  return (
    <div className={machine.status === 'quarantined' ? 'machine act' : 'machine'}>
      <div className="line">
        <span className="strong oneLine">{machine.name}</span>
        {isMixed && machine.mode === 'simulation' && <Simulated />}
        <span className="grow" />
        <span className="caption quiet oneLine">{machine.type}</span>
      </div>
      <div className="small">
        <Mark status={toMachineStatus(machine)} />
      </div>
      <div className="caption quiet oneLine">{machine.statusReason ?? holder?.protocol ?? machine.workcell}</div>
    </div>
  );
}
