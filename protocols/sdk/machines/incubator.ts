// The Incubator as a protocol drives it: PyLabRobot's methods as commands. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { AnyMachine, MethodPlans } from '../machine-handle.js';
import type { Site } from '../values.js';

/** `fetch_plate_to_loading_tray`. */
export interface IncubatorFetchPlateToLoadingTrayBackend {
  readonly read_barcode?: boolean;
}

/** `take_in_plate`. */
export interface IncubatorTakeInPlateBackend {
  readonly read_barcode?: boolean;
}

export interface Incubator extends AnyMachine {
  /** Close door. */
  closeDoor(): Promise<void>;
  /** Fetch a plate from the incubator and put it on the loading tray. */
  fetchPlateToLoadingTray(options: {
    readonly plateName: string;
    readonly backend?: IncubatorFetchPlateToLoadingTrayBackend;
  }): Promise<{ readonly $ref: string }>;
  /** Get temperature. */
  getTemperature(): Promise<number>;
  /** Open door. */
  openDoor(): Promise<void>;
  /** Set the temperature of the incubator in degrees Celsius. */
  setTemperature(options: { readonly temperatureC: number }): Promise<void>;
  /** Start shaking. */
  startShaking(options?: { readonly frequencyHz?: number }): Promise<void>;
  /** Stop shaking. */
  stopShaking(): Promise<void>;
  /** Take a plate from the loading tray and put it in the incubator. */
  takeInPlate(options: { readonly site: Site | 'random' | 'smallest'; readonly backend?: IncubatorTakeInPlateBackend }): Promise<void>;
}

export const INCUBATOR: MethodPlans<Incubator> = {
  closeDoor: { command: 'close_door' },
  fetchPlateToLoadingTray: { command: 'fetch_plate_to_loading_tray', arguments: { plateName: 'plate_name' }, takesBackend: true },
  getTemperature: { command: 'get_temperature', result: 'number' },
  openDoor: { command: 'open_door' },
  setTemperature: { command: 'set_temperature', arguments: { temperatureC: 'temperature' } },
  startShaking: { command: 'start_shaking', arguments: { frequencyHz: 'frequency' } },
  stopShaking: { command: 'stop_shaking' },
  takeInPlate: { command: 'take_in_plate', arguments: { site: 'site' }, takesBackend: true },
};
