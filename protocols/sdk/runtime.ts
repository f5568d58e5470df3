// The port between protocol functions and whatever executes them. The run workflow installs its own;
// the SDK itself knows neither Temporal nor a clock.

import { LabError } from '../../domain/errors/error.js';
import type { Json, JsonObject } from '../../domain/json/json.js';
import type { ProtocolDefinition, ProtocolKind } from '../../domain/protocols/protocol.js';
import type { BoundAsset } from '../../domain/runs/run.js';
import { installGive, type Give } from './give.js';
import type { SendCommand } from './liquid-handler.js';
import type { Run } from './run.js';

/** What a call's body works with. */
export interface CallWorld {
  readonly run: Run;
  sender(machine: BoundAsset): SendCommand;
}

export interface CallRequest {
  readonly definition: ProtocolDefinition;
  /** How to execute it: the definition's kind, or what the caller asked for with `fn.with({ kind })`. */
  readonly kind: ProtocolKind;
  readonly parameters: JsonObject;
  readonly assets: Readonly<Record<string, BoundAsset>>;
}

export interface ProtocolRuntime {
  /** Runs the body as a tracked call of the current one. Arguments and result pass as JSON. */
  call(request: CallRequest, body: (world: CallWorld) => Promise<Json>): Promise<Json>;
  /** Asks for something whose promise author code gets; the executor may look at what becomes of it. */
  readonly give?: Give;
}

let installed: ProtocolRuntime | undefined;

/** Called once by the executor, before any protocol function. */
export function installRuntime(runtime: ProtocolRuntime): void {
  installed = runtime;
  installGive(runtime.give);
}

export function requireRuntime(protocolName: string): ProtocolRuntime {
  if (installed) return installed;
  throw new LabError('PROTOCOL_ERROR', {
    message: `${protocolName} was called outside a run.`,
    remedy: `Start it with: praxis run ${protocolName}. Only a run can drive machines.`,
  });
}
