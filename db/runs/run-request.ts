// What the creation of a run is asked for, and which of its items it holds from its beginning to its end.

import type { Json, JsonObject } from '../../domain/json/json.js';
import type { AssetSpec, PublishedProtocol } from '../../domain/protocols/protocol.js';
import type { Choice } from '../assets/choose-assets.js';

export interface RunRequest {
  /** UUIDv7. */
  readonly id: string;
  readonly definition: PublishedProtocol;
  /** Checked, defaults filled in. */
  readonly parameters: JsonObject;
  /** Asset parameter → name or id of an item; what is left out is chosen. */
  readonly requestedAssets: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly priority: number;
  readonly idempotencyKey?: string | undefined;
  readonly requestHash: string;
  /** Simulated runs only: delays and intervals are this many times shorter. */
  readonly timeScale?: number | undefined;
  /** The ended run that this one continues, and what that one had done up to the chosen call. */
  readonly continues?: Continuation | undefined;
  /** A command by hand: refused where a run would wait. */
  readonly byHand?: ByHand | undefined;
  readonly atMs: number;
}

/** What makes a run one of the protocol `manual`. */
export interface ByHand {
  /** The waiting run that holds the machine; left out where nobody does. */
  readonly underRunId?: string | undefined;
}

export interface Continuation {
  readonly runId: string;
  readonly ledger: Json;
  /** Path of the call that is done again first. */
  readonly from: string;
  /** Why a person continues it; may be empty. */
  readonly reason: string;
}

/** What the run holds from its beginning to its end; shared machines are claimed by its sections, borrowed ones by nobody. */
export function listHeld({ definition, byHand }: RunRequest, choice: Choice): Choice['bound'] {
  if (byHand?.underRunId !== undefined) return [];
  return choice.bound.filter(({ parameter }) => !isShared(definition.assets[parameter]));
}

export function isShared(spec: AssetSpec | undefined): boolean {
  return spec?.kind === 'machine' && spec.hold === 'perUse';
}
