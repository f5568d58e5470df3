// The Thermocycler as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { Json } from '../../../domain/json/json.js';
import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { TemperatureProtocol } from '../values.js';

/** `deactivate_block`. */
export interface ThermocyclerDeactivateBlockBackend {
  readonly block_id?: number;
}

/** `deactivate_lid`. */
export interface ThermocyclerDeactivateLidBackend {
  readonly block_id?: number;
}

/** `get_block_current_temperature`. */
export interface ThermocyclerGetBlockCurrentTemperatureBackend {
  readonly block_id?: Json;
}

/** `get_current_cycle_index`. */
export interface ThermocyclerGetCurrentCycleIndexBackend {
  readonly block_id?: number;
}

/** `get_current_step_index`. */
export interface ThermocyclerGetCurrentStepIndexBackend {
  readonly block_id?: number;
}

/** `get_lid_current_temperature`. */
export interface ThermocyclerGetLidCurrentTemperatureBackend {
  readonly block_id?: number;
}

/** `run_protocol`. */
export interface ThermocyclerRunProtocolBackend {
  readonly block_id?: number;
  readonly run_name?: Json;
  readonly user?: Json;
  readonly run_mode?: string;
  readonly cover_temp?: number;
  readonly cover_enabled?: Json;
  readonly protocol_name?: string;
  readonly stage_name_prefixes?: readonly string[];
  readonly start_block_temperature?: number;
  readonly start_lid_temperature?: number;
  readonly post_heating?: boolean;
  readonly method_name?: string;
}

/** `set_block_temperature`. */
export interface ThermocyclerSetBlockTemperatureBackend {
  readonly block_id?: number;
  readonly rate?: number;
  readonly dynamic_time?: boolean;
}

/** `set_lid_temperature`. */
export interface ThermocyclerSetLidTemperatureBackend {
  readonly block_id?: number;
  readonly dynamic_time?: boolean;
}

export interface Thermocycler extends AnyMachine {
  /** Close lid. */
  closeLid(): Promise<void>;
  /** Turn off the block heater. */
  deactivateBlock(options?: { readonly backend?: ThermocyclerDeactivateBlockBackend }): Promise<void>;
  /** Turn off the lid heater. */
  deactivateLid(options?: { readonly backend?: ThermocyclerDeactivateLidBackend }): Promise<void>;
  /** Get the current block temperature(s) (°C). */
  getBlockCurrentTemperature(options?: { readonly backend?: ThermocyclerGetBlockCurrentTemperatureBackend }): Promise<readonly number[]>;
  /** Get the block status. */
  getBlockStatus(): Promise<'IDLE' | 'HOLDING_AT_TARGET'>;
  /** Get the block's target temperature(s) (°C). */
  getBlockTargetTemperature(): Promise<readonly number[]>;
  /** Get the one-based index of the current cycle. */
  getCurrentCycleIndex(options?: { readonly backend?: ThermocyclerGetCurrentCycleIndexBackend }): Promise<number>;
  /** Get the one-based index of the current step. */
  getCurrentStepIndex(options?: { readonly backend?: ThermocyclerGetCurrentStepIndexBackend }): Promise<number>;
  /** Get remaining hold time (s) for the current step. */
  getHoldTime(): Promise<number>;
  /** Get the current lid temperature(s) (°C). */
  getLidCurrentTemperature(options?: { readonly backend?: ThermocyclerGetLidCurrentTemperatureBackend }): Promise<readonly number[]>;
  /** Return True if the lid is open. */
  getLidOpen(): Promise<boolean>;
  /** Get the lid temperature status. */
  getLidStatus(): Promise<'IDLE' | 'HOLDING_AT_TARGET'>;
  /** Get the lid's target temperature(s) (°C), if supported. */
  getLidTargetTemperature(): Promise<readonly number[]>;
  /** Get the total number of cycles. */
  getTotalCycleCount(): Promise<number>;
  /** Get the total number of steps in the current cycle. */
  getTotalStepCount(): Promise<number>;
  /** Return True if a profile is still in progress. */
  isProfileRunning(): Promise<boolean>;
  /** Open lid. */
  openLid(): Promise<void>;
  /** Enqueue a multi-stage temperature protocol (fire-and-forget). */
  runProtocol(options: {
    readonly protocol: TemperatureProtocol;
    readonly blockMaxVolumeUl: number;
    readonly backend?: ThermocyclerRunProtocolBackend;
  }): Promise<void>;
  /** Set the block temperature. */
  setBlockTemperature(options: {
    readonly temperatureC: readonly number[];
    readonly backend?: ThermocyclerSetBlockTemperatureBackend;
  }): Promise<void>;
  /** Set the lid temperature. */
  setLidTemperature(options: {
    readonly temperatureC: readonly number[];
    readonly backend?: ThermocyclerSetLidTemperatureBackend;
  }): Promise<void>;
  /** Wait until block temp reaches target ± tolerance for all zones. */
  waitForBlock(options?: { readonly timeoutS?: number; readonly toleranceC?: number }): Promise<void>;
  /** Wait until the lid temperature reaches target ± tolerance or the lid temperature status is idle/holding at target. */
  waitForLid(options?: { readonly timeoutS?: number; readonly toleranceC?: number }): Promise<void>;
  /** Block until the profile finishes, polling at poll_interval seconds. */
  waitForProfileCompletion(options?: { readonly pollIntervalS?: number }): Promise<void>;
}

export const THERMOCYCLER: MethodPlans<Thermocycler> = {
  closeLid: { command: 'close_lid' },
  deactivateBlock: { command: 'deactivate_block', takesBackend: true },
  deactivateLid: { command: 'deactivate_lid', takesBackend: true },
  getBlockCurrentTemperature: { command: 'get_block_current_temperature', takesBackend: true },
  getBlockStatus: { command: 'get_block_status' },
  getBlockTargetTemperature: { command: 'get_block_target_temperature' },
  getCurrentCycleIndex: { command: 'get_current_cycle_index', takesBackend: true, result: 'number' },
  getCurrentStepIndex: { command: 'get_current_step_index', takesBackend: true, result: 'number' },
  getHoldTime: { command: 'get_hold_time', result: 'number' },
  getLidCurrentTemperature: { command: 'get_lid_current_temperature', takesBackend: true },
  getLidOpen: { command: 'get_lid_open' },
  getLidStatus: { command: 'get_lid_status' },
  getLidTargetTemperature: { command: 'get_lid_target_temperature' },
  getTotalCycleCount: { command: 'get_total_cycle_count', result: 'number' },
  getTotalStepCount: { command: 'get_total_step_count', result: 'number' },
  isProfileRunning: { command: 'is_profile_running' },
  openLid: { command: 'open_lid' },
  runProtocol: { command: 'run_protocol', arguments: { protocol: 'protocol', blockMaxVolumeUl: 'block_max_volume' }, takesBackend: true },
  setBlockTemperature: { command: 'set_block_temperature', arguments: { temperatureC: 'temperature' }, takesBackend: true },
  setLidTemperature: { command: 'set_lid_temperature', arguments: { temperatureC: 'temperature' }, takesBackend: true },
  waitForBlock: { command: 'wait_for_block', arguments: { timeoutS: 'timeout', toleranceC: 'tolerance' } },
  waitForLid: { command: 'wait_for_lid', arguments: { timeoutS: 'timeout', toleranceC: 'tolerance' } },
  waitForProfileCompletion: { command: 'wait_for_profile_completion', arguments: { pollIntervalS: 'poll_interval' } },
};
