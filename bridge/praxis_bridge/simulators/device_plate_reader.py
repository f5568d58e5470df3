"""A plate reader that is a process of its own: it reads the cultures that are really in the wells.

Traits: `seed`, `hoursPerSecond`, `temperatureC`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from pylabrobot.plate_reading.backend import PlateReaderBackend
from pylabrobot.resources import Plate, Well

from .device_instrument import InstrumentBackend


class DevicePlateReaderBackend(InstrumentBackend, PlateReaderBackend):
    DEVICE_KIND = "plate_reader"

    async def open(self) -> None:
        await self._act("open")

    async def close(self, plate: Optional[Plate]) -> None:
        await self._act("close")

    async def read_absorbance(self, plate: Plate, wells: List[Well], wavelength: int) -> List[Dict[str, Any]]:
        return await self._read("read_absorbance", plate, wells, {"wavelength": wavelength})

    async def read_luminescence(self, plate: Plate, wells: List[Well], focal_height: float) -> List[Dict[str, Any]]:
        return await self._read("read_luminescence", plate, wells, {})

    async def read_fluorescence(
        self, plate: Plate, wells: List[Well], excitation_wavelength: int, emission_wavelength: int, focal_height: float
    ) -> List[Dict[str, Any]]:
        wavelengths = {"ex_wavelength": excitation_wavelength, "em_wavelength": emission_wavelength}
        return await self._read("read_fluorescence", plate, wells, wavelengths)

    async def _read(self, op: str, plate: Plate, wells: List[Well], extra: Dict[str, int]) -> List[Dict[str, Any]]:
        positions = [well.get_identifier() for well in wells]
        reading = await self._act(op, place=self._frontend.name, wells=positions, labware=self._describe([plate]), **extra)
        data: List[List[Optional[float]]] = [[None] * plate.num_items_x for _ in range(plate.num_items_y)]
        for well, position in zip(wells, positions):
            data[well.get_row()][well.get_column()] = reading["values"][position]
        return [{"time": reading["timeS"], "temperature": reading["temperatureC"], "data": data, **extra}]
