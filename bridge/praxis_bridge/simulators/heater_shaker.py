"""A heater shaker that keeps its targets and comes to its temperature in time, as a real one does."""

from __future__ import annotations

import time
from typing import Any

from pylabrobot.heating_shaking.backend import HeaterShakerBackend

from device_simulator.models.warmth import Warmth

from .motion import Motion, MotionTimes


class HeaterShakerSimulatorBackend(HeaterShakerBackend):
    """Without `degrees_per_second` the temperature is there at once."""

    def __init__(self, degrees_per_second: float = 0.0, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._warmth = Warmth(degrees_per_second)
        self._speed_rpm = 0.0
        self._is_locked = False

    @property
    def supports_active_cooling(self) -> bool:
        return True

    @property
    def supports_locking(self) -> bool:
        return True

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def set_temperature(self, temperature: float) -> None:
        await self._motion.act("set_temperature")
        self._warmth.aim(temperature, time.time())

    async def get_current_temperature(self) -> float:
        return self._warmth.read(time.time())

    async def deactivate(self) -> None:
        await self._motion.act("deactivate")
        self._warmth.aim(None, time.time())

    async def start_shaking(self, speed: float) -> None:
        if speed <= 0:
            raise ValueError(f"A shaking speed is above 0 rpm, not {speed}.")
        await self._motion.act("start_shaking")
        self._speed_rpm = speed

    async def stop_shaking(self) -> None:
        await self._motion.act("stop_shaking")
        self._speed_rpm = 0.0

    async def lock_plate(self) -> None:
        await self._motion.act("lock_plate")
        self._is_locked = True

    async def unlock_plate(self) -> None:
        await self._motion.act("unlock_plate")
        self._is_locked = False

    def read_state(self) -> dict[str, Any]:
        return {**self._warmth.read_state(), "speedRpm": self._speed_rpm, "isLocked": self._is_locked}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._warmth.restore_state(state)
        self._speed_rpm, self._is_locked = state["speedRpm"], state["isLocked"]
