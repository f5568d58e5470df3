// A protocol definition: what is known of a protocol function without running it.

import type { LabwareCategory } from '../catalogue/labware-category.js';
import type { ParameterSpec } from './parameter.js';
import type { RecoveryPolicy } from './recovery.js';

export type AssetSpec =
  | {
      readonly kind: 'machine';
      /** PyLabRobot front end. */
      readonly type: string;
      /** `perUse`: shared between runs, held only inside `run.use` sections. Held for the whole run where left out. */
      readonly hold?: 'perUse';
      readonly description?: string;
    }
  | {
      readonly kind: 'labware';
      readonly type: LabwareCategory /** Number of wells or tip spots. */;
      readonly positions?: number;
      readonly description?: string;
    };

export type ProtocolKind = 'child' | 'inline' | 'activity';

export interface ProtocolDefinition {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly isTopLevel: boolean;
  readonly kind: ProtocolKind;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly assets: Readonly<Record<string, AssetSpec>>;
  /** What becomes of commands that fail; of a call that names nothing, its caller decides. */
  readonly recovery?: RecoveryPolicy;
}

/** A definition with the place it was found at. */
export interface DiscoveredProtocol extends ProtocolDefinition {
  /** Path relative to the source folder, with the line of the definition. */
  readonly file: string;
  readonly line: number;
  readonly exportName: string;
  /** Hash of its file and of those of its source that it imports; absent of what was published before it was kept. */
  readonly contentHash?: string;
}

/** A definition that runs can be started from: in the database, with the source version it belongs to. */
export interface PublishedProtocol extends DiscoveredProtocol {
  readonly id: string;
  /** First 12 hexadecimal digits of the protocol source; runs of it use the queue `px.<bundle>`. */
  readonly bundle: string;
  readonly publishedAt: string;
}

/** Says in words what an asset spec wants: `a LiquidHandler`, `a plate with 96 positions`. */
export function describeAsset(spec: AssetSpec): string {
  if (spec.kind === 'machine') return `a ${spec.type}`;
  const noun = spec.type.replace('_', ' ');
  return spec.positions === undefined ? `a ${noun}` : `a ${noun} with ${spec.positions} positions`;
}
