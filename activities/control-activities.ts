// The activities of a workcell's control queue, which never waits behind a motion: claims, run control, the
// inbox, what a run wants written down or read again, and its end. Each bears being done twice.

import { recordCalls } from '../db/runs/call.queries.js';
import { claimForRun } from '../db/runs/reservation.queries.js';
import { claimForUse, releaseUse } from '../db/runs/section-claim.js';
import type { ControlActivities } from './activity-types.js';
import { applyControl } from './apply-control.js';
import type { ControlWorld } from './control-world.js';
import { finishRun } from './finish-run.js';
import { endHandWork } from './end-hand-work.js';
import { closeItem, endLook, openItem, recoverCommand, resolveCommand } from './inbox-activities.js';
import { readResults } from './read-results.js';
import { requireRequests } from './require-request.js';
import { runAsActivity } from './run-as-activity.js';
import { stopCommands } from './stop-commands.js';

export function createControlActivities(world: ControlWorld): ControlActivities {
  const { db } = world;
  return requireRequests<ControlActivities>({
    reserveAssets: (request) =>
      runAsActivity(async () => {
        const mayRebind = typeof request !== 'string';
        const claim = await claimForRun(db, mayRebind ? request.runId : request, Date.now(), { mayRebind });
        if (!claim.granted) return null;
        return mayRebind ? { fence: claim.fence, assets: claim.assets } : claim.fence;
      }),
    applyControl: (request) => runAsActivity((signal) => applyControl(world, request, signal)),
    stopCommands: ({ commands }) => runAsActivity(() => stopCommands(world.bridge, commands)),
    openItem: (request) => runAsActivity(() => openItem(world, request)),
    closeItem: (request) => runAsActivity(() => closeItem(world, request)),
    resolveCommand: (request) => runAsActivity(() => resolveCommand(world, request)),
    recoverCommand: (request) => runAsActivity(() => recoverCommand(world, request)),
    endLook: (request) => runAsActivity(() => endLook(world, request)),
    endHandWork: (request) => runAsActivity(() => endHandWork(world, request)),
    recordCalls: ({ runId, calls }) => runAsActivity(() => recordCalls(db, runId, calls)),
    readResults: (request) => runAsActivity(() => readResults(world, request)),
    requestCancellation: ({ workflowId }) => runAsActivity(() => world.cancelWorkflow(workflowId)),
    claimUse: (claim) => runAsActivity(() => claimForUse(db, claim, Date.now())),
    releaseUse: ({ doubt, ...claim }) =>
      runAsActivity(() => releaseUse(db, claim, doubt === undefined ? undefined : { reason: doubt, atMs: Date.now() })),
    finishRun: (request) => runAsActivity(() => finishRun(world, request)),
  });
}
