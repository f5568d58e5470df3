// Policies of liquid handlers. All move liquid, tips or labware, so none may be repeated. Longest times are a STAR's: its
// firmware answers within 30 s a step, or nobody knows what happened. No liquid handler can stop a motion under way.

import { toNumber, type CommandPolicy, type PolicyTable } from '../policy.js';
import { isJsonArray, isJsonObject, type JsonObject } from '../../json/json.js';

/** One stroke of a mix that is part of an aspirate or dispense. */
const MIX_STROKE_MS = 4_000;

const TIPS: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 5_000, longestMs: 120_000 };
/** Where it is not said which tips, there may be none. */
const LET_GO: CommandPolicy = { ...TIPS, nothingToDo: 'TIP_MISSING' };
const LIQUID: CommandPolicy = {
  retryClass: 'non-idempotent',
  expectedMs: (given) => 4_000 + readMixMs(given),
  longestMs: (given) => 180_000 + 3 * readMixMs(given),
};
const LABWARE: CommandPolicy = { retryClass: 'non-idempotent', expectedMs: 12_000, longestMs: 180_000 };
const CHANNEL: CommandPolicy = { retryClass: 'set-state', expectedMs: 2_000, longestMs: 60_000 };

export const LIQUID_HANDLER_POLICIES: PolicyTable = {
  pick_up_tips: TIPS,
  drop_tips: TIPS,
  return_tips: LET_GO,
  discard_tips: LET_GO,
  pick_up_tips96: TIPS,
  drop_tips96: TIPS,
  return_tips96: LET_GO,
  discard_tips96: LET_GO,
  aspirate: LIQUID,
  dispense: LIQUID,
  aspirate96: LIQUID,
  dispense96: LIQUID,
  pick_up_resource: LABWARE,
  move_picked_up_resource: LABWARE,
  drop_resource: LABWARE,
  prepare_for_manual_channel_operation: { retryClass: 'set-state', expectedMs: 5_000, longestMs: 120_000 },
  move_channel_x: CHANNEL,
  move_channel_y: CHANNEL,
  move_channel_z: CHANNEL,
  move_tips: { notACommand: 'Picks up and drops; use pickUpTips and dropTips.' },
  use_tips: { notACommand: 'A section of code and not a motion; use pickUpTips, run.onCleanup and returnTips.' },
  probe_tip_presence_via_pickup: { notACommand: 'Picks up and drops; use pickUpTips, which says TIP_MISSING, and returnTips.' },
  probe_tip_inventory: { notACommand: 'Picks up and drops many times; use pickUpTips, which says TIP_MISSING, and returnTips.' },
  consolidate_tip_inventory: { notACommand: 'Moves many tips; use pickUpTips and dropTips.' },
  transfer: { notACommand: 'Draws and gives; use transfer of the SDK, which sends both as commands.' },
  stamp: { notACommand: 'Gives back into its source; use aspirate96 and dispense96.' },
  move_resource: { notACommand: 'Picks up and drops; use pickUpResource and dropResource.' },
  move_plate: { notACommand: 'Picks up and drops; use movePlate of the SDK, which sends both as commands.' },
  move_lid: { notACommand: 'Picks up and drops; use moveLid of the SDK, which sends both as commands.' },
};

function readMixMs(given: JsonObject): number {
  const mixes = given['mix'] ?? null;
  const longest = (isJsonArray(mixes) ? mixes : [mixes]).map((mix) => (isJsonObject(mix) ? toNumber(mix['repetitions'], 0) : 0));
  return Math.max(0, ...longest) * MIX_STROKE_MS;
}
