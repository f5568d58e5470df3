"""A plate sealer that is a process of its own."""

from __future__ import annotations

from pylabrobot.sealing.backend import SealerBackend

from .device_instrument import InstrumentBackend


class DeviceSealerBackend(InstrumentBackend, SealerBackend):
    DEVICE_KIND = "sealer"

    async def seal(self, temperature: int, duration: float) -> None:
        if duration <= 0:
            raise ValueError(f"A seal takes a duration above 0 s, not {duration}.")
        await self._act("seal", temperatureC=temperature, durationS=duration)

    async def open(self) -> None:
        await self._act("open")

    async def close(self) -> None:
        await self._act("close")

    async def set_temperature(self, temperature: float) -> None:
        await self._act("set_temperature", temperatureC=temperature)

    async def get_temperature(self) -> float:
        return float(await self._act("get_temperature"))
