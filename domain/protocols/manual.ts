// Commands that a person gives to a machine by hand: each is a run of the protocol `manual`, with the same ids, fence,
// journal and record as any other. The protocol is built into the engine, because it drives whatever machine it is given.

import type { JsonObject } from '../json/json.js';
import type { ProtocolDefinition } from './protocol.js';

/** Its parameters are a ManualCommand; its assets, the machine and the labware that the command names, are told by each run. */
export const MANUAL_DEFINITION: ProtocolDefinition = {
  name: 'manual',
  version: '1.0.0',
  description: 'One command to a machine, given by hand.',
  isTopLevel: false,
  kind: 'child',
  parameters: {},
  assets: {},
};

/** Asset of a manual run that stands for the machine. */
export const MANUAL_MACHINE = 'machine';

export interface ManualCommand {
  /** PyLabRobot's name, for example `pick_up_tips`. */
  readonly method: string;
  /** As the wire takes them. */
  readonly arguments: JsonObject;
  readonly reason: string;
}

export function isManualProtocol(name: string): boolean {
  return name === MANUAL_DEFINITION.name;
}
