// What must be true of the state that is known before a method may begin: one row for each thing that would end in a crash, a
// wrong number or a tip that is not there. The bridge asks them all before SENT, in rehearsals as in runs; what is not known
// hinders nothing. The rules themselves are in bridge/praxis_bridge/plr/interlocks.py.

/** What a row asks of the state. */
export type InterlockRule =
  | 'carrier-reaches'
  | 'channels-free'
  | 'clamp-open'
  | 'door-closed'
  | 'door-open'
  | 'head96-has-tips'
  | 'mix-fits'
  | 'no-gripper-inside'
  | 'not-gripped'
  | 'not-shaking'
  | 'offset-inside'
  | 'place-free'
  | 'wells-inside';

export interface Interlock {
  readonly frontEnd: string;
  readonly methods: readonly string[];
  /** Those that name the labware or the place that is looked at; none where it is the machine itself. */
  readonly arguments: readonly string[];
  readonly rule: InterlockRule;
  readonly code: 'BAD_ARGUMENTS' | 'INTERLOCKED' | 'TIP_MISSING' | 'TIP_PRESENT' | 'TOO_LITTLE_ROOM';
  /** `{what}` is the labware or place, `{machine}` the machine around it, `{known}` what is known of that. */
  readonly message: string;
  readonly remedy: string;
}

const GRIP = ['pick_up_resource', 'drop_resource'];
const GRIP_ARGUMENTS = ['resource', 'destination'];
const PIPETTE = [
  ...['pick_up_tips', 'drop_tips', 'aspirate', 'dispense'],
  ...['pick_up_tips96', 'drop_tips96', 'aspirate96', 'dispense96'],
];
const PIPETTE_ARGUMENTS = ['tip_spots', 'resources', 'tip_rack', 'resource'];
const READ = ['read_absorbance', 'read_fluorescence', 'read_luminescence'];

export const INTERLOCKS: readonly Interlock[] = [
  {
    frontEnd: 'LiquidHandler',
    methods: PIPETTE,
    arguments: PIPETTE_ARGUMENTS,
    rule: 'not-gripped',
    code: 'INTERLOCKED',
    message: '{what} hangs in the gripper of {machine}.',
    remedy: 'Put it down first: dropResource, or movePlate instead of pickUpResource.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: [...GRIP, ...PIPETTE],
    arguments: [...GRIP_ARGUMENTS, ...PIPETTE_ARGUMENTS],
    rule: 'door-open',
    code: 'INTERLOCKED',
    message: 'Nothing reaches {what}: the last thing known of {machine} is: {known}.',
    remedy: 'Open {machine} first, and close it when the arm has left.',
  },
  {
    frontEnd: 'LiquidHandler',
    // Where a gripper puts something down, it looks by itself.
    methods: ['pick_up_resource', ...PIPETTE],
    arguments: [...GRIP_ARGUMENTS, ...PIPETTE_ARGUMENTS],
    rule: 'carrier-reaches',
    code: 'INTERLOCKED',
    message: '{what} is {known}, where no arm of the deck reaches it.',
    remedy: 'Bring it to a place on the deck first; an incubator hands plates over at its tray: fetchPlateToLoadingTray.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: GRIP,
    arguments: GRIP_ARGUMENTS,
    rule: 'not-shaking',
    code: 'INTERLOCKED',
    message: 'Nothing takes or puts down {what}: the last thing known of {machine} is: {known}.',
    remedy: 'Stop {machine} first: stopShaking.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: GRIP,
    arguments: GRIP_ARGUMENTS,
    rule: 'clamp-open',
    code: 'INTERLOCKED',
    message: 'Nothing takes or puts down {what}: the last thing known of {machine} is: {known}.',
    remedy: 'Unlock {machine} first: unlockPlate.',
  },
  {
    frontEnd: 'LiquidHandler',
    // Where it is put down the front end of PyLabRobot looks by itself.
    methods: ['pick_up_resource'],
    arguments: ['destination'],
    rule: 'place-free',
    code: 'BAD_ARGUMENTS',
    message: '{what} is taken: {known} stands there.',
    remedy: 'Name a free place, or move away what stands there.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: ['aspirate', 'dispense', 'pick_up_tips', 'drop_tips'],
    arguments: ['resources', 'tip_spots'],
    rule: 'offset-inside',
    code: 'BAD_ARGUMENTS',
    message: 'With this offset the channel would be {known} of {what}.',
    remedy: 'Give an offset within the container: from its middle, and from its bottom up.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: ['aspirate', 'dispense', 'aspirate96', 'dispense96'],
    arguments: ['mix'],
    rule: 'mix-fits',
    code: 'TOO_LITTLE_ROOM',
    message: 'Strokes of {known} do not fit: {what}.',
    remedy: 'Mix with less than the tip has room for and the container holds.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: ['pick_up_tips', 'pick_up_tips96'],
    arguments: [],
    rule: 'channels-free',
    code: 'TIP_PRESENT',
    message: '{what} of {machine} holds {known}.',
    remedy: 'Discard the mounted tips, of channels and of the 96-head: praxis run discard_tips --wait.',
  },
  {
    frontEnd: 'LiquidHandler',
    methods: ['aspirate96', 'dispense96', 'drop_tips96', 'return_tips96', 'discard_tips96'],
    arguments: [],
    rule: 'head96-has-tips',
    code: 'TIP_MISSING',
    message: 'The 96-head of {machine} holds no tips.',
    remedy: 'Pick up tips first: pickUpTips96.',
  },
  {
    frontEnd: 'PlateReader',
    methods: READ,
    arguments: ['wells'],
    rule: 'wells-inside',
    code: 'BAD_ARGUMENTS',
    message: '{what} does not stand in {machine}; {known}.',
    remedy: 'Name wells of the plate that stands in {machine}, or move the other one in.',
  },
  {
    frontEnd: 'Imager',
    methods: ['capture'],
    arguments: ['well'],
    rule: 'wells-inside',
    code: 'BAD_ARGUMENTS',
    message: '{what} does not stand in {machine}; {known}.',
    remedy: 'Name a well of the plate that stands in {machine}, or move the other one in.',
  },
  {
    frontEnd: 'PlateReader',
    methods: READ,
    arguments: [],
    rule: 'door-closed',
    code: 'INTERLOCKED',
    message: 'The last thing known of {machine} is: {known}. It reads nothing but light of the room.',
    remedy: 'Close {machine} first.',
  },
  ...(
    [
      ['PlateReader', 'close'],
      ['Thermocycler', 'close_lid'],
      ['Centrifuge', 'close_door'],
      ['IncubatorShakerStack', 'close_all'],
    ] as const
  ).map(
    ([frontEnd, method]): Interlock => ({
      frontEnd,
      methods: [method],
      arguments: [],
      rule: 'no-gripper-inside',
      code: 'INTERLOCKED',
      message: '{what} hangs in a gripper that has taken it from {machine} and not moved away: {known}.',
      remedy: 'Put it down or carry it away first: dropResource, or movePickedUpResource.',
    }),
  ),
];

/** What a machine is known to be in once a command of it has been done, by front end and method. Real instruments do not tell. */
export const LEARNED: Readonly<Record<string, Readonly<Record<string, readonly [what: string, is: string]>>>> = {
  Centrifuge: { open_door: ['door', 'open'], close_door: ['door', 'closed'] },
  IncubatorShakerStack: { open_all: ['door', 'open'], close_all: ['door', 'closed'] },
  LiquidHandler: {
    pick_up_resource: ['gripper', 'where it took hold'],
    move_picked_up_resource: ['gripper', 'moved away'],
    drop_resource: ['gripper', 'empty'],
  },
  PlateReader: { open: ['door', 'open'], close: ['door', 'closed'] },
  Shaker: {
    lock_plate: ['clamp', 'locked'],
    unlock_plate: ['clamp', 'unlocked'],
    shake: ['motion', 'shaking'],
    stop_shaking: ['motion', 'at rest'],
  },
  Thermocycler: { open_lid: ['door', 'open'], close_lid: ['door', 'closed'] },
};
