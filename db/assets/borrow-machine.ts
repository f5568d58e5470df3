// A command by hand for a machine that a waiting run holds: it claims nothing and goes under that run's fence. Refused
// while the run goes on, because two hands would then move one machine.

import { sql } from 'kysely';
import { LabError } from '../../domain/errors/error.js';
import type { RunStatus, WaitingFor } from '../../domain/runs/run.js';
import type { Transaction } from '../connection/connect-database.js';
import { isUuid } from '../connection/postgres-text.js';
import type { ContestedAsset } from './asset-contest.js';

/** The fence under which the run holds the machine. Labware of the command may be the run's or nobody's. */
export async function borrowMachine(tx: Transaction, runId: string, assets: readonly ContestedAsset[]): Promise<number> {
  const run = await lockHeldRun(tx, runId);
  const machine = assets.find(({ kind }) => kind === 'machine');
  const foreign = assets.find((asset) => (asset.kind === 'machine' || asset.holder !== null) && asset.holder?.runId !== runId);
  if (foreign !== undefined || machine === undefined) {
    const holder = foreign?.holder ?? null;
    const held = holder === null ? 'nobody holds it' : `run ${holder.runId} (${holder.protocol}) does`;
    throw new LabError('ASSET_IN_USE', {
      message: `Run ${runId} (${run.protocol}) does not hold ${foreign?.name ?? 'the machine'}; ${held}.`,
      field: 'runId',
      ...(holder === null && { remedy: 'Leave the run out: the machine is free.' }),
    });
  }
  if (machine.isQuarantined) throw toQuarantined(machine.name);
  const { rows } = await sql<{
    fence: number;
  }>`select fence from reservation where asset_id = ${machine.id}::uuid and run_id = ${runId}::uuid`.execute(tx);
  const fence = rows[0]?.fence;
  if (fence === undefined)
    throw new LabError('ASSET_IN_USE', { message: `Run ${runId} has just let go of ${machine.name}.`, field: 'runId' });
  return fence;
}

async function lockHeldRun(tx: Transaction, runId: string): Promise<{ protocol: string }> {
  const { rows } = isUuid(runId)
    ? await sql<{ protocol: string; status: RunStatus; isHeld: boolean; isPausing: boolean; hasEnded: boolean }>`
        select protocol, status, pause_reasons <> '{}' as "isHeld", is_pausing as "isPausing", ended_at is not null as "hasEnded"
        from run where id = ${runId}::uuid for no key update`.execute(tx)
    : { rows: [] };
  const run = rows[0];
  if (run === undefined) throw new LabError('RUN_NOT_FOUND', { message: `There is no run '${runId}'.`, field: 'runId' });
  if (run.hasEnded)
    throw new LabError('RUN_ENDED', {
      message: `Run ${runId} has ended as ${run.status}; it holds nothing.`,
      field: 'runId',
      remedy: 'Leave the run out.',
    });
  if (run.isHeld && !run.isPausing) return run;
  throw new LabError('RUN_NOT_HELD', {
    message: `Run ${runId} (${run.protocol}) is ${run.status}: its own commands may move the machine.`,
    field: 'runId',
    remedy: `Pause it first: praxis pause ${runId}`,
  });
}

/** A command by hand never waits in a queue: who gives it stands at the machine now. */
export function refuseTaken([blocker]: readonly WaitingFor[]): void {
  if (blocker === undefined) return;
  const { asset, heldByRunId, heldByProtocol, reason } = blocker;
  if (reason === 'quarantined') throw toQuarantined(asset);
  const why =
    reason === 'held'
      ? `Run ${heldByRunId} (${heldByProtocol}) holds ${asset}.`
      : `Run ${heldByRunId} (${heldByProtocol}) waits for ${asset} and comes first.`;
  throw new LabError('ASSET_IN_USE', {
    message: why,
    field: 'name',
    remedy: `Wait until it has ended; while it waits for a person, add --run ${heldByRunId}.`,
  });
}

function toQuarantined(machine: string): LabError {
  return new LabError('MACHINE_HELD', {
    message: `${machine} is quarantined: somebody has to look at it first.`,
    field: 'name',
    remedy: `Answer what waits in the inbox, or: praxis machines release ${machine}`,
  });
}
