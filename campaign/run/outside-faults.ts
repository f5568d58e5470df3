// Faults that come to runs from outside of them: a run or one of its calls is terminated in Temporal, and a run whose code
// nothing stops goes on beside the others until a person terminates it.

import { Client, Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { ask } from './observer.js';
import type { Rig } from './rig.js';
import { startRun } from './start-run.js';

/** The lab may just be starting again. */
const FOUND_LIMIT_MS = 90_000;
/** The lab may have to start first; the runs before it may hold its machines. */
const STUCK_LIMIT_MS = 300_000;
const ENDED_LIMIT_MS = 60_000;
const POLL_MS = 100;
const CONNECT_TIMEOUT_MS = 10_000;
const ENDED = ['completed', 'failed', 'cancelled'];
/** Runs that a case proves something with; what mends a machine is left alone. */
const PROGRAMS: readonly string[] = ['liquid_program', 'instrument_program', 'liquid_part', 'instrument_part'];

export function terminateRoot(rig: Rig, fault: Fault): Promise<boolean> {
  return terminateOne(rig, fault, (workflowId) => !workflowId.includes('/'));
}

export function terminateChild(rig: Rig, fault: Fault): Promise<boolean> {
  return terminateOne(rig, fault, (workflowId) => workflowId.includes('/'));
}

/** The first that is found; waited for where none is under way. */
async function terminateOne(rig: Rig, { atMs }: Fault, isMeant: (workflowId: string) => boolean): Promise<boolean> {
  const giveUpAtMs = Date.now() + FOUND_LIMIT_MS;
  while (Date.now() < giveUpAtMs) {
    const hasEnded = await withTemporal(rig, async (client) => {
      const open: string[] = [];
      for await (const { workflowId, type } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
        if (PROGRAMS.includes(type) && isMeant(workflowId)) open.push(workflowId);
      const chosen = open.sort()[atMs % Math.max(1, open.length)];
      if (chosen === undefined) return false;
      await client.workflow.getHandle(chosen).terminate('campaign');
      return true;
    });
    if (hasEnded) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** The lab refuses to execute it after the second time and tells people, and one of them ends it. */
export async function runDeafCode(rig: Rig): Promise<boolean> {
  const runId = await startRun(rig, { protocol: 'mistaken_program', steps: [{ do: 'mistake', kind: 'deaf' }], commands: 0 }, undefined);
  const isStuck = await waitForStatus(rig, runId, { statuses: ['needs-operator', ...ENDED], limitMs: STUCK_LIMIT_MS });
  await withTemporal(rig, async (client) => {
    await client.workflow.getHandle(runId).terminate('campaign');
    return true;
  });
  return (await waitForStatus(rig, runId, { statuses: ENDED, limitMs: ENDED_LIMIT_MS })) && isStuck;
}

async function waitForStatus(
  rig: Rig,
  runId: string,
  { statuses, limitMs }: { statuses: readonly string[]; limitMs: number },
): Promise<boolean> {
  const giveUpAtMs = Date.now() + limitMs;
  while (Date.now() < giveUpAtMs) {
    const run = await ask(() => rig.api.getRun({ params: { id: runId } }));
    if (run !== undefined && statuses.includes(run.status)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** False where Temporal is away by another fault. */
async function withTemporal(rig: Rig, work: (client: Client) => Promise<boolean>): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address: rig.places.temporalAddress, connectTimeout: CONNECT_TIMEOUT_MS });
    try {
      return await work(new Client({ connection, namespace: rig.places.namespace }));
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
