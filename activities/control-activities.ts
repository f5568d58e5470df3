// The activities of a workcell's control queue: claims, holding a run for a person, ending a run.

import { Context } from '@temporalio/activity';
import type { Database } from '../db/connect-database.js';
import { recordCalls } from '../db/queries/call.queries.js';
import { claimForRun } from '../db/queries/reservation.queries.js';
import { closeRun, holdRun } from '../db/queries/run.queries.js';
import { getWorkcellSpec } from '../db/queries/workcell.queries.js';
import { toReleaseRequestId } from '../domain/ids.js';
import type { Logger } from '../platform/logging.js';
import type { BridgeClient } from '../workcell/bridge-client.js';
import type { ControlActivities, FinishRequest } from './activity-types.js';
import type { JournalShipper } from './journal-shipper.js';
import { runAsActivity } from './run-as-activity.js';

export interface ControlWorld {
  readonly db: Database;
  readonly bridge: BridgeClient;
  readonly shipper: JournalShipper;
  readonly workcell: string;
  readonly logger: Logger;
}

/** From this attempt on a run ends without its bridge: assets must not stay held because a process is gone. */
const ATTEMPTS_WITH_BRIDGE = 150;

export function createControlActivities(world: ControlWorld): ControlActivities {
  return {
    reserveAssets: (runId) =>
      runAsActivity(async () => {
        const claim = await claimForRun(world.db, runId, Date.now());
        return claim.granted ? claim.fence : null;
      }),
    holdRun: ({ runId, machine, message, callPath, commandId }) =>
      runAsActivity(async () => {
        // Whoever is called to look finds the command in the record.
        await world.shipper.catchUp();
        await holdRun(world.db, { runId, machine, reason: message, atMs: Date.now(), data: { callPath, commandId, message } });
      }),
    finishRun: (request) => runAsActivity(() => finishRun(world, request)),
  };
}

async function finishRun(world: ControlWorld, request: FinishRequest): Promise<void> {
  const { db, shipper, logger } = world;
  const { runId } = request;
  if (request.fence !== null) {
    try {
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
async function replaceConsumables(world: ControlWorld, request: FinishRequest): Promise<void> {
  const spec = await getWorkcellSpec(world.db, world.workcell);
  const labware = spec.labware.filter((item) => item.autoReplace && request.labware.includes(item.name)).map((item) => item.name);
  if (labware.length === 0 || request.fence === null) return;
  await world.bridge.request('labware.replace', { requestId: toReleaseRequestId(request.runId), runId: request.runId, labware, fence: request.fence });
}
