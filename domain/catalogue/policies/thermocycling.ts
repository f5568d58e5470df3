// Policies of thermocyclers. A temperature protocol is started by one command, which may end long before the protocol.

import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../json/json.js';
import { readSeconds, toNumber, type CommandPolicy, type PolicyTable } from '../policy.js';

/** From the temperature of one step to that of the next. */
const RAMP_S = 30;
const MARGIN_MS = 600_000;
const DAY_MS = 86_400_000;

const LID: CommandPolicy = { retryClass: 'set-state', expectedMs: 10_000, longestMs: 120_000 };
const SET: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 60_000 };
const SENSOR: CommandPolicy = { retryClass: 'read-only', expectedMs: 500, longestMs: 30_000 };

export const THERMOCYCLER_POLICIES: PolicyTable = {
  open_lid: LID,
  close_lid: LID,
  set_block_temperature: { ...SET, bounds: { temperature: { min: -10, max: 120 } } },
  set_lid_temperature: { ...SET, bounds: { temperature: { min: 0, max: 130 } } },
  deactivate_block: SET,
  deactivate_lid: SET,
  run_protocol: {
    retryClass: 'costly',
    expectedMs: 10_000,
    // Some machines answer only when the protocol is over.
    longestMs: (given) => MARGIN_MS + 2 * readProtocolMs(given['protocol'] ?? null),
    stopMethod: 'deactivate_block',
  },
  wait_for_block: waitUpTo(600),
  wait_for_lid: waitUpTo(1_200),
  // It reads the state again and again; how long the protocol takes is not among its arguments.
  wait_for_profile_completion: { retryClass: 'read-only', expectedMs: 3_600_000, longestMs: DAY_MS, isLook: true },
  is_profile_running: { ...SENSOR, expectedMs: 1_000, longestMs: 120_000 },
  get_block_current_temperature: SENSOR,
  get_block_target_temperature: SENSOR,
  get_block_status: SENSOR,
  get_lid_current_temperature: SENSOR,
  get_lid_target_temperature: SENSOR,
  get_lid_open: SENSOR,
  get_lid_status: SENSOR,
  get_hold_time: SENSOR,
  get_current_cycle_index: SENSOR,
  get_total_cycle_count: SENSOR,
  get_current_step_index: SENSOR,
  get_total_step_count: SENSOR,
  run_pcr_profile: { notACommand: 'Heats the lid, waits and starts; use setLidTemperature, waitForLid and runProtocol.' },
};

function waitUpTo(defaultTimeoutS: number): CommandPolicy {
  return {
    retryClass: 'read-only',
    expectedMs: (given: JsonObject) => readSeconds(given, 'timeout', defaultTimeoutS) / 2,
    longestMs: (given: JsonObject) => readSeconds(given, 'timeout', defaultTimeoutS) + 60_000,
    isLook: true,
  };
}

function readProtocolMs(protocol: Json): number {
  const stages = listMembers(protocol, 'stages');
  return 1_000 * sum(stages.map((stage) => toNumber(stage['repeats'], 1) * sum(listMembers(stage, 'steps').map(readStepS))));
}

function readStepS(step: JsonObject): number {
  return RAMP_S + toNumber(step['hold_seconds'], 0);
}

function listMembers(owner: Json, name: string): readonly JsonObject[] {
  const members = isJsonObject(owner) ? (owner[name] ?? null) : null;
  return isJsonArray(members) ? members.filter(isJsonObject) : [];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
