// A run whose lab is killed under it, and the proof that it completed with every command done once: in the journal, in
// Postgres and on the tape of the counting backend.

import { expect } from '@jest/globals';
import type { JsonObject } from '../../domain/json/json.js';
import { countCommands, countTapeLines } from './count-commands.js';
import { waitForRunningCommand } from './kill-processes.js';
import { startRun, waitForEnd } from './operate-lab.js';
import { waitFor, type Lab } from './start-lab.js';

/** Long enough that a kill lands inside a motion, short enough for a hundred of them. */
export const MOTION_S = 0.08;
export const TEST_LIMIT_MS = 240_000;

export interface Wanted {
  readonly protocol: string;
  readonly parameters: JsonObject;
  /** How many commands the run has. */
  readonly commands: number;
}

export interface CountedRun {
  readonly runId: string;
  readonly commands: number;
  /** Lines of the tape before it began. */
  readonly tapeBefore: number;
}

export const DILUTION: Wanted = { protocol: 'serial_dilution', parameters: { numDilutions: 8 }, commands: 84 };

export async function startCounted(lab: Lab, { protocol, parameters, commands }: Wanted): Promise<CountedRun> {
  const tapeBefore = await countTapeLines(lab.tapeFile);
  return { runId: await startRun(lab, protocol, { parameters }), commands, tapeBefore };
}

/** Resolves in the middle of a command, once the tape has this many acts of the run. */
export function waitForCommand(lab: Lab, { runId, tapeBefore }: CountedRun, afterActs: number): Promise<string> {
  return waitForRunningCommand(lab, runId, async () => (await countTapeLines(lab.tapeFile)) - tapeBefore >= afterActs);
}

/** The fault has fired: another process does the work now. */
export async function expectReplaced(lab: Lab, name: string, pidBefore: number | undefined): Promise<void> {
  await waitFor(`another ${name}`, async () => {
    const pid = (await lab.record()).pids[name];
    return pid !== undefined && pid !== pidBefore;
  });
}

export async function expectCompletedOnce(lab: Lab, { runId, commands, tapeBefore }: CountedRun): Promise<void> {
  const run = await waitForEnd(lab, runId);
  expect(run).toMatchObject({ status: 'completed', counts: { commands: { completed: commands, failed: 0, uncertain: 0 } } });
  const counts = await countCommands(lab, runId);
  expect({ ...counts, tapeLines: counts.tapeLines - tapeBefore }).toEqual({
    journalSent: commands,
    journalCompleted: commands,
    journalRepeated: 0,
    postgresCompleted: commands,
    postgresOther: 0,
    tapeLines: commands,
  });
  const { items } = await lab.api.listReservations();
  expect(items).toEqual([]);
}
