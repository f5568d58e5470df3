"""A centrifuge that refuses what a real one refuses: to spin with an open door, or to open one that is locked."""

from __future__ import annotations

from typing import Any

from pylabrobot.centrifuge.backend import CentrifugeBackend

from .motion import Motion, MotionTimes


class CentrifugeSimulatorBackend(CentrifugeBackend):
    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._is_door_open = False
        self._is_door_locked = False
        self._is_bucket_locked = False
        self._spins = 0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open_door(self) -> None:
        if self._is_door_locked:
            raise ValueError("The door is locked; unlock it first.")
        await self._motion.act("open_door")
        self._is_door_open = True

    async def close_door(self) -> None:
        await self._motion.act("close_door")
        self._is_door_open = False

    async def lock_door(self) -> None:
        if self._is_door_open:
            raise ValueError("The door is open; close it first.")
        await self._motion.act("lock_door")
        self._is_door_locked = True

    async def unlock_door(self) -> None:
        await self._motion.act("unlock_door")
        self._is_door_locked = False

    async def lock_bucket(self) -> None:
        await self._motion.act("lock_bucket")
        self._is_bucket_locked = True

    async def unlock_bucket(self) -> None:
        await self._motion.act("unlock_bucket")
        self._is_bucket_locked = False

    async def go_to_bucket1(self) -> None:
        await self._motion.act("go_to_bucket1")

    async def go_to_bucket2(self) -> None:
        await self._motion.act("go_to_bucket2")

    async def spin(self, g: float, duration: float, acceleration: float = 0.8, deceleration: float = 0.8) -> None:
        if self._is_door_open:
            raise ValueError("The door is open; close it first.")
        if not 0 < acceleration <= 1 or not 0 < deceleration <= 1:
            raise ValueError("Acceleration and deceleration are fractions above 0, at most 1.")
        await self._motion.act("spin")
        self._spins += 1

    def read_state(self) -> dict[str, Any]:
        return {
            "isDoorOpen": self._is_door_open,
            "isDoorLocked": self._is_door_locked,
            "isBucketLocked": self._is_bucket_locked,
            "spins": self._spins,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        self._is_door_open, self._is_door_locked = state["isDoorOpen"], state["isDoorLocked"]
        self._is_bucket_locked, self._spins = state["isBucketLocked"], state["spins"]
