// The liquid handler as a protocol drives it: typed methods that become commands by PyLabRobot's names. What strings
// several motions together (transfer, mix, movePlate) sends each of them as a command of its own.

import type { JsonObject } from '../../domain/json/json.js';
import { give } from './give.js';
import type { ContainerRef, LabwareHandle, Plate, TipRack, TipSpotRef, Trough } from './labware.js';
import { requireCount, requireVolume, toLiquidArguments, toSingleArguments, toTipArguments, type Containers } from './liquid-arguments.js';
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
    pickUpTips: (spots, options) => act(['pick_up_tips', toTipArguments(options, spots)]),
    dropTips: (spots, options) => act(['drop_tips', toTipArguments(options, spots)]),
    returnTips: (options) => act(['return_tips', toTipArguments(options)]),
    discardTips: (options) => act(['discard_tips', toTipArguments(options)]),
    aspirate: (from, volumeUl, options) => act(['aspirate', toLiquidArguments(from, volumeUl, options)]),
    dispense: (to, volumeUl, options) => act(['dispense', toLiquidArguments(to, volumeUl, options)]),
    transfer: (from, to, volumeUl, options) =>
      act(
        ['aspirate', toLiquidArguments(from, volumeUl, options?.aspirate)],
        ['dispense', toLiquidArguments(to, volumeUl, options?.dispense)],
      ),
    mix: (containers, volumeUl, { repetitions, aspirate, dispense }) => {
      const stroke: readonly Step[] = [
        ['aspirate', toLiquidArguments(containers, volumeUl, aspirate)],
        ['dispense', toLiquidArguments(containers, volumeUl, dispense)],
      ];
      return act(...Array.from({ length: requireCount(repetitions, 'repetitions') }, () => stroke).flat());
    },
    prepareForManualChannelOperation: (channel) => act(['prepare_for_manual_channel_operation', { channel }]),
    moveChannelX: (channel, xMm) => act(['move_channel_x', { channel, x: xMm }]),
    moveChannelY: (channel, yMm) => act(['move_channel_y', { channel, y: yMm }]),
    moveChannelZ: (channel, zMm) => act(['move_channel_z', { channel, z: zMm }]),
  };
}

type HeadMethods = Pick<LiquidHandler, 'pickUpTips96' | 'dropTips96' | 'returnTips96' | 'discardTips96' | 'aspirate96' | 'dispense96'>;

function createHeadMethods(act: Act): HeadMethods {
  const toLiquid = (containers: Containers96, volumeUl: number, options: object | undefined): JsonObject => ({
    resource: toWireValue(containers),
    volume: requireVolume(volumeUl),
    ...toSingleArguments(options),
  });
  return {
    pickUpTips96: (rack, options) => act(['pick_up_tips96', { tip_rack: toWireValue(rack), ...toSingleArguments(options) }]),
    dropTips96: (rack, options) => act(['drop_tips96', { resource: toWireValue(rack), ...toSingleArguments(options) }]),
    returnTips96: (options) => act(['return_tips96', toSingleArguments(options)]),
    discardTips96: (options) => act(['discard_tips96', toSingleArguments(options)]),
    aspirate96: (from, volumeUl, options) => act(['aspirate96', toLiquid(from, volumeUl, options)]),
    dispense96: (to, volumeUl, options) => act(['dispense96', toLiquid(to, volumeUl, options)]),
  };
}

type GripperMethods = Pick<LiquidHandler, 'pickUpResource' | 'movePickedUpResource' | 'dropResource' | 'movePlate' | 'moveLid'>;

function createGripperMethods(act: Act): GripperMethods {
  const toPickUp = (labware: LabwareHandle, options: PickUpResourceOptions | undefined): JsonObject => ({
    resource: toWireValue(labware),
    ...toSingleArguments(options),
  });
  const toCarry = (to: Coordinate, options?: MovePickedUpResourceOptions): JsonObject => ({
    to: toWireValue(to),
    ...toSingleArguments(options),
  });
  const toDrop = (destination: Destination, options: DropResourceOptions | undefined): JsonObject => ({
    destination: toWireValue(destination),
    ...toSingleArguments(options),
  });
  const move = (labware: LabwareHandle, destination: Destination, { pickUp, drop, via = [] }: MoveOptions): Promise<void> =>
    act(['pick_up_resource', toPickUp(labware, pickUp)], ...via.map((place): Step => ['move_picked_up_resource', toCarry(place)]), [
      'drop_resource',
      toDrop(destination, drop),
    ]);
  const moveGripped = (
    labware: LabwareHandle,
    destination: Destination,
    { pickUp, ...rest }: MoveOptions,
    pickupDistanceFromTopMm: number,
  ): Promise<void> => move(labware, destination, { ...rest, pickUp: { pickupDistanceFromTopMm, ...pickUp } });
  return {
    pickUpResource: (labware, options) => act(['pick_up_resource', toPickUp(labware, options)]),
    movePickedUpResource: (to, options) => act(['move_picked_up_resource', toCarry(to, options)]),
    dropResource: (destination, options) => act(['drop_resource', toDrop(destination, options)]),
    movePlate: (plate, destination, options = {}) => moveGripped(plate, destination, options, PLATE_GRIP_FROM_TOP_MM),
    moveLid: (lid, destination, options = {}) => moveGripped(lid, destination, options, LID_GRIP_FROM_TOP_MM),
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
