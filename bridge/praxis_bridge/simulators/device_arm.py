"""A SCARA arm that is a process of its own: it takes and leaves whatever stands at a position.

Trait: `stations`, name of a place → [x, y, z] in mm, for positions where other machines have their plates.
"""

from __future__ import annotations

from typing import Any

from pylabrobot.arms.backend import AccessPattern, SCARABackend
from pylabrobot.arms.precise_flex.coords import PreciseFlexCartesianCoords
from pylabrobot.resources import Coordinate, Rotation

from .device_instrument import InstrumentBackend

Position = PreciseFlexCartesianCoords | dict[int, float]


class DeviceArmBackend(InstrumentBackend, SCARABackend):
    DEVICE_KIND = "arm"

    async def open_gripper(self, gripper_width: float) -> None:
        await self._act("open_gripper", widthMm=gripper_width)

    async def close_gripper(self, gripper_width: float) -> None:
        await self._act("close_gripper", widthMm=gripper_width)

    async def is_gripper_closed(self) -> bool:
        return bool(await self._act("is_gripper_closed"))

    async def halt(self) -> None:
        await self._act("halt")

    async def home(self) -> None:
        await self._act("home")

    async def move_to_safe(self) -> None:
        await self._act("move_to_safe")

    async def move_to(self, position: Position) -> None:
        await self._act("move_to", position=_encode(position))

    async def approach(self, position: Position, access: AccessPattern | None = None) -> None:
        await self._act("approach", position=_encode(position))

    async def pick_up_resource(self, position: Position, plate_width: float, access: AccessPattern | None = None) -> None:
        await self._act("pick_up_resource", position=_encode(position), widthMm=plate_width)

    async def drop_resource(self, position: Position, access: AccessPattern | None = None) -> None:
        await self._act("drop_resource", position=_encode(position))

    async def get_joint_position(self) -> dict[int, float]:
        joints = await self._act("get_joint_position")
        return {int(axis): float(angle) for axis, angle in joints.items()}

    async def get_cartesian_position(self) -> PreciseFlexCartesianCoords:
        x, y, z = await self._act("get_cartesian_position")
        return PreciseFlexCartesianCoords(location=Coordinate(x, y, z), rotation=Rotation(0, 90, 180))

    async def freedrive_mode(self, free_axes: list[int]) -> None:
        await self._act("freedrive_mode", freeAxes=free_axes)

    async def end_freedrive_mode(self) -> None:
        await self._act("end_freedrive_mode")


def _encode(position: Position) -> Any:
    """[x, y, z] in mm, or {axis: angle}."""
    if isinstance(position, dict):
        return {str(axis): angle for axis, angle in position.items()}
    return [position.location.x, position.location.y, position.location.z]
