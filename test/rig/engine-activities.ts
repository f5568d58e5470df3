// The activities of the rig: they note what workflows ask of them instead of moving anything.

import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type {
  ApplyControlRequest,
  BlockRequest,
  CloseItemRequest,
  FinishRequest,
  HandWorkRequest,
  OpenItemRequest,
  RecoverRequest,
  ReserveRequest,
  ResolveRequest,
  Stopping,
  UseClaim,
  UseEnd,
} from '../../activities/activity-types.js';
import { readCancellation } from '../../activities/cancellation.js';
import { createCommandActivities } from '../../activities/execute-command.js';
import { requireRequests } from '../../activities/require-request.js';
import { runAsActivity } from '../../activities/run-as-activity.js';
import { listToldEntries, readCallLog, type CallLog } from '../../domain/runs/call.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { CommandOutcome, CommandRequest } from '../../domain/wire/wire.js';
import type { DataConverter } from '../../platform/large-payloads.js';
import type { Asked } from './asked.js';
import type { EngineOptions, EngineRig } from './engine-rig.js';

export interface ActivityWorld {
  readonly asked: Asked;
  readonly rig: EngineRig;
  readonly client: Client;
  readonly dataConverter: DataConverter;
  readonly calculate: EngineOptions['calculate'];
}

export function createActivities({ asked, rig, client, calculate }: ActivityWorld): object {
  const note = (calls: CallLog | null | undefined): void => {
    if (calls) asked.logs.push({ runId: calls.workflowId, bytes: Buffer.byteLength(JSON.stringify(calls)) });
    for (const entry of calls ? listToldEntries(calls) : [])
      asked.entries.set(`${entry.workflowId ?? calls?.workflowId} ${entry.n}`, entry);
  };
  const running = new Map<string, Promise<Json>>();
  const begin = (request: CommandRequest): Promise<Json> => {
    note(request.calls && readCallLog(request.calls));
    asked.commands.push(request);
    const outcome = rig.onCommand(request);
    running.set(request.id, outcome);
    // What fails may be asked for again under its id; a bridge that refused it does not know it.
    outcome.catch(() => {
      running.delete(request.id);
    });
    return outcome;
  };
  const noteStop = (id: string): void => {
    asked.stopped.push(id);
    rig.onStop(id);
  };
  const execute = ({ shallStop = false, ...request }: CommandRequest & Stopping): Promise<Json> =>
    runAsActivity(async (signal) => {
      const { stop, leave } = readCancellation(signal, shallStop);
      if (stop.aborted) noteStop(request.id);
      if (!rig.isDeaf)
        stop.addEventListener('abort', () => {
          noteStop(request.id);
        });
      leave.addEventListener('abort', () => {
        asked.left.push(`${request.id} ${(signal.reason as Error).message}`);
      });
      const known = running.get(request.id);
      if (known) asked.attached.push(request.id);
      if (shallStop && !known) throw ApplicationFailure.nonRetryable('not begun', 'COMMAND_STOPPED');
      return await (known ?? begin(request));
    });
  return requireRequests({
    executeCommand: (request: CommandRequest & Stopping) =>
      rig.bridge ? createCommandActivities(rig.bridge).executeCommand(request) : execute(request),
    calculate: ({ protocol, parameters }: { protocol: string; parameters: JsonObject }) =>
      calculate
        ? calculate(protocol, parameters)
        : Promise.reject(ApplicationFailure.nonRetryable(`Nothing calculates ${protocol}.`, 'INTERNAL')),
    executeBlock: async ({ commands }: BlockRequest) => {
      const outcomes: CommandOutcome[] = [];
      for (const command of commands) {
        if (command.n === rig.holdBlockAt) return { outcomes, isHeld: true };
        const result = await execute(command);
        outcomes.push({ status: 'completed', result, error: null, beganAtMs: 0, endedAtMs: 0, sends: 1 });
      }
      return { outcomes, isHeld: false };
    },
    reserveAssets: ({ runId }: ReserveRequest) => rig.onReserve(runId),
    stopCommands: ({ commands }: { commands: readonly string[] }) => Promise.resolve(commands.map(noteStop)),
    applyControl: async ({ control, asked: by, stop = [] }: ApplyControlRequest) => {
      stop.forEach(noteStop);
      const beat = setInterval(() => {
        Context.current().heartbeat();
      }, 100);
      try {
        // A newer wish ends the waiting for an older one.
        await Promise.race([rig.onControl(), Context.current().cancelled]);
        asked.controls.push({ ...control, ...(by && { asked: by }) });
      } finally {
        clearInterval(beat);
      }
    },
    openItem: (request: OpenItemRequest) => {
      note(request.calls);
      asked.items.push(request);
      return Promise.resolve();
    },
    closeItem: (request: CloseItemRequest) => Promise.resolve(void asked.closed.push(request)),
    resolveCommand: keepUnless(asked.resolved, 'contradiction', 'More than the well holds.'),
    recoverCommand: keepUnless(asked.recovered, 'contradiction', 'More than the well holds.'),
    endLook: () => Promise.resolve(),
    endHandWork: keepUnless(asked.handWork, 'taken', 'Something stands there.'),
    recordCalls: async ({ calls }: { calls: CallLog }) => {
      await rig.onRecord();
      note(calls);
    },
    readResults: async ({
      runId,
      commandIds,
      callPaths,
    }: {
      runId: string;
      commandIds: readonly string[];
      callPaths: readonly string[];
    }) => {
      await rig.onRead();
      asked.reads.push(runId);
      const calls = Object.fromEntries(
        callPaths.map((path) => [
          path,
          [...asked.entries.values()].find((entry) => entry.path === path && entry.phase === 'completed')?.result ?? null,
        ]),
      );
      return { commands: Object.fromEntries(commandIds.map((id) => [id, rig.resultOf(id)])), calls };
    },
    requestCancellation: async ({ workflowId }: { workflowId: string }) => {
      await client.workflow.getHandle(workflowId).cancel();
    },
    claimUse: async ({ useId }: UseClaim) => {
      await new Promise((resolve) => setTimeout(resolve, rig.claimDelayMs));
      if (asked.inUse.size > 0) return null;
      asked.inUse.add(useId);
      asked.uses.push(useId);
      return 2;
    },
    releaseUse: async ({ useId, runId, doubt }: UseEnd) => {
      asked.inUse.delete(useId);
      asked.released.push(useId);
      if (doubt !== undefined) asked.doubts.push({ runId, useId, doubt });
      await client.workflow.getHandle(runId).signal('px.assetsFreed');
    },
    finishRun: async (request: FinishRequest) => {
      await rig.onFinish(request);
      note(request.calls);
      asked.finished.push(request);
    },
  });
}

/** Refuses what a person states with that note. */
function keepUnless<T extends ResolveRequest | RecoverRequest | HandWorkRequest>(list: T[], note: string, message: string) {
  return (request: T): Promise<void> => {
    if (request.given.note === note) throw ApplicationFailure.nonRetryable(message, 'BAD_STATEMENT');
    return Promise.resolve(void list.push(request));
  };
}
