// Policies of arms and tilters. An arm can be halted in mid-motion; where it stands then must be asked of it.

import type { CommandPolicy, PolicyTable } from '../policy.js';

const MOVE: CommandPolicy = { retryClass: 'set-state', expectedMs: 8_000, longestMs: 120_000, stopMethod: 'halt' };
const GRIP: CommandPolicy = { retryClass: 'set-state', expectedMs: 2_000, longestMs: 60_000, stopMethod: 'halt' };
const PLATE: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 15_000, longestMs: 180_000, stopMethod: 'halt' };
const SENSOR: CommandPolicy = { retryClass: 'read-only', expectedMs: 500, longestMs: 30_000 };
const MODE: CommandPolicy = { retryClass: 'set-state', expectedMs: 1_000, longestMs: 30_000 };

export const ARM_POLICIES: PolicyTable = {
  home: { ...MOVE, expectedMs: 20_000, longestMs: 180_000 },
  move_to: MOVE,
  move_to_safe: MOVE,
  approach: MOVE,
  open_gripper: GRIP,
  close_gripper: GRIP,
  pick_up_resource: PLATE,
  drop_resource: PLATE,
  halt: MODE,
  freedrive_mode: MODE,
  end_freedrive_mode: MODE,
  is_gripper_closed: SENSOR,
  get_joint_position: SENSOR,
  get_cartesian_position: SENSOR,
};

export const TILTER_POLICIES: PolicyTable = {
  set_angle: { retryClass: 'set-state', expectedMs: 5_000, longestMs: 60_000 },
  // By how much and not to where: a second time would tilt twice as far.
  tilt: { retryClass: 'non-idempotent', expectedMs: 5_000, longestMs: 60_000 },
};
