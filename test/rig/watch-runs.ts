// Starts runs on a whole lab and looks at them over HTTP as any client would: their end, commands, calls, events.

import type { Call } from '../../domain/call.js';
import type { Command } from '../../domain/command.js';
import type { LabEvent } from '../../domain/event.js';
import type { InboxItem } from '../../domain/inbox.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { Page } from '../../domain/page.js';
import type { Run } from '../../domain/run.js';
import { BridgeClient } from '../../workcell/bridge-client.js';
import { waitFor, type Lab } from './start-lab.js';

const PAGE = 200;
/** Whole plates on a machine that is busy with other things. */
const END_WAIT_MS = 240_000;

export interface StartRequest {
  readonly parameters?: JsonObject;
  readonly assets?: Readonly<Record<string, string>>;
  readonly timeScale?: number;
}

export interface RunWatch {
  start(protocol: string, request?: StartRequest): Promise<Run>;
  find(runId: string): Promise<Run>;
  waitForEnd(runId: string): Promise<Run>;
  runToEnd(protocol: string, request?: StartRequest): Promise<Run>;
  waitForStatus(runId: string, status: Run['status']): Promise<Run>;
  /** All commands in the order in which they began. */
  listCommands(runId: string): Promise<readonly Command[]>;
  waitForCommands(runId: string, count: number): Promise<void>;
  listEvents(runId: string): Promise<readonly LabEvent[]>;
  getTree(runId: string): Promise<Call>;
  listItems(runId: string): Promise<readonly InboxItem[]>;
  waitForItem(runId: string): Promise<InboxItem>;
  /** Names of items that a run holds. */
  listHeld(): Promise<readonly string[]>;
  /** The bridge's own view of machines and labware. */
  readState(): Promise<Readonly<Record<string, Readonly<Record<string, Json>>>>>;
}

export function watchRuns(lab: Lab): RunWatch {
  const readAll = async <T>(route: string): Promise<readonly T[]> => {
    const all: T[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Page<T> = await lab.get<Page<T>>(`${route}${route.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  };
  const watch: RunWatch = {
    start: async (protocol, request = {}) => {
      const { status, body } = await lab.post('/runs', { protocol, ...request });
      if (status !== 201) throw new Error(`Start of ${protocol} was refused: ${JSON.stringify(body)}`);
      return body as unknown as Run;
    },
    find: (runId) => lab.get<Run>(`/runs/${runId}`),
    waitForEnd: async (runId) => {
      let last: Run | undefined;
      const look = async (): Promise<Run | undefined> => {
        last = await watch.find(runId).catch(() => last);
        return last?.endedAt ? last : undefined;
      };
      return waitFor(`run ${runId} to end`, look, { timeoutMs: END_WAIT_MS, explain: () => JSON.stringify(last) });
    },
    runToEnd: async (protocol, request) => watch.waitForEnd((await watch.start(protocol, request)).id),
    waitForStatus: (runId, status) => waitForRun(watch, runId, { what: status, holds: (run) => run.status === status }),
    listCommands: (runId) => readAll<Command>(`/runs/${runId}/commands`),
    waitForCommands: async (runId, count) => {
      await waitForRun(watch, runId, { what: `${count} commands`, holds: (run) => run.counts.commands.completed >= count });
    },
    listEvents: async (runId) => {
      const all: LabEvent[] = [];
      for (;;) {
        const { items } = await lab.get<Page<LabEvent>>(`/runs/${runId}/events?limit=${PAGE}&after=${all.at(-1)?.pos ?? 0}`);
        if (items.length === 0) return all;
        all.push(...items);
      }
    },
    getTree: (runId) => lab.get<Call>(`/runs/${runId}/calls`),
    listItems: async (runId) => (await lab.get<Page<InboxItem>>(`/inbox?runId=${runId}&limit=${PAGE}`)).items,
    waitForItem: (runId) => waitFor(`an inbox item of run ${runId}`, async () => (await watch.listItems(runId).catch(() => [])).find(({ status }) => status === 'open')),
    listHeld: async () => (await lab.get<Page<{ asset: string }>>('/reservations')).items.map(({ asset }) => asset),
    readState: async () => {
      const bridge = new BridgeClient((await lab.record()).bridgeSocket);
      try {
        return (await bridge.request('state.read', {})).resources as Readonly<Record<string, Readonly<Record<string, Json>>>>;
      } finally {
        bridge.close();
      }
    },
  };
  return watch;
}

/** Fails at once where the run ends without it. */
function waitForRun(watch: RunWatch, runId: string, { what, holds }: { what: string; holds: (run: Run) => boolean }): Promise<Run> {
  let last: Run | undefined;
  const look = async (): Promise<Run | undefined> => {
    last = await watch.find(runId);
    if (holds(last)) return last;
    if (last.endedAt !== null) throw new Error(`Run ${runId} ended before ${what}: ${JSON.stringify(last)}`);
    return undefined;
  };
  return waitFor(`${what} of run ${runId}`, look, { timeoutMs: END_WAIT_MS, explain: () => JSON.stringify(last) });
}
