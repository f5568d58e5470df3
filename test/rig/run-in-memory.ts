// Runs a protocol function against a real bridge without Temporal: commands go straight to the socket, delays pass at
// once on a clock of their own, questions are answered from a list. For tests of protocols, not of the engine.

import { AsyncLocalStorage } from 'node:async_hooks';
import { isErrorCode, LabError } from '../../domain/errors/error.js';
import { requireAnswer } from '../../domain/inbox/inbox.js';
import type { Json } from '../../domain/json/json.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import type { AnyProtocolFunction } from '../../protocols/sdk/protocol-function.js';
import type { Run } from '../../protocols/sdk/run.js';
import { installRuntime, type CallRequest, type CallWorld } from '../../protocols/sdk/runtime.js';
import { createMemoryRun } from './create-memory-run.js';
import type { MemoryCall, MemoryRecord, MemoryRunOptions, MemoryWorld } from './memory-world.js';

interface Current {
  readonly world: MemoryWorld;
  readonly path: string;
  readonly childCounts: Map<string, number>;
}

const current = new AsyncLocalStorage<Current>();
const BEGAN_AT_MS = Date.UTC(2026, 0, 1);

/** Resolves however the protocol ends; only bugs of the rig reject. */
export async function runInMemory(protocol: AnyProtocolFunction, options: MemoryRunOptions): Promise<MemoryRecord> {
  installRuntime({ call: callNested });
  const record: MemoryRecord = {
    result: null,
    error: undefined,
    commands: [],
    calls: [],
    data: [],
    questions: [],
    notes: [],
    brokenWindows: [],
  };
  const world: MemoryWorld = {
    options,
    record,
    clock: { nowMs: BEGAN_AT_MS },
    protocol: protocol.definition,
    send: (command) => sendCommand(world, command),
    answer: (question) => {
      const answer = options.answers?.[record.questions.length];
      record.questions.push(question);
      if (answer === undefined) throw new Error(`Nobody answers: ${question.text}`);
      return requireAnswer(question, answer);
    },
  };
  const { definition } = protocol;
  const assets = bindAssets(protocol, options.assets);
  const call = { world, path: definition.name, kind: 'run' };
  try {
    record.result = await trackCall(call, (callWorld) => protocol.execute(callWorld, options.parameters ?? {}, assets));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    record.error = error;
  }
  return record;
}

function bindAssets(protocol: AnyProtocolFunction, names: Readonly<Record<string, string>>): Readonly<Record<string, BoundAsset>> {
  const bound: Record<string, BoundAsset> = {};
  for (const [parameter, { kind, type }] of Object.entries(protocol.definition.assets)) {
    const name = names[parameter];
    if (name === undefined) throw new Error(`${protocol.definition.name} wants '${parameter}'.`);
    bound[parameter] = { id: name, name, kind, type };
  }
  return bound;
}

function callNested(request: CallRequest, body: (world: CallWorld) => Promise<Json>): Promise<Json> {
  const parent = current.getStore();
  if (parent === undefined) throw new Error(`${request.definition.name} was called outside a run in memory.`);
  const count = (parent.childCounts.get(request.definition.name) ?? 0) + 1;
  parent.childCounts.set(request.definition.name, count);
  return trackCall({ world: parent.world, path: `${parent.path}/${request.definition.name}.${count}`, kind: request.kind }, body);
}

async function trackCall(
  { world, path, kind }: { world: MemoryWorld; path: string; kind: string },
  body: (world: CallWorld) => Promise<Json>,
): Promise<Json> {
  const call: MemoryCall = { path, kind, status: 'running' };
  world.record.calls.push(call);
  const { run, sender, cleanUp } = createMemoryRun(world, path);
  return current.run({ world, path, childCounts: new Map() }, async () => {
    try {
      const result = await body({ run, sender } satisfies { run: Run } & CallWorld);
      await cleanUp('completed');
      call.status = 'completed';
      return result;
    } catch (error) {
      call.status = 'failed';
      await cleanUp('failed');
      throw error;
    }
  });
}

async function sendCommand(world: MemoryWorld, { callPath, n, machine, method, given }: Parameters<MemoryWorld['send']>[0]): Promise<Json> {
  const { runId, client } = world.options;
  const id = `${runId}/${callPath}/${n}/0`;
  const outcome = await client.request('command.run', { id, runId, callPath, n, retry: 0, machine, method, arguments: given, fence: 1 });
  const code = outcome.error?.code ?? null;
  world.record.commands.push({ callPath, machine, method, arguments: given, status: outcome.status, code, result: outcome.result });
  if (outcome.status === 'completed') return outcome.result;
  throw new LabError(code !== null && isErrorCode(code) ? code : 'MACHINE_ERROR', {
    message: `${machine}.${method}: ${outcome.error?.message ?? outcome.status}`,
  });
}
