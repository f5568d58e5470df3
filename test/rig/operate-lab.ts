// What a person does with a whole lab, for tests: starts runs, follows them to a status, looks at commands, items and
// events, answers. Reads bear an API that is away, because tests kill it.

import type { Command } from '../../domain/runs/command.js';
import type { LabEvent } from '../../domain/history/event.js';
import type { InboxItem } from '../../domain/inbox/inbox.js';
import type { JsonObject } from '../../domain/json/json.js';
import type { Run, RunStatus } from '../../domain/runs/run.js';
import { askBridge } from './kill-processes.js';
import { runCli, type CliResult } from './run-cli.js';
import { waitFor, type Lab } from './start-lab.js';

const RUN_WAIT_MS = 150_000;
const PAGE_LIMIT = 200;

export interface StartWish {
  readonly parameters?: JsonObject;
  readonly assets?: Readonly<Record<string, string>>;
  readonly timeScale?: number;
}

export async function startRun(lab: Lab, protocol: string, wish: StartWish = {}): Promise<string> {
  const run = await lab.api.startRun({ body: { protocol, ...wish } });
  return run.id;
}

/** Polls the run until what is looked for is there; an API that is away is asked again. */
export async function waitForRun(
  lab: Lab,
  runId: string,
  what: string,
  holds: (run: Run) => boolean,
  timeoutMs = RUN_WAIT_MS,
): Promise<Run> {
  let last: Run | undefined;
  const look = async (): Promise<Run | undefined> => {
    const run = await lab.api.getRun({ params: { id: runId } }).catch(() => undefined);
    if (run?.id !== runId) return undefined;
    last = run;
    return holds(run) ? run : undefined;
  };
  return waitFor(`run ${runId} ${what}`, look, { timeoutMs, explain: () => `It is ${JSON.stringify(last)}.` });
}

export function waitForEnd(lab: Lab, runId: string, timeoutMs = RUN_WAIT_MS): Promise<Run> {
  return waitForRun(lab, runId, 'to end', (run) => run.endedAt !== null, timeoutMs);
}

/** Fails at once where the run ends as something else. */
export async function waitForStatus(lab: Lab, runId: string, status: RunStatus): Promise<Run> {
  const run = await waitForRun(lab, runId, `to be ${status}`, (seen) => seen.status === status || seen.endedAt !== null);
  if (run.status !== status) throw new Error(`Run ${runId} was to be ${status}; it is ${JSON.stringify(run)}.`);
  return run;
}

export async function runToEnd(lab: Lab, protocol: string, wish: StartWish = {}): Promise<Run> {
  return waitForEnd(lab, await startRun(lab, protocol, wish));
}

/** Fails at once where the run ends before it. */
export async function waitForCommands(lab: Lab, runId: string, count: number): Promise<void> {
  const has = (run: Run): boolean => run.counts.commands.completed >= count;
  const run = await waitForRun(lab, runId, `to have done ${count} commands`, (seen) => has(seen) || seen.endedAt !== null);
  if (!has(run)) throw new Error(`Run ${runId} ended before ${count} commands: ${JSON.stringify(run)}.`);
}

/** In the order in which they began; all pages. */
export async function listCommands(lab: Lab, runId: string): Promise<readonly Command[]> {
  return lab.api.readAll('listCommands', { params: { id: runId } });
}

/** Of runs with fewer events than a page holds. */
export async function listEvents(lab: Lab, runId: string): Promise<readonly LabEvent[]> {
  const { items } = await lab.api.listEvents({ params: { id: runId }, query: { limit: PAGE_LIMIT } });
  return items;
}

export async function listItems(lab: Lab, runId: string): Promise<readonly InboxItem[]> {
  const { items } = await lab.api.listInbox({ query: { runId, limit: PAGE_LIMIT } });
  return items;
}

/** The one item of the run that waits for a person. */
export async function findOpenItem(lab: Lab, runId: string): Promise<InboxItem> {
  const open = (await listItems(lab, runId)).filter((item) => item.status === 'open');
  const [item] = open;
  if (!item || open.length > 1) throw new Error(`Run ${runId} has ${open.length} open items.`);
  return item;
}

/** `praxis answer`, as a person types it. */
export function answerByCli(lab: Lab, itemId: string, args: readonly string[]): Promise<CliResult> {
  return runCli(lab.env, ['answer', itemId, ...args]);
}

/** Names of the items that runs hold. */
export async function listHeld(lab: Lab): Promise<readonly string[]> {
  return (await lab.api.listReservations()).items.map(({ asset }) => asset);
}

/** The bridge's own view of machines, labware, wells and tip spots, by name. */
export async function readBridgeState(lab: Lab): Promise<Readonly<Record<string, JsonObject>>> {
  const { resources } = await askBridge(lab, (bridge) => bridge.request('state.read', {}));
  return resources as Readonly<Record<string, JsonObject>>;
}

export async function readMachineStatus(lab: Lab, name: string): Promise<string | undefined> {
  const { items } = await lab.api.listMachines();
  return items.find((machine) => machine.name === name)?.status;
}
