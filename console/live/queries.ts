// What pages read, each under the name that events make old.

import { queryOptions } from '@tanstack/react-query';
import { lab } from './lab.js';
import type { QueryKey } from './apply-event.js';

const key = (...of: QueryKey): QueryKey => of;
const OPEN_STATUSES = ['needs-operator', 'running', 'pausing', 'paused', 'cancelling', 'queued'] as const;
const LAST_RUNS = 30;
const COMMANDS_SHOWN = 200;

export const openItems = () =>
  queryOptions({ queryKey: key('inbox'), queryFn: ({ signal }) => lab.listInbox({ query: { status: 'open', limit: 200 } }, { signal }) });
export const openRuns = () =>
  queryOptions({
    queryKey: [...key('runs'), 'open'],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(OPEN_STATUSES.map((status) => lab.listRuns({ query: { status, limit: 200 } }, { signal })));
      return pages.flatMap(({ items }) => items);
    },
  });
export const lastRuns = () =>
  queryOptions({ queryKey: [...key('runs'), 'last'], queryFn: ({ signal }) => lab.listRuns({ query: { limit: LAST_RUNS } }, { signal }) });
export const machines = () => queryOptions({ queryKey: key('machines'), queryFn: ({ signal }) => lab.listMachines({}, { signal }) });
export const protocols = () => queryOptions({ queryKey: ['protocols'], queryFn: () => lab.readAll('listProtocols', {}), staleTime: 5_000 });
export const run = (id: string) =>
  queryOptions({ queryKey: key('run', id), queryFn: ({ signal }) => lab.getRun({ params: { id } }, { signal }) });
export const calls = (id: string) =>
  queryOptions({ queryKey: key('calls', id), queryFn: ({ signal }) => lab.getCalls({ params: { id } }, { signal }) });
export const commands = (id: string) =>
  queryOptions({
    queryKey: key('commands', id),
    queryFn: ({ signal }) => lab.listCommands({ params: { id }, query: { limit: COMMANDS_SHOWN } }, { signal }),
  });
export const stops = (workcells: readonly string[]) =>
  queryOptions({
    queryKey: [...key('stops'), ...workcells],
    queryFn: ({ signal }) => Promise.all(workcells.map((workcell) => lab.showStop({ params: { workcell } }, { signal }))),
    enabled: workcells.length > 0,
  });
