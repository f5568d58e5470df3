// Proves a long assay on a whole lab: one read after the other for as long as it takes, paused, resumed and with its workers
// killed on the way. Every read took place once or is recorded as missed, and what the run carries along stays small.

import { expect } from '@jest/globals';
import pg from 'pg';
import type { Run } from '../../domain/runs/run.js';
import type { WorkcellSpec } from '../../domain/workcells/workcell-spec.js';
import { connectTemporal } from './connect-temporal.js';
import { countCommands, countTapeLines } from './count-commands.js';
import { startRun, waitForEnd, waitForStatus } from './operate-lab.js';
import { startLab, wait, waitFor, type Lab } from './start-lab.js';

const READER = 'incubating_reader';
const READ_S = 0.004;
const PROTOCOL_INTERVAL_S = 10;
/** Longer than an interval, so that a read falls into it and is missed. */
const PAUSE_MS = 600;
/** Readings of a plate are left out of what is carried; a curve of at most 200 points is not. */
const CARRIED_LIMIT_BYTES = 32 * 1024;
const STALL_LIMIT_MS = 120_000;
/** A read takes at least six events, and an execution at most 2,000, its hard budget, or a little more. */
const READS_PER_EXECUTION_MAX = 350;
/** Set the temperature, shake; stop both. */
const COMMANDS_AROUND = 4;

/** A lab whose reader in the incubator writes a tape and whose other machines write none. */
export function startAssayLab(): Promise<Lab> {
  return startLab({
    isCounting: false,
    changeWorkcell: (spec, tapeFile): WorkcellSpec => ({
      ...spec,
      machines: spec.machines.map((machine) =>
        machine.name === READER
          ? { ...machine, backendArguments: { ...machine.backendArguments, motion_s: READ_S, tape_file: tapeFile } }
          : machine,
      ),
    }),
  });
}

export interface Assay {
  readonly reads: number;
  /** Shorter than the protocol allows: its interval is scaled down to this. */
  readonly intervalMs: number;
  readonly executionsMin: number;
}

export async function proveAssay(lab: Lab, { reads, intervalMs, executionsMin }: Assay): Promise<void> {
  const runId = await startRun(lab, 'kinetic_assay', {
    parameters: { interval: { seconds: PROTOCOL_INTERVAL_S }, duration: { seconds: PROTOCOL_INTERVAL_S * reads } },
    assets: { reader: READER, plate: 'growth_plate', heaterShaker: 'heater_shaker' },
    timeScale: (PROTOCOL_INTERVAL_S * 1_000) / intervalMs,
  });
  const beganAtMs = Date.now();
  /** By the clock and not by reads: how many of them a loaded machine can do is not known. */
  const waitForPart = async (part: number): Promise<void> => {
    await wait(Math.max(0, beganAtMs + part * reads * intervalMs - Date.now()));
    const before = await countTapeLines(lab.tapeFile);
    await waitFor('another read', async () => (await countTapeLines(lab.tapeFile)) > before, { timeoutMs: STALL_LIMIT_MS });
  };
  await waitForPart(0.1);
  await pauseAndResume(lab, runId);
  await waitForPart(0.3);
  await killAndWait(lab, 'workflow-worker');
  await waitForPart(0.5);
  await killAndWait(lab, 'workcell-worker');
  await waitForPart(0.7);
  await pauseAndResume(lab, runId);
  const run = await waitForEnd(lab, runId, reads * intervalMs + STALL_LIMIT_MS);
  const taken = await expectEachReadOnce(lab, run, reads);
  await expectSmallCarriage(lab, runId, Math.max(executionsMin, Math.ceil(taken / READS_PER_EXECUTION_MAX)));
}

async function pauseAndResume(lab: Lab, runId: string): Promise<void> {
  await lab.api.pauseRun({ params: { id: runId } });
  await waitForStatus(lab, runId, 'paused');
  const before = await countTapeLines(lab.tapeFile);
  await wait(PAUSE_MS);
  expect(await countTapeLines(lab.tapeFile)).toBe(before);
  await lab.api.resumeRun({ params: { id: runId } });
}

async function killAndWait(lab: Lab, name: string): Promise<void> {
  const { pids } = await lab.record();
  await lab.kill(name);
  await waitFor(`another ${name}`, async () => ![undefined, pids[name]].includes((await lab.record()).pids[name]));
}

/** Returns how many took place. */
async function expectEachReadOnce(lab: Lab, run: Run, reads: number): Promise<number> {
  expect(run).toMatchObject({ status: 'completed', counts: { commands: { failed: 0, uncertain: 0 } } });
  const { reads: taken, missed } = run.result as { reads: number; missed: number };
  expect({ taken, missed, all: taken + missed }).toEqual({ taken, missed, all: reads });
  expect(missed).toBeGreaterThan(0);
  expect(taken).toBeGreaterThan(0);
  expect(await countTapeLines(lab.tapeFile)).toBe(taken);
  const { journalSent, journalCompleted, journalRepeated, postgresCompleted, postgresOther } = await countCommands(lab, run.id);
  const commands = taken + COMMANDS_AROUND;
  expect({ journalSent, journalCompleted, journalRepeated, postgresCompleted, postgresOther }).toEqual({
    journalSent: commands,
    journalCompleted: commands,
    journalRepeated: 0,
    postgresCompleted: commands,
    postgresOther: 0,
  });
  expect(await countKeptData(lab, run.id)).toEqual({ kept: taken, sources: taken, turns: taken });
  return taken;
}

interface KeptData {
  readonly kept: number;
  /** Commands that they came from. */
  readonly sources: number;
  /** Turns of the loop that these commands belong to. */
  readonly turns: number;
}

async function countKeptData(lab: Lab, runId: string): Promise<KeptData> {
  const client = new pg.Client({ connectionString: (await lab.record()).databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<KeptData>(
      `select count(*)::int as kept, count(distinct d.command_id)::int as sources, count(distinct split_part(d.command_id, '/', 2))::int as turns from run_data d join command c on c.id = d.command_id
       where d.run_id = $1 and c.method = 'read_absorbance'`,
      [runId],
    );
    return rows[0] ?? { kept: -1, sources: -1, turns: -1 };
  } finally {
    await client.end();
  }
}

/** How often the workflow continued as new, and what it had to carry the last time. */
async function expectSmallCarriage(lab: Lab, runId: string, executionsMin: number): Promise<void> {
  const temporal = await connectTemporal(lab);
  try {
    const { events } = await temporal.workflow.getHandle(runId).fetchHistory();
    const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const input = JSON.parse(Buffer.from(data ?? []).toString()) as { carried?: { generation: number } };
    expect((input.carried?.generation ?? 0) + 1).toBeGreaterThanOrEqual(executionsMin);
    expect(data?.length).toBeLessThan(CARRIED_LIMIT_BYTES);
  } finally {
    await temporal.connection.close();
  }
}
