"""A SCARA arm with a gripper: remembers where it is, what its gripper does, and which axes swing freely."""

from __future__ import annotations

from typing import Any

from pylabrobot.arms.backend import AccessPattern, SCARABackend
from pylabrobot.arms.precise_flex.coords import PreciseFlexCartesianCoords
from pylabrobot.resources import Coordinate, Rotation

from .motion import Motion, MotionTimes

Position = PreciseFlexCartesianCoords | dict[int, float]
HOME_MM = (0.0, 200.0, 200.0)
AXES = (1, 2, 3, 4, 5, 6)
OPEN_WIDTH_MM = 130.0
CLOSED_BELOW_MM = 100.0


class SCARASimulatorBackend(SCARABackend):
    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._location = list(HOME_MM)
        self._joints = dict.fromkeys(AXES, 0.0)
        self._gripper_mm = OPEN_WIDTH_MM
        self._has_plate = False
        self._free_axes: list[int] = []

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open_gripper(self, gripper_width: float) -> None:
        await self._motion.act("open_gripper")
        self._gripper_mm, self._has_plate = gripper_width, False

    async def close_gripper(self, gripper_width: float) -> None:
        await self._motion.act("close_gripper")
        self._gripper_mm = gripper_width

    async def is_gripper_closed(self) -> bool:
        return self._has_plate or self._gripper_mm < CLOSED_BELOW_MM

    async def halt(self) -> None:
        await self._motion.act("halt")

    async def home(self) -> None:
        await self._motion.act("home")
        self._go(dict.fromkeys(AXES, 0.0))
        self._location = list(HOME_MM)

    async def move_to_safe(self) -> None:
        await self._motion.act("move_to_safe")
        self._location = list(HOME_MM)

    async def move_to(self, position: Position) -> None:
        await self._motion.act("move_to")
        self._go(position)

    async def approach(self, position: Position, access: AccessPattern | None = None) -> None:
        await self._motion.act("approach")
        self._go(position)

    async def pick_up_resource(self, position: Position, plate_width: float, access: AccessPattern | None = None) -> None:
        if self._has_plate:
            raise ValueError("The gripper holds a plate already.")
        await self._motion.act("pick_up_resource")
        self._go(position)
        self._gripper_mm, self._has_plate = plate_width, True

    async def drop_resource(self, position: Position, access: AccessPattern | None = None) -> None:
        if not self._has_plate:
            raise ValueError("The gripper holds no plate.")
        await self._motion.act("drop_resource")
        self._go(position)
        self._gripper_mm, self._has_plate = OPEN_WIDTH_MM, False

    async def get_joint_position(self) -> dict[int, float]:
        return dict(self._joints)

    async def get_cartesian_position(self) -> PreciseFlexCartesianCoords:
        return PreciseFlexCartesianCoords(location=Coordinate(*self._location), rotation=Rotation(0, 90, 180))

    async def freedrive_mode(self, free_axes: list[int]) -> None:
        await self._motion.act("freedrive_mode")
        self._free_axes = list(free_axes)

    async def end_freedrive_mode(self) -> None:
        await self._motion.act("end_freedrive_mode")
        self._free_axes = []

    def read_state(self) -> dict[str, Any]:
        return {
            "locationMm": list(self._location),
            "joints": {str(axis): angle for axis, angle in self._joints.items()},
            "gripperMm": self._gripper_mm,
            "hasPlate": self._has_plate,
            "freeAxes": list(self._free_axes),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        self._location, self._gripper_mm = list(state["locationMm"]), state["gripperMm"]
        self._joints = {int(axis): angle for axis, angle in state["joints"].items()}
        self._has_plate, self._free_axes = state["hasPlate"], list(state["freeAxes"])

    def _go(self, position: Position) -> None:
        if isinstance(position, dict):
            self._joints.update(position)
        else:
            self._location = [position.location.x, position.location.y, position.location.z]
