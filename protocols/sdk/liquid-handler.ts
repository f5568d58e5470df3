// The liquid handler as a protocol drives it: typed methods that become commands by PyLabRobot's names. What strings
// several motions together (transfer, mix, movePlate) sends each of them as a command of its own.

import type { JsonObject } from '../../domain/json/json.js';
import { give } from './give.js';
import type { ContainerRef, LabwareHandle, Plate, TipRack, TipSpotRef, Trough } from './labware.js';
import {
  requireCompositeOptions,
  requireCount,
  requireVolume,
  toLiquidArguments,
  toSingleArguments,
  toTipArguments,
  type Containers,
} from './liquid-arguments.js';
import type {
  Aspirate96Options,
  AspirateOptions,
  DiscardTips96Options,
  Dispense96Options,
  DispenseOptions,
  DropResourceOptions,
  DropTipOptions,
  DropTips96Options,
  MixOptions,
  MoveOptions,
  MovePickedUpResourceOptions,
  OneOrEach,
  PickUpResourceOptions,
  PickUpTipOptions,
  PickUpTips96Options,
  TransferOptions,
} from './liquid-options.js';
import { toWireValue, type AnyMachine, type SendCommand } from './machine-handle.js';
import type { Coordinate, Site } from './values.js';
import type { BoundAsset } from '../../domain/runs/run.js';

export type { Containers } from './liquid-arguments.js';
export type { LiquidOptions, TipOptions } from './liquid-options.js';
export type { SendCommand } from './machine-handle.js';

/** What the 96-head draws from or gives to: all wells of a plate, a trough, or 96 wells one by one. */
export type Containers96 = Plate | Trough | readonly ContainerRef[];

/** Where labware may be put: into a machine, on a site of a carrier, on other labware, or at a place of the deck in mm. */
export type Destination = AnyMachine | LabwareHandle | Site | Coordinate;

/** How far below its top the gripper takes a plate, so that it clears the wells' flange. */
const PLATE_GRIP_FROM_TOP_MM = 9.87;
const LID_GRIP_FROM_TOP_MM = 2.37;

export interface LiquidHandler extends AnyMachine {
  /** Afterwards the channels hold the tips. TIP_MISSING where a spot is empty, TIP_PRESENT where a channel is taken. */
  pickUpTips(spots: readonly TipSpotRef[], options?: PickUpTipOptions): Promise<void>;
  /** Afterwards the tips stand in the spots. */
  dropTips(spots: readonly TipSpotRef[], options?: DropTipOptions): Promise<void>;
  /** Puts the mounted tips back where they came from. */
  returnTips(options?: DropTipOptions): Promise<void>;
  /** Drops the mounted tips, with what is in them, into the trash. */
  discardTips(options?: DropTipOptions): Promise<void>;
  /** Draws volumes in µL, one for all or one per container. TOO_LITTLE_LIQUID, TOO_LITTLE_ROOM, TIP_MISSING. */
  aspirate(from: Containers, volumeUl: OneOrEach<number>, options?: AspirateOptions): Promise<void>;
  /** Gives volumes in µL, one for all or one per container. TOO_LITTLE_LIQUID, TOO_LITTLE_ROOM. */
  dispense(to: Containers, volumeUl: OneOrEach<number>, options?: DispenseOptions): Promise<void>;
  /** Draws from the first and gives to the second, channel by channel: two commands. */
  transfer(from: Containers, to: Containers, volumeUl: OneOrEach<number>, options?: TransferOptions): Promise<void>;
  /** Draws and gives in the same place: two commands each time. For strokes within one command see LiquidOptions.mix. */
  mix(containers: Containers, volumeUl: OneOrEach<number>, options: MixOptions): Promise<void>;

  /** Afterwards the 96-head holds the whole rack. */
  pickUpTips96(rack: TipRack, options?: PickUpTips96Options): Promise<void>;
  dropTips96(rack: TipRack, options?: DropTips96Options): Promise<void>;
  /** Puts the tips of the 96-head back where they came from. */
  returnTips96(options?: DropTips96Options): Promise<void>;
  /** Drops the tips of the 96-head, with what is in them, into the trash. */
  discardTips96(options?: DiscardTips96Options): Promise<void>;
  /** Draws the same volume with every channel of the 96-head. */
  aspirate96(from: Containers96, volumeUl: number, options?: Aspirate96Options): Promise<void>;
  /** Gives the same volume with every channel of the 96-head. */
  dispense96(to: Containers96, volumeUl: number, options?: Dispense96Options): Promise<void>;

  /** Afterwards the gripper holds the labware, which stands nowhere until it is dropped. */
  pickUpResource(labware: LabwareHandle, options?: PickUpResourceOptions): Promise<void>;
  /** Carries what the gripper holds to a place, without letting go. */
  movePickedUpResource(to: Coordinate, options?: MovePickedUpResourceOptions): Promise<void>;
  /** Afterwards what the gripper held stands at the destination. */
  dropResource(destination: Destination, options?: DropResourceOptions): Promise<void>;
  /** Picks up and drops: two commands, and one for each place on the way. */
  movePlate(plate: Plate, destination: Destination, options?: MoveOptions): Promise<void>;
  moveLid(lid: LabwareHandle, destination: Destination, options?: MoveOptions): Promise<void>;

  /** Makes room around a channel, for a person to take it. */
  prepareForManualChannelOperation(channel: number): Promise<void>;
  moveChannelX(channel: number, xMm: number): Promise<void>;
  moveChannelY(channel: number, yMm: number): Promise<void>;
  moveChannelZ(channel: number, zMm: number): Promise<void>;
}

export function createLiquidHandler(asset: BoundAsset, send: SendCommand): LiquidHandler {
  const act: Act = (...steps) =>
    send.isNoting ? sendInOrder(send, steps) : give(`${asset.name}.${steps[0]?.[0] ?? ''}`, () => sendInOrder(send, steps));
  return Object.freeze<LiquidHandler>({
    asset,
    name: asset.name,
    ...createChannelMethods(act),
    ...createHeadMethods(act),
    ...createGripperMethods(act),
  });
}

/** One motion after the other. */
type Act = (...steps: readonly Step[]) => Promise<void>;
type Step = readonly [method: string, given: JsonObject];

type ChannelMethods = Pick<
  LiquidHandler,
  | ('pickUpTips' | 'dropTips' | 'returnTips' | 'discardTips' | 'aspirate' | 'dispense' | 'transfer' | 'mix')
  | ('prepareForManualChannelOperation' | 'moveChannelX' | 'moveChannelY' | 'moveChannelZ')
>;

function createChannelMethods(act: Act): ChannelMethods {
  return {
    pickUpTips: (spots, options) => act(['pick_up_tips', toTipArguments('pick_up_tips', options, spots)]),
    dropTips: (spots, options) => act(['drop_tips', toTipArguments('drop_tips', options, spots)]),
    returnTips: (options) => act(['return_tips', toTipArguments('return_tips', options)]),
    discardTips: (options) => act(['discard_tips', toTipArguments('discard_tips', options)]),
    aspirate: (from, volumeUl, options) => act(['aspirate', toLiquidArguments('aspirate', { containers: from, volumeUl }, options)]),
    dispense: (to, volumeUl, options) => act(['dispense', toLiquidArguments('dispense', { containers: to, volumeUl }, options)]),
    transfer: (from, to, volumeUl, options) => {
      requireCompositeOptions('transfer', options, ['aspirate', 'dispense']);
      return act(
        ['aspirate', toLiquidArguments('aspirate', { containers: from, volumeUl }, options?.aspirate)],
        ['dispense', toLiquidArguments('dispense', { containers: to, volumeUl }, options?.dispense)],
      );
    },
    mix: (containers, volumeUl, options) => {
      requireCompositeOptions('mix', options, ['repetitions', 'aspirate', 'dispense']);
      const stroke: readonly Step[] = [
        ['aspirate', toLiquidArguments('aspirate', { containers, volumeUl }, options.aspirate)],
        ['dispense', toLiquidArguments('dispense', { containers, volumeUl }, options.dispense)],
      ];
      return act(...Array.from({ length: requireCount(options.repetitions, 'repetitions') }, () => stroke).flat());
    },
    prepareForManualChannelOperation: (channel) => act(['prepare_for_manual_channel_operation', { channel }]),
    moveChannelX: (channel, xMm) => act(['move_channel_x', { channel, x: xMm }]),
    moveChannelY: (channel, yMm) => act(['move_channel_y', { channel, y: yMm }]),
    moveChannelZ: (channel, zMm) => act(['move_channel_z', { channel, z: zMm }]),
  };
}

type HeadMethods = Pick<LiquidHandler, 'pickUpTips96' | 'dropTips96' | 'returnTips96' | 'discardTips96' | 'aspirate96' | 'dispense96'>;

function createHeadMethods(act: Act): HeadMethods {
  const toStep = (method: 'aspirate96' | 'dispense96', containers: Containers96, volumeUl: number, options: object | undefined): Step => [
    method,
    { resource: toWireValue(containers), volume: requireVolume(volumeUl), ...toSingleArguments(method, options) },
  ];
  return {
    pickUpTips96: (rack, options) =>
      act(['pick_up_tips96', { tip_rack: toWireValue(rack), ...toSingleArguments('pick_up_tips96', options) }]),
    dropTips96: (rack, options) => act(['drop_tips96', { resource: toWireValue(rack), ...toSingleArguments('drop_tips96', options) }]),
    returnTips96: (options) => act(['return_tips96', toSingleArguments('return_tips96', options)]),
    discardTips96: (options) => act(['discard_tips96', toSingleArguments('discard_tips96', options)]),
    aspirate96: (from, volumeUl, options) => act(toStep('aspirate96', from, volumeUl, options)),
    dispense96: (to, volumeUl, options) => act(toStep('dispense96', to, volumeUl, options)),
  };
}

type GripperMethods = Pick<LiquidHandler, 'pickUpResource' | 'movePickedUpResource' | 'dropResource' | 'movePlate' | 'moveLid'>;

function createGripperMethods(act: Act): GripperMethods {
  const toPickUp = (labware: LabwareHandle, options: PickUpResourceOptions | undefined): Step => [
    'pick_up_resource',
    { resource: toWireValue(labware), ...toSingleArguments('pick_up_resource', options) },
  ];
  const toCarry = (to: Coordinate, options?: MovePickedUpResourceOptions): Step => [
    'move_picked_up_resource',
    { to: toWireValue(to), ...toSingleArguments('move_picked_up_resource', options) },
  ];
  const toDrop = (destination: Destination, options: DropResourceOptions | undefined): Step => [
    'drop_resource',
    { destination: toWireValue(destination), ...toSingleArguments('drop_resource', options) },
  ];
  const move = (what: { method: string; labware: LabwareHandle; gripMm: number }, destination: Destination, options: MoveOptions = {}) => {
    requireCompositeOptions(what.method, options, ['pickUp', 'drop', 'via']);
    const { pickUp, drop, via = [] } = options;
    const [method, given] = toPickUp(what.labware, { pickupDistanceFromTopMm: what.gripMm, ...pickUp });
    // What would forbid to put it down is asked before it is taken.
    const gripped: Step = [method, { ...given, destination: toWireValue(destination) }];
    return act(gripped, ...via.map((place) => toCarry(place)), toDrop(destination, drop));
  };
  return {
    pickUpResource: (labware, options) => act(toPickUp(labware, options)),
    movePickedUpResource: (to, options) => act(toCarry(to, options)),
    dropResource: (destination, options) => act(toDrop(destination, options)),
    movePlate: (plate, destination, options) =>
      move({ method: 'movePlate', labware: plate, gripMm: PLATE_GRIP_FROM_TOP_MM }, destination, options),
    moveLid: (lid, destination, options) => move({ method: 'moveLid', labware: lid, gripMm: LID_GRIP_FROM_TOP_MM }, destination, options),
  };
}

/** Each waits for the one before. Where commands are only noted, all are noted at once, so that their order holds. */
async function sendInOrder(send: SendCommand, steps: readonly Step[]): Promise<void> {
  for (const [method, given] of steps) {
    const ended = send(method, given);
    // Noted commands end when all of them are sent, so the next is noted at once.
    if (send.isNoting !== true) await ended;
  }
}
