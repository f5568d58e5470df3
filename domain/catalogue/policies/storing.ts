// Policies of incubators and incubator shaker stacks.

import type { CommandPolicy, PolicyTable } from '../policy.js';

const PLATE: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 30_000, longestMs: 300_000 };
const DOOR: CommandPolicy = { retryClass: 'set-state', expectedMs: 5_000, longestMs: 90_000 };
const DRAWERS: CommandPolicy = { retryClass: 'set-state', expectedMs: 20_000, longestMs: 300_000 };
const SET: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 60_000 };
const SENSOR: CommandPolicy = { retryClass: 'read-only', expectedMs: 1_000, longestMs: 60_000 };

export const INCUBATOR_POLICIES: PolicyTable = {
  take_in_plate: PLATE,
  fetch_plate_to_loading_tray: PLATE,
  open_door: DOOR,
  close_door: DOOR,
  // Stores that freeze are incubators too.
  set_temperature: { ...SET, bounds: { temperature: { min: -90, max: 100 } } },
  get_temperature: SENSOR,
  start_shaking: { ...SET, stopMethod: 'stop_shaking' },
  stop_shaking: SET,
};

export const INCUBATOR_SHAKER_STACK_POLICIES: PolicyTable = {
  open_all: DRAWERS,
  close_all: DRAWERS,
  get_all_temperatures: SENSOR,
  start_all_temperature_control: SET,
  stop_all_temperature_control: SET,
  // It ends once every unit shakes; stop_all_shaking is a command of its own.
  shake: SET,
  stop_all_shaking: SET,
  request_loading_tray_states: SENSOR,
  request_temperature_control_states: SENSOR,
  request_shaking_states: SENSOR,
};
