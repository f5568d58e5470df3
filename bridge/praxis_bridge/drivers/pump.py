"""The pump with its awaits: PyLabRobot's front end calls its backend without, so its commands send nothing and succeed."""

from __future__ import annotations

import inspect
from typing import Any

from pylabrobot.pumps.cole_parmer import masterflex_backend
from pylabrobot.pumps.pump import Pump as ForgetfulPump


class Pump(ForgetfulPump):
    async def run_revolutions(self, num_revolutions: float) -> None:
        await _finish(self.backend.run_revolutions(num_revolutions=num_revolutions))

    async def run_continuously(self, speed: float) -> None:
        if speed == 0:
            # Speed 0 means halt; the backend of the Masterflex forgets to await its own halt.
            await self.halt()
            return
        await _finish(self.backend.run_continuously(speed=speed))

    async def halt(self) -> None:
        await _finish(self.backend.halt())


class MasterflexBackend(masterflex_backend.MasterflexBackend):
    async def send_command(self, command: str) -> Any:
        return await _finish(await super().send_command(command))


async def _finish(called: Any) -> Any:
    return await called if inspect.isawaitable(called) else called
