// Ends a run: its hold in the bridge is lifted, its consumables are made fresh, its journal and call log arrive, then its row is closed.

import { Context } from '@temporalio/activity';
import { recordCalls } from '../db/runs/call.queries.js';
import { closeRun } from '../db/runs/run-status.js';
import { getWorkcellSpec } from '../db/workcells/workcell.queries.js';
import { LabError } from '../domain/errors/error.js';
import { toReleaseRequestId } from '../domain/values/ids.js';
import { FINAL_HOLD_REV } from '../domain/wire/wire.js';
import type { FinishRequest } from './activity-types.js';
import type { ControlWorld } from './control-world.js';

/** From this attempt on a run ends without its bridge: assets must not stay held because a process is gone. */
const ATTEMPTS_WITH_BRIDGE = 150;

export async function finishRun(world: ControlWorld, request: FinishRequest): Promise<void> {
  const { db, shipper, logger } = world;
  const { runId } = request;
  if (request.fence !== null) {
    try {
      // The bridge remembers a hold for ever; the final revision outdoes whatever is still on its way.
      await world.bridge.request('run.hold', { runId, rev: FINAL_HOLD_REV, isHeld: false });
      await replaceConsumables(world, request);
      await shipper.catchUp();
    } catch (error) {
      const attempt = Context.current().info.attempt;
      if (attempt < ATTEMPTS_WITH_BRIDGE) throw error;
      logger.error({ err: error, runId, attempt }, 'the run ends without its bridge: consumables were not refreshed');
    }
  }
  // After the journal, so that the events of a call's end follow those of its commands.
  if (request.calls) await recordCalls(db, runId, request.calls);
  const { status, result, error, quarantineMachines } = request;
  await closeRun(db, {
    runId,
    status,
    result,
    atMs: Date.now(),
    ...(error === null ? {} : { error }),
    ...(quarantineMachines.length === 0 ? {} : { quarantineMachines: [...quarantineMachines] }),
  });
}

/** Simulated consumables marked autoReplace are fresh again for the next run; once per run, by the request id. */
async function replaceConsumables(
  { db, bridge, workcell, logger }: ControlWorld,
  { runId, fence, labware: used }: FinishRequest,
): Promise<void> {
  const spec = await getWorkcellSpec(db, workcell);
  const labware = spec.labware.filter((item) => item.autoReplace && used.includes(item.name)).map((item) => item.name);
  if (labware.length === 0 || fence === null) return;
  try {
    await bridge.request('labware.replace', { requestId: toReleaseRequestId(runId), runId, labware, fence });
  } catch (error) {
    if (!(error instanceof LabError) || error.category === 'infra') throw error;
    // Its items were granted again, or the instrument that holds them is gone. Used labware is no reason not to end, and none for
    // which a run ends: what ended it is told. The worker tries again when a machine is given free.
    logger.warn({ err: error, runId, labware }, 'consumables stay used');
  }
}
