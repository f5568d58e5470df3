"""An incubator that keeps its temperature, door and shaking, and counts what it moves."""

from __future__ import annotations

import time
from typing import Any

from pylabrobot.resources import Plate, PlateHolder
from pylabrobot.storage.backend import IncubatorBackend

from device_simulator.models.warmth import Warmth

from .motion import Motion, MotionTimes


class IncubatorSimulatorBackend(IncubatorBackend):
    def __init__(self, degrees_per_second: float = 0.0, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._warmth = Warmth(degrees_per_second)
        self._is_door_open = False
        self._shaking_hz = 0.0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open_door(self) -> None:
        await self._motion.act("open_door")
        self._is_door_open = True

    async def close_door(self) -> None:
        await self._motion.act("close_door")
        self._is_door_open = False

    async def fetch_plate_to_loading_tray(self, plate: Plate) -> None:  # type: ignore[override]  # It knows no more.
        await self._motion.act("fetch_plate_to_loading_tray")

    async def take_in_plate(self, plate: Plate, site: PlateHolder) -> None:  # type: ignore[override]  # It knows no more.
        await self._motion.act("take_in_plate")

    async def set_temperature(self, temperature: float) -> None:
        await self._motion.act("set_temperature")
        self._warmth.aim(temperature, time.time())

    async def get_temperature(self) -> float:
        return self._warmth.read(time.time())

    async def start_shaking(self, frequency: float) -> None:
        await self._motion.act("start_shaking")
        self._shaking_hz = frequency

    async def stop_shaking(self) -> None:
        await self._motion.act("stop_shaking")
        self._shaking_hz = 0.0

    def read_state(self) -> dict[str, Any]:
        return {**self._warmth.read_state(), "isDoorOpen": self._is_door_open, "shakingHz": self._shaking_hz}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._warmth.restore_state(state)
        self._is_door_open, self._shaking_hz = state["isDoorOpen"], state["shakingHz"]
