"""A stack of incubators with shakers, as the front end of the INHECO stack drives it: drawers, temperatures, shaking by unit."""

from __future__ import annotations

import time
from typing import Any, Literal

from pylabrobot.machines.backend import MachineBackend

from device_simulator.models.warmth import Warmth

from .motion import Motion, MotionTimes

UNITS_LIMIT = 3
UNIT_TYPE = "incubator_shaker_mp"


class IncubatorShakerStackSimulatorBackend(MachineBackend):
    """Every unit is a shaker for flat plates; those are the ones whose geometry PyLabRobot knows."""

    # The front end asks for the class of the hardware; it needs these methods only.
    stands_in_for = "InhecoIncubatorShakerStackBackend"

    def __init__(
        self, num_units: int = 2, degrees_per_second: float = 0.0, motion_s: MotionTimes = 0.0, tape_file: str | None = None
    ) -> None:
        super().__init__()
        if not 1 <= num_units <= UNITS_LIMIT:
            raise ValueError(f"A stack has 1 to {UNITS_LIMIT} units, not {num_units}.")
        self._motion = Motion(motion_s, tape_file)
        self._warmths = [Warmth(degrees_per_second) for _ in range(num_units)]
        self._is_open = [False] * num_units
        self._is_shaking = [False] * num_units

    @property
    def number_of_connected_units(self) -> int:
        return len(self._warmths)

    @property
    def unit_composition(self) -> list[str]:
        return [UNIT_TYPE] * len(self._warmths)

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open(self, stack_index: int) -> None:
        await self._motion.act("open")
        self._is_open[stack_index] = True

    async def close(self, stack_index: int) -> None:
        await self._motion.act("close")
        self._is_open[stack_index] = False

    async def request_drawer_status(self, stack_index: int) -> str:
        return "open" if self._is_open[stack_index] else "closed"

    async def start_temperature_control(self, temperature: float, stack_index: int) -> None:
        await self._motion.act("start_temperature_control")
        self._warmths[stack_index].aim(temperature, time.time())

    async def stop_temperature_control(self, stack_index: int) -> None:
        await self._motion.act("stop_temperature_control")
        self._warmths[stack_index].aim(None, time.time())

    async def is_temperature_control_enabled(self, stack_index: int) -> bool:
        return self._warmths[stack_index].target_c is not None

    async def get_temperature(self, stack_index: int, sensor: str = "mean", read_timeout: float = 60.0) -> float:
        return self._warmths[stack_index].read(time.time())

    async def shake(
        self,
        *,
        stack_index: int,
        pattern: Literal["linear_x", "linear_y", "orbital", "elliptical", "figure_eight"] = "orbital",
        rpm: float | None = None,
        frequency_hz: float | None = None,
        amplitude_x_mm: float = 3.0,
        amplitude_y_mm: float = 3.0,
        phase_deg: float | None = None,
    ) -> None:
        if (rpm is None) == (frequency_hz is None):
            raise ValueError("Give either rpm or frequency_hz.")
        await self._motion.act("shake")
        self._is_shaking[stack_index] = True

    async def stop_shaking(self, stack_index: int) -> None:
        await self._motion.act("stop_shaking")
        self._is_shaking[stack_index] = False

    async def is_shaking_enabled(self, stack_index: int) -> bool:
        return self._is_shaking[stack_index]

    def read_state(self) -> dict[str, Any]:
        warmths = [warmth.read_state() for warmth in self._warmths]
        return {"warmths": warmths, "isOpen": list(self._is_open), "isShaking": list(self._is_shaking)}

    def restore_state(self, state: dict[str, Any]) -> None:
        for warmth, known in zip(self._warmths, state["warmths"], strict=False):
            warmth.restore_state(known)
        self._is_open, self._is_shaking = list(state["isOpen"]), list(state["isShaking"])
