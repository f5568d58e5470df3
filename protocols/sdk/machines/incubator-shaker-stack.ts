// The IncubatorShakerStack as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';

/** `shake`. */
export interface IncubatorShakerStackShakeBackend {
  readonly pattern?: 'linear_x' | 'linear_y' | 'orbital' | 'elliptical' | 'figure_eight';
  readonly rpm?: number;
  readonly frequency_hz?: number;
  readonly amplitude_x_mm?: number;
  readonly amplitude_y_mm?: number;
  readonly phase_deg?: number;
}

export interface IncubatorShakerStack extends AnyMachine {
  /** Close all units in the stack. */
  closeAll(): Promise<void>;
  /** Get current temperature for all units in the stack. */
  getAllTemperatures(): Promise<Readonly<Record<string, number>>>;
  /** Open all units in the stack. */
  openAll(): Promise<void>;
  /** Request loading tray states for all units. */
  requestLoadingTrayStates(): Promise<Readonly<Record<string, string>>>;
  /** Request shaking states for all units. */
  requestShakingStates(): Promise<Readonly<Record<string, boolean>>>;
  /** Request temperature control states for all units. */
  requestTemperatureControlStates(): Promise<Readonly<Record<string, boolean>>>;
  /** Start shaking for all units in the stack. */
  shake(options?: { readonly backend?: IncubatorShakerStackShakeBackend }): Promise<void>;
  /** Start temperature control for all units in the stack. */
  startAllTemperatureControl(options: { readonly targetTemperatureC: number }): Promise<void>;
  /** Stop shaking for all units in the stack. */
  stopAllShaking(): Promise<void>;
  /** Stop temperature control for all units in the stack. */
  stopAllTemperatureControl(): Promise<void>;
}

export const INCUBATOR_SHAKER_STACK: MethodPlans<IncubatorShakerStack> = {
  closeAll: { command: 'close_all' },
  getAllTemperatures: { command: 'get_all_temperatures' },
  openAll: { command: 'open_all' },
  requestLoadingTrayStates: { command: 'request_loading_tray_states' },
  requestShakingStates: { command: 'request_shaking_states' },
  requestTemperatureControlStates: { command: 'request_temperature_control_states' },
  shake: { command: 'shake', takesBackend: true },
  startAllTemperatureControl: { command: 'start_all_temperature_control', arguments: { targetTemperatureC: 'target_temperature' } },
  stopAllShaking: { command: 'stop_all_shaking' },
  stopAllTemperatureControl: { command: 'stop_all_temperature_control' },
};
