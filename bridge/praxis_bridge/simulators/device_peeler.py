"""A seal peeler that is a process of its own."""

from __future__ import annotations

from pylabrobot.peeling.backend import PeelerBackend

from .device_instrument import InstrumentBackend


class DevicePeelerBackend(InstrumentBackend, PeelerBackend):
    DEVICE_KIND = "peeler"

    async def peel(self) -> None:
        await self._act("peel")

    async def restart(self) -> None:
        await self._act("restart")
