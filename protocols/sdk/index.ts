// All that a protocol author imports.

export { protocolFunction, type ProtocolFunction } from './protocol-function.js';
export type { AssetHandles, Assets, Params, ProtocolSpec } from './protocol-spec.js';
export { param } from './parameters.js';
export { machine, type AnyMachine, type MachineHandle } from './machines.js';
export type * from './machines/front-end-handles.js';
export type { CustomMethods } from './custom-machines.js';
export { pumpFor, shakeFor } from './timed-motions.js';
export { site } from './values.js';
export type * from './values.js';
export { labware, type Plate, type TipRack, type Trough } from './labware.js';
export type { Destination, LiquidHandler, LiquidOptions, TipOptions } from './liquid-handler.js';
export type { Ask, AskOptions, HandPlace } from './ask.js';
export type { CleanupOptions, CleanupRegistration, Run, TimeWindow, TimeWindowOptions } from './run.js';
export { expandPositions } from './positions.js';
export { LabError } from '../../domain/errors/error.js';
