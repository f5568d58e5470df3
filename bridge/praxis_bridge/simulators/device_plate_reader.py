"""A plate reader that is a process of its own: it reads the cultures that are really in the wells.

Traits: `seed`, `hoursPerSecond`, `temperatureC`.
"""

from __future__ import annotations

from typing import Any

from pylabrobot.plate_reading.backend import PlateReaderBackend
from pylabrobot.resources import Plate, Well

from .device_instrument import InstrumentBackend


class DevicePlateReaderBackend(InstrumentBackend, PlateReaderBackend):
    DEVICE_KIND = "plate_reader"

    async def open(self) -> None:
        await self._act("open")

    async def close(self, plate: Plate | None) -> None:
        await self._act("close")

    async def read_absorbance(self, plate: Plate, wells: list[Well], wavelength: int) -> list[dict[str, Any]]:
        return await self._read("read_absorbance", plate, wells, {"wavelength": wavelength})

    async def read_luminescence(self, plate: Plate, wells: list[Well], focal_height: float) -> list[dict[str, Any]]:
        return await self._read("read_luminescence", plate, wells, {})

    async def read_fluorescence(
        self, plate: Plate, wells: list[Well], excitation_wavelength: int, emission_wavelength: int, focal_height: float
    ) -> list[dict[str, Any]]:
        wavelengths = {"ex_wavelength": excitation_wavelength, "em_wavelength": emission_wavelength}
        return await self._read("read_fluorescence", plate, wells, wavelengths)

    async def _read(self, op: str, plate: Plate, wells: list[Well], extra: dict[str, int]) -> list[dict[str, Any]]:
        positions = [well.get_identifier() for well in wells]
        reading = await self._act(op, place=self._frontend.name, wells=positions, labware=self._describe([plate]), **extra)
        data: list[list[float | None]] = [[None] * plate.num_items_x for _ in range(plate.num_items_y)]
        for well, position in zip(wells, positions, strict=True):
            data[well.get_row()][well.get_column()] = reading["values"][position]
        return [{"time": reading["timeS"], "temperature": reading["temperatureC"], "data": data, **extra}]
