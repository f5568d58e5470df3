"""A seal peeler that counts what it has peeled."""

from __future__ import annotations

from typing import Any

from pylabrobot.peeling.backend import PeelerBackend

from .motion import Motion, MotionTimes


class PeelerSimulatorBackend(PeelerBackend):
    def __init__(self, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._motion = Motion(motion_s, tape_file)
        self._peels = 0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def peel(self) -> None:
        await self._motion.act("peel")
        self._peels += 1

    async def restart(self) -> None:
        await self._motion.act("restart")

    def read_state(self) -> dict[str, Any]:
        return {"peels": self._peels}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._peels = state["peels"]
