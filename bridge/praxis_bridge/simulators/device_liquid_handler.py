"""A liquid handler whose truth lives in the device simulator: 8 channels or as many as told, a 96-channel head, a gripper.

It says in words of the deck what PyLabRobot says in objects. Along go the trackers' contents, for matter that the
simulator has not met yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylabrobot.liquid_handling.backends.backend import LiquidHandlerBackend
from pylabrobot.liquid_handling.standard import (
    Drop,
    DropTipRack,
    Mix,
    MultiHeadAspirationContainer,
    MultiHeadAspirationPlate,
    MultiHeadDispenseContainer,
    MultiHeadDispensePlate,
    Pickup,
    PickupTipRack,
    ResourceDrop,
    ResourceMove,
    ResourcePickup,
    SingleChannelAspiration,
    SingleChannelDispense,
)
from pylabrobot.resources import Container, Coordinate, Resource, Tip, TipRack, TipSpot

from . import device_matter as matter
from .device_link import REPLY_TIMEOUT_S, DeviceBackend

Transfer = SingleChannelAspiration | SingleChannelDispense
Transfer96 = MultiHeadAspirationPlate | MultiHeadAspirationContainer | MultiHeadDispensePlate | MultiHeadDispenseContainer
Item = dict[str, Any]


class DeviceLiquidHandlerBackend(DeviceBackend, LiquidHandlerBackend):
    """`homes`: setup() homes the axes, as a real one does; otherwise it only connects."""

    DEVICE_KIND = "liquid_handler"
    # Its sensor looks at the tips themselves, not at the trackers.
    has_own_sensors = True
    _num_arms = 1

    def __init__(
        self, socket: str, device: str, num_channels: int = 8, reply_timeout_s: float = REPLY_TIMEOUT_S, homes: bool = False
    ) -> None:
        super().__init__()
        self.open_link(socket, device, reply_timeout_s)
        self._device, self._channels, self._homes = device, num_channels, homes
        self._head96_installed = True

    async def setup(self) -> None:
        await super().setup()
        await self._act("setup" if self._homes else "connect")

    async def stop(self) -> None:
        self.link.close()

    @property
    def num_channels(self) -> int:
        return self._channels

    def can_pick_up_tip(self, channel_idx: int, tip: Tip) -> bool:
        return True

    async def pick_up_tips(self, ops: list[Pickup], use_channels: list[int]) -> None:
        items = [_at_spot(str(channel), op.resource) for op, channel in zip(ops, use_channels, strict=True)]
        await self._act("pick_up_tips", channels=items)

    async def drop_tips(self, ops: list[Drop], use_channels: list[int]) -> None:
        items = [_at_target(str(channel), op.resource) for op, channel in zip(ops, use_channels, strict=True)]
        await self._act("drop_tips", channels=items)

    async def aspirate(self, ops: list[SingleChannelAspiration], use_channels: list[int]) -> None:
        await self._act(
            "aspirate", channels=[_in_well(str(channel), op.resource, op) for op, channel in zip(ops, use_channels, strict=True)]
        )

    async def dispense(self, ops: list[SingleChannelDispense], use_channels: list[int]) -> None:
        await self._act(
            "dispense", channels=[_in_well(str(channel), op.resource, op) for op, channel in zip(ops, use_channels, strict=True)]
        )

    async def pick_up_tips96(self, pickup: PickupTipRack) -> None:
        spots = zip(pickup.resource.get_all_items(), pickup.tips, strict=True)
        items = [_at_spot(f"96:{number}", spot) for number, (spot, tip) in enumerate(spots) if tip is not None]
        await self._act("pick_up_tips96", channels=items)

    async def drop_tips96(self, drop: DropTipRack) -> None:
        held = [number for number, tracker in (self.head96 or {}).items() if tracker._tip is not None]
        targets: Sequence[Resource] = drop.resource.get_all_items() if isinstance(drop.resource, TipRack) else [drop.resource] * 96
        await self._act("drop_tips96", channels=[_at_target(f"96:{number}", targets[number]) for number in held])

    async def aspirate96(self, aspiration: MultiHeadAspirationPlate | MultiHeadAspirationContainer) -> None:
        await self._act("aspirate96", channels=_in_wells96(aspiration))

    async def dispense96(self, dispense: MultiHeadDispensePlate | MultiHeadDispenseContainer) -> None:
        await self._act("dispense96", channels=_in_wells96(dispense))

    async def pick_up_resource(self, pickup: ResourcePickup) -> None:
        labware = pickup.resource
        grip = {"distanceFromTopMm": pickup.pickup_distance_from_top, "direction": pickup.direction.name}
        await self._act("pick_up_resource", labware=labware.name, place=matter.name_place(labware.parent, self._device), grip=grip)

    async def move_picked_up_resource(self, move: ResourceMove) -> None:
        await self._act("move_picked_up_resource", labware=move.resource.name, to=_show(move.location))

    async def drop_resource(self, drop: ResourceDrop) -> None:
        place = matter.find_place(self.deck, drop)
        name = f"{self._device}/at {_show(drop.destination)}" if place is None else matter.name_place(place, self._device)
        await self._act("drop_resource", labware=drop.resource.name, place=name, to=_show(drop.destination))

    async def prepare_for_manual_channel_operation(self, channel: int) -> None:
        await self._act("prepare_for_manual_channel_operation", channel=channel)

    async def move_channel_x(self, channel: int, x: float) -> None:
        await self._act("move_channel", channel=channel, axis="x", toMm=x)

    async def move_channel_y(self, channel: int, y: float) -> None:
        await self._act("move_channel", channel=channel, axis="y", toMm=y)

    async def move_channel_z(self, channel: int, z: float) -> None:
        await self._act("move_channel", channel=channel, axis="z", toMm=z)

    async def request_tip_presence(self) -> list[bool | None]:
        presence: list[bool | None] = await self._act("request_tip_presence", numChannels=self._channels)
        return presence


def _at_spot(channel: str, spot: TipSpot) -> Item:
    return {"channel": channel, "spot": matter.name_item(spot), "hasTip": spot.tracker._tip is not None}


def _at_target(channel: str, target: Resource) -> Item:
    return _at_spot(channel, target) if isinstance(target, TipSpot) else {"channel": channel, "waste": matter.name_item(target)}


def _in_well(channel: str, container: Container, op: Transfer | Transfer96) -> Item:
    told = {"flowRate": op.flow_rate, "liquidHeightMm": op.liquid_height, "blowOutAirUl": op.blow_out_air_volume, "mix": _show_mix(op.mix)}
    given = {name: value for name, value in told.items() if value is not None}
    where = {"channel": channel, "well": matter.name_item(container), "volumeUl": op.volume}
    return {**where, "initialUl": container.tracker.volume, "maxVolumeUl": matter.read_max_volume_ul(container), **given}


def _in_wells96(op: Transfer96) -> list[Item]:
    if isinstance(op, (MultiHeadAspirationContainer, MultiHeadDispenseContainer)):
        return [_in_well(f"96:{number}", op.container, op) for number, tip in enumerate(op.tips) if tip is not None]
    return [
        _in_well(f"96:{number}", well, op) for number, (well, tip) in enumerate(zip(op.wells, op.tips, strict=False)) if tip is not None
    ]


def _show(place: Coordinate) -> list[float]:
    return [round(place.x, 3), round(place.y, 3), round(place.z, 3)]


def _show_mix(mix: Mix | None) -> Item | None:
    return None if mix is None else {"volumeUl": mix.volume, "repetitions": mix.repetitions}
