// Stops everything at the first press, on every page, also where the page is not live. It is no emergency stop, and says so when nobody answers.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { lab } from '../live/lab.js';
import { Refusal } from '../ui/region.js';
import { machines } from '../live/queries.js';
import { listWorkcells } from '../live/workcells.js';

const NO_ANSWER_MS = 2_000;
const TIMEOUT_MS = 30_000;

export function StopAll() {
  const cache = useQueryClient();
  const workcells = listWorkcells(useQuery(machines()).data?.items);
  const [isSilent, setSilent] = useState(false);
  const stop = useMutation({
    mutationFn: async () => {
      const startedAtMs = performance.now();
      const timer = window.setTimeout(() => setSilent(true), NO_ANSWER_MS);
      const names = workcells.length > 0 ? workcells : listWorkcells((await lab.listMachines()).items);
      await Promise.all(
        names.map((workcell) =>
          lab.stopAll({ params: { workcell }, body: { reason: 'stopped in the browser' } }, { timeoutMs: TIMEOUT_MS }),
        ),
      ).finally(() => {
        window.clearTimeout(timer);
        setSilent(false);
        void cache.invalidateQueries();
      });
      return { names, tookMs: Math.round(performance.now() - startedAtMs) };
    },
  });
  return (
    <>
      <button type="button" className="button stop" onClick={() => stop.mutate()}>
        Stop all
      </button>
      {(isSilent || stop.isError || stop.isSuccess) && (
        <div className="card stopSaid small" role="alert">
          {isSilent && <span className="strong">No answer. Use the emergency stop on the machine.</span>}
          {stop.isError && <Refusal error={stop.error} />}
          {stop.isSuccess && (
            <span>
              <span className="strong">Stopped after {stop.data.tookMs} ms.</span> {stop.data.names.join(', ')}: nothing begins until a
              person lifts it.
            </span>
          )}
          <button type="button" className="button" onClick={() => stop.reset()}>
            Close this
          </button>
        </div>
      )}
    </>
  );
}
