// The one strip below the top bar: the worst of what is not as usual.

import { useMutation, useQuery } from '@tanstack/react-query';
import { lab } from '../live/lab.js';
import { useLive } from '../live/use-live.js';
import { Simulated } from '../status/marks.js';
import { sayClock } from '../words/times.js';
import { machines, stops } from '../live/queries.js';
import { listWorkcells } from '../live/workcells.js';

export function Strip() {
  const { isLive, sinceMs } = useLive();
  const all = useQuery(machines()).data?.items;
  const stopped = useQuery(stops(listWorkcells(all))).data?.filter(({ isStopped }) => isStopped) ?? [];
  if (!isLive)
    return (
      <aside aria-label="State of the lab" className="strip notLive">
        Not live since {sayClock(sinceMs, true)}. Trying again.
      </aside>
    );
  if (stopped[0] !== undefined) return <Stopped stop={stopped[0]} />;
  if (all !== undefined && all.length > 0 && all.every(({ mode }) => mode === 'simulation'))
    return (
      <aside aria-label="State of the lab" className="strip simulation">
        <Simulated />
        <span>Simulation: nothing real moves</span>
      </aside>
    );
  return null;
}

interface StopShown {
  readonly workcell: string;
  readonly rev: number;
  readonly by: string;
  readonly reason: string;
}

function Stopped({ stop: { workcell, rev, by, reason } }: { readonly stop: StopShown }) {
  const lift = useMutation({
    mutationFn: () => lab.releaseStop({ params: { workcell }, body: { rev, reason: 'looked at the machines' } }, { timeoutMs: 30_000 }),
  });
  return (
    <aside aria-label="State of the lab" className="strip stopped">
      <span className="strong">{workcell} is stopped</span>
      <span className="quiet grow oneLine">
        by {by}
        {reason === '' ? '' : `: ${reason}`}
        {lift.isError ? ` · ${lift.error.message}` : ''}
      </span>
      <button type="button" className="button" disabled={lift.isPending} onClick={() => lift.mutate()}>
        I have looked at {workcell}: lift the stop
      </button>
    </aside>
  );
}
