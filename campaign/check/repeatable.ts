// Methods that may act again under the same id after their bridge died in the middle: doing them twice leaves the world as
// doing them once. Written from what the machines do, not from the engine's table.

const ASKING = /^(get|request|read|is|sense|measure|check|list|scan)(_|$)/u;
const SETTING: readonly string[] = [
  ...['set_temperature', 'set_block_temperature', 'set_lid_temperature', 'deactivate', 'deactivate_block', 'deactivate_lid'],
  ...['open', 'close', 'open_door', 'close_door', 'lock_door', 'unlock_door', 'open_lid', 'close_lid'],
  ...[
    'lock_plate',
    'unlock_plate',
    'start_shaking',
    'stop_shaking',
    'shake',
    'set_speed',
    'home',
    'move_to',
    'open_gripper',
    'close_gripper',
    'tare',
    'zero',
  ],
];

export function isRepeatable(method: string): boolean {
  return ASKING.test(method) || SETTING.includes(method);
}
