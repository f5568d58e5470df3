"""A pump that is a process of its own. Traits: `ulPerRevolution`, and `from` and `to`, the containers that its tubes end in."""

from __future__ import annotations

from pylabrobot.pumps.backend import PumpBackend

from .device_instrument import InstrumentBackend


class DevicePumpBackend(InstrumentBackend, PumpBackend):
    DEVICE_KIND = "pump"

    async def run_revolutions(self, num_revolutions: float) -> None:
        await self._act("run_revolutions", revolutions=num_revolutions)

    async def run_continuously(self, speed: float) -> None:
        await self._act("run_continuously", speedRpm=speed)

    async def halt(self) -> None:
        await self._act("halt")
