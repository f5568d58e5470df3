"""A plate sealer that remembers its temperature and whether it is open."""

from __future__ import annotations

from typing import Any

from pylabrobot.sealing.backend import SealerBackend

from .motion import Motion, MotionTimes

AMBIENT_C = 25.0


class SealerSimulatorBackend(SealerBackend):
    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._temperature_c = AMBIENT_C
        self._is_open = True
        self._seals = 0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def seal(self, temperature: int, duration: float) -> None:
        if duration <= 0:
            raise ValueError(f"A seal takes a duration above 0 s, not {duration}.")
        await self._motion.act("seal")
        self._temperature_c = float(temperature)
        self._seals += 1
        self._is_open = True

    async def open(self) -> None:
        await self._motion.act("open")
        self._is_open = True

    async def close(self) -> None:
        await self._motion.act("close")
        self._is_open = False

    async def set_temperature(self, temperature: float) -> None:
        await self._motion.act("set_temperature")
        self._temperature_c = temperature

    async def get_temperature(self) -> float:
        return self._temperature_c

    def read_state(self) -> dict[str, Any]:
        return {"temperatureC": self._temperature_c, "isOpen": self._is_open, "seals": self._seals}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._temperature_c, self._is_open, self._seals = state["temperatureC"], state["isOpen"], state["seals"]
