// Histories kept for the replay tests: one file for each way through a protocol, with every execution of the run and of its
// children, compressed, without what names the machine that they were made on.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { findProjectRoot } from '../../platform/paths.js';

type History = ReturnType<typeof historyFromJSON>;

export interface KeptExecution {
  readonly workflowId: string;
  readonly history: History;
}

const FOLDER = path.join(findProjectRoot(), 'test', 'histories');
const ENDING = '.json.gz';
/** Replay does not look at them; stack traces hold paths. */
const LEFT_OUT = ['identity', 'stackTrace'];

/** `<protocol>` or `<protocol>.<case>`. */
export function listKeptNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length));
}

export function readKept(name: string): readonly KeptExecution[] {
  const text = gunzipSync(readFileSync(path.join(FOLDER, `${name}${ENDING}`))).toString('utf8');
  const kept = JSON.parse(text) as { workflowId: string; history: unknown }[];
  return kept.map(({ workflowId, history }) => ({ workflowId, history: historyFromJSON(history) }));
}

/** Returns how many executions were kept. */
export async function keepHistories(name: string, executions: readonly KeptExecution[]): Promise<number> {
  await mkdir(FOLDER, { recursive: true });
  const strip = (key: string, value: unknown): unknown => (LEFT_OUT.includes(key) ? undefined : value);
  const kept = executions.map(({ workflowId, history }) => ({ workflowId, history: JSON.parse(historyToJSON(history)) as unknown }));
  await writeFile(path.join(FOLDER, `${name}${ENDING}`), gzipSync(JSON.stringify(kept, strip), { level: 9 }));
  return executions.length;
}

/** Every execution of a closed workflow from the first on, and of the children that they started. */
export async function fetchExecutions(client: Client, workflowId: string): Promise<readonly KeptExecution[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const executions: KeptExecution[] = [];
  const children = new Set<string>();
  let runId: string | undefined = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  while (runId !== undefined) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    executions.push({ workflowId, history });
    for (const event of history.events ?? []) {
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
      if (typeof child === 'string') children.add(child);
    }
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  for (const child of children) executions.push(...(await fetchExecutions(client, child)));
  return executions;
}

/** How often the first workflow of a file continued as new. */
export function countContinuations(executions: readonly KeptExecution[]): number {
  const [first] = executions;
  return executions.filter(({ workflowId }) => workflowId === first?.workflowId).length - 1;
}
