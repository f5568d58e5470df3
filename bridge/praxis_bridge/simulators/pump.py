"""A pump that counts its revolutions and remembers whether it runs."""

from __future__ import annotations

from typing import Any

from pylabrobot.pumps.backend import PumpBackend

from .motion import Motion, MotionTimes


class PumpSimulatorBackend(PumpBackend):
    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._revolutions = 0.0
        self._speed = 0.0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def run_revolutions(self, num_revolutions: float) -> None:
        await self._motion.act("run_revolutions")
        self._revolutions += num_revolutions

    async def run_continuously(self, speed: float) -> None:
        await self._motion.act("run_continuously")
        self._speed = speed

    async def halt(self) -> None:
        await self._motion.act("halt")
        self._speed = 0.0

    def read_state(self) -> dict[str, Any]:
        return {"revolutions": self._revolutions, "speed": self._speed}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._revolutions, self._speed = state["revolutions"], state["speed"]
