"""An incubator that is a process of its own. Trait: `degreesPerSecond`."""

from __future__ import annotations

from typing import Any

from pylabrobot.resources import Plate, PlateHolder, Resource
from pylabrobot.storage.backend import IncubatorBackend

from .device_instrument import InstrumentBackend
from .device_matter import name_place


class DeviceIncubatorBackend(InstrumentBackend, IncubatorBackend):
    DEVICE_KIND = "incubator"

    async def open_door(self) -> None:
        await self._act("open_door")

    async def close_door(self) -> None:
        await self._act("close_door")

    async def fetch_plate_to_loading_tray(self, plate: Plate, **backend_kwargs: Any) -> None:
        """The machine is told a site, and brings whatever stands there."""
        await self._carry("fetch_plate_to_loading_tray", plate, plate.parent)

    async def take_in_plate(self, plate: Plate, site: PlateHolder, **backend_kwargs: Any) -> None:
        await self._carry("take_in_plate", plate, site)

    async def _carry(self, op: str, plate: Plate, site: Resource | None) -> None:
        names = {"site": name_place(site, self._device), "tray": name_place(self._frontend.loading_tray, self._device)}
        await self._act(op, **names, labware=self._describe([plate]))

    async def set_temperature(self, temperature: float) -> None:
        await self._act("set_temperature", temperatureC=temperature)

    async def get_temperature(self) -> float:
        return float(await self._act("get_temperature"))

    async def start_shaking(self, frequency: float) -> None:
        await self._act("start_shaking", frequencyHz=frequency)

    async def stop_shaking(self) -> None:
        await self._act("stop_shaking")
