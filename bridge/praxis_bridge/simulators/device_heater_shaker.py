"""A heater shaker that is a process of its own. Trait: `degreesPerSecond`."""

from __future__ import annotations

from pylabrobot.heating_shaking.backend import HeaterShakerBackend

from .device_instrument import InstrumentBackend


class DeviceHeaterShakerBackend(InstrumentBackend, HeaterShakerBackend):
    DEVICE_KIND = "heater_shaker"

    @property
    def supports_active_cooling(self) -> bool:
        return True

    @property
    def supports_locking(self) -> bool:
        return True

    async def set_temperature(self, temperature: float) -> None:
        await self._act("set_temperature", temperatureC=temperature)

    async def get_current_temperature(self) -> float:
        return float(await self._act("get_current_temperature"))

    async def deactivate(self) -> None:
        await self._act("deactivate")

    async def start_shaking(self, speed: float) -> None:
        await self._act("start_shaking", speedRpm=speed)

    async def stop_shaking(self) -> None:
        await self._act("stop_shaking")

    async def lock_plate(self) -> None:
        await self._act("lock_plate")

    async def unlock_plate(self) -> None:
        await self._act("unlock_plate")
