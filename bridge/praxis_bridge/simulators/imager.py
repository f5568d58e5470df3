"""A microscope over a plate: small synthetic pictures, brighter with exposure and sharpest in one focal plane."""

from __future__ import annotations

import math

from pylabrobot.plate_reading.backend import ImagerBackend, ImageReaderBackend
from pylabrobot.plate_reading.standard import ImagingMode, ImagingResult, Objective
from pylabrobot.resources import Plate

from device_simulator.models.growth import grow

from .motion import Motion, MotionTimes
from .plate_reader import PlateReaderSimulatorBackend

AUTO_EXPOSURE_MS = 20.0
BEST_FOCUS_MM = 3.0
BRIGHTEST = 255


class ImagerSimulatorBackend(ImagerBackend):
    """Pictures of `size` times `size` values of 8 bits."""

    def __init__(self, seed: int = 1, size: int = 64, motion_s: MotionTimes = 0.0, tape_file: str | None = None) -> None:
        super().__init__()
        self._seed, self._size = seed, size
        self._motion = Motion(motion_s, tape_file)

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def capture(
        self,
        row: int,
        column: int,
        mode: ImagingMode,
        objective: Objective,
        exposure_time: float | str,
        focal_height: float | str,
        gain: float | str,
        plate: Plate,
    ) -> ImagingResult:
        await self._motion.act("capture")
        exposure_ms = AUTO_EXPOSURE_MS if isinstance(exposure_time, str) else float(exposure_time)
        focus_mm = BEST_FOCUS_MM if isinstance(focal_height, str) else float(focal_height)
        density = grow(self._seed, plate.name, row, column, 4.0)
        picture = _draw_blobs(self._size, density * exposure_ms / AUTO_EXPOSURE_MS, abs(focus_mm - BEST_FOCUS_MM))
        return ImagingResult(images=[picture], exposure_time=exposure_ms, focal_height=focus_mm)


class ImageReaderSimulatorBackend(PlateReaderSimulatorBackend, ImagerSimulatorBackend, ImageReaderBackend):
    """Reads and photographs the same plate."""

    def __init__(
        self, seed: int = 1, size: int = 64, hours_per_read: float = 0.0, motion_s: MotionTimes = 0.0, tape_file: str | None = None
    ) -> None:
        PlateReaderSimulatorBackend.__init__(self, seed=seed, hours_per_read=hours_per_read, motion_s=motion_s, tape_file=tape_file)
        self._size = size


def _draw_blobs(size: int, brightness: float, blur: float) -> list[list[int]]:
    spread = size / 8 * (1 + blur)
    peak = min(1.0, brightness) * BRIGHTEST / (1 + blur)
    centres = [(size * x, size * y) for x, y in ((0.3, 0.3), (0.7, 0.4), (0.5, 0.75))]

    def shine(x: int, y: int) -> int:
        light = sum(math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * spread**2)) for cx, cy in centres)
        return min(BRIGHTEST, round(peak * min(1.0, light)))

    return [[shine(x, y) for x in range(size)] for y in range(size)]
