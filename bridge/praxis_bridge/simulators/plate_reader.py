"""A plate reader with cultures in its plates: readings grow with time, have a temperature, and repeat for a seed.

Time begins with the first reading of a plate. It runs with the clock, times `hours_per_second` where that is given, or
by `hours_per_read` with every reading, so that a run without waiting sees a whole curve.
"""

from __future__ import annotations

import time
from typing import Any

from pylabrobot.plate_reading.backend import PlateReaderBackend
from pylabrobot.resources import Plate, Well

from device_simulator.models.growth import grow

from .motion import Motion, MotionTimes

SECONDS_PER_HOUR = 3600.0
FLUORESCENCE_PER_OD = 20_000.0
LUMINESCENCE_PER_OD = 1_000.0


class PlateReaderSimulatorBackend(PlateReaderBackend):
    def __init__(
        self,
        seed: int = 1,
        hours_per_second: float = 1 / SECONDS_PER_HOUR,
        hours_per_read: float = 0.0,
        temperature_c: float = 37.0,
        motion_s: MotionTimes = 0.0,
        tape_file: str | None = None,
    ) -> None:
        super().__init__()
        self._seed, self._hours_per_second, self._hours_per_read = seed, hours_per_second, hours_per_read
        self._temperature_c = temperature_c
        self._motion = Motion(motion_s, tape_file)
        self._is_open = False
        # By plate: when it was read first, and how often.
        self._begun_at_s: dict[str, float] = {}
        self._reads: dict[str, int] = {}

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open(self) -> None:
        await self._motion.act("open")
        self._is_open = True

    async def close(self, plate: Plate | None) -> None:
        await self._motion.act("close")
        self._is_open = False

    async def read_absorbance(self, plate: Plate, wells: list[Well], wavelength: int) -> list[dict[str, Any]]:
        return await self._read("read_absorbance", plate, wells, 1.0, {"wavelength": wavelength})

    async def read_luminescence(self, plate: Plate, wells: list[Well], focal_height: float) -> list[dict[str, Any]]:
        return await self._read("read_luminescence", plate, wells, LUMINESCENCE_PER_OD, {})

    async def read_fluorescence(
        self, plate: Plate, wells: list[Well], excitation_wavelength: int, emission_wavelength: int, focal_height: float
    ) -> list[dict[str, Any]]:
        wavelengths = {"ex_wavelength": excitation_wavelength, "em_wavelength": emission_wavelength}
        return await self._read("read_fluorescence", plate, wells, FLUORESCENCE_PER_OD, wavelengths)

    async def _read(self, op: str, plate: Plate, wells: list[Well], scale: float, extra: dict[str, Any]) -> list[dict[str, Any]]:
        await self._motion.act(op)
        now_s = time.time()
        begun_s = self._begun_at_s.setdefault(plate.name, now_s)
        reads = self._reads.get(plate.name, 0)
        self._reads[plate.name] = reads + 1
        hours = (now_s - begun_s) * self._hours_per_second + reads * self._hours_per_read
        data: list[list[float | None]] = [[None] * plate.num_items_x for _ in range(plate.num_items_y)]
        for well in wells:
            row, column = well.get_row(), well.get_column()
            data[row][column] = round(grow(self._seed, plate.name, row, column, hours) * scale, 4)
        return [{"time": now_s, "temperature": self._temperature_c, "data": data, **extra}]

    def read_state(self) -> dict[str, Any]:
        return {"isOpen": self._is_open, "begunAtS": dict(self._begun_at_s), "reads": dict(self._reads)}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._is_open, self._begun_at_s, self._reads = state["isOpen"], dict(state["begunAtS"]), dict(state["reads"])
