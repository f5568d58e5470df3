"""A thermocycler whose protocols take their time: `seconds_per_second` makes it shorter, 0 ends them at once."""

from __future__ import annotations

import time
from typing import Any

from pylabrobot.thermocycling.backend import ThermocyclerBackend
from pylabrobot.thermocycling.standard import BlockStatus, LidStatus, Protocol

from device_simulator.models.warmth import ROOM_C

from .motion import Motion, MotionTimes


class ThermocyclerSimulatorBackend(ThermocyclerBackend):
    """`seconds_per_second`: seconds of a protocol that pass in one of the clock; 0 for a protocol that is over at once."""

    def __init__(
        self, num_zones: int = 1, seconds_per_second: float = 1.0, motion_s: MotionTimes = 0.0, tape_file: str | None = None
    ) -> None:
        super().__init__()
        self._num_zones, self._pace = num_zones, seconds_per_second
        self._motion = Motion(motion_s, tape_file)
        self._block_c: list[float] | None = None
        self._lid_c: list[float] | None = None
        self._is_lid_open = True
        # Of the running or last protocol: per step [cycle from 0, step from 0, steps of its stage, temperatures, hold seconds].
        self._steps: list[list[Any]] = []
        self._cycles = 0
        self._begun_at_s = 0.0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def open_lid(self) -> None:
        await self._motion.act("open_lid")
        self._is_lid_open = True

    async def close_lid(self) -> None:
        await self._motion.act("close_lid")
        self._is_lid_open = False

    async def set_block_temperature(self, temperature: list[float]) -> None:
        self._require_zones(temperature)
        await self._motion.act("set_block_temperature")
        self._block_c, self._steps = list(temperature), []

    async def set_lid_temperature(self, temperature: list[float]) -> None:
        await self._motion.act("set_lid_temperature")
        self._lid_c = list(temperature)

    async def deactivate_block(self) -> None:
        await self._motion.act("deactivate_block")
        self._block_c, self._steps = None, []

    async def deactivate_lid(self) -> None:
        await self._motion.act("deactivate_lid")
        self._lid_c = None

    async def run_protocol(self, protocol: Protocol, block_max_volume: float) -> None:
        steps: list[list[Any]] = []
        cycles = 0
        for stage in protocol.stages:
            for _ in range(stage.repeats):
                for number, step in enumerate(stage.steps):
                    self._require_zones(step.temperature)
                    steps.append([cycles, number, len(stage.steps), list(step.temperature), step.hold_seconds])
                cycles += 1
        await self._motion.act("run_protocol")
        self._steps, self._cycles, self._begun_at_s = steps, cycles, time.time()
        self._block_c = steps[-1][3] if steps else self._block_c

    async def get_block_current_temperature(self) -> list[float]:
        step = self._find_step()
        held = self._block_c if step is None else step[3]
        return [ROOM_C] * self._num_zones if held is None else list(held)

    async def get_block_target_temperature(self) -> list[float]:
        if self._block_c is None:
            raise RuntimeError("Block target temperature is not set. Is a cycle running?")
        return await self.get_block_current_temperature()

    async def get_lid_current_temperature(self) -> list[float]:
        return [ROOM_C] * self._num_zones if self._lid_c is None else list(self._lid_c)

    async def get_lid_target_temperature(self) -> list[float]:
        if self._lid_c is None:
            raise RuntimeError("Lid target temperature is not set. Is a cycle running?")
        return list(self._lid_c)

    async def get_lid_open(self) -> bool:
        return self._is_lid_open

    async def get_lid_status(self) -> LidStatus:
        return LidStatus.IDLE if self._lid_c is None else LidStatus.HOLDING_AT_TARGET

    async def get_block_status(self) -> BlockStatus:
        return BlockStatus.IDLE if self._block_c is None else BlockStatus.HOLDING_AT_TARGET

    async def get_hold_time(self) -> float:
        step = self._find_step()
        return 0.0 if step is None else round(step[5], 3)

    async def get_current_cycle_index(self) -> int:
        step = self._find_step()
        return max(0, self._cycles - 1) if step is None else int(step[0])

    async def get_total_cycle_count(self) -> int:
        return self._cycles

    async def get_current_step_index(self) -> int:
        step = self._find_step()
        return max(0, await self.get_total_step_count() - 1) if step is None else int(step[1])

    async def get_total_step_count(self) -> int:
        step = self._find_step() or (self._steps[-1] if self._steps else [0, 0, 0])
        return int(step[2])

    def read_state(self) -> dict[str, Any]:
        return {
            "blockC": self._block_c,
            "lidC": self._lid_c,
            "isLidOpen": self._is_lid_open,
            "steps": self._steps,
            "cycles": self._cycles,
            "begunAtS": self._begun_at_s,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        self._block_c, self._lid_c, self._is_lid_open = state["blockC"], state["lidC"], state["isLidOpen"]
        self._steps, self._cycles, self._begun_at_s = state["steps"], state["cycles"], state["begunAtS"]

    def _find_step(self) -> list[Any] | None:
        """The step under way with the seconds it still holds behind its members; None when no protocol runs."""
        passed_s = (time.time() - self._begun_at_s) * self._pace if self._pace > 0 else float("inf")
        for step in self._steps:
            if passed_s < step[4]:
                return [*step, step[4] - passed_s]
            passed_s -= step[4]
        return None

    def _require_zones(self, temperature: list[float]) -> None:
        if len(temperature) != self._num_zones:
            raise ValueError(f"The block has {self._num_zones} zones, so it takes {self._num_zones} temperatures, not {len(temperature)}.")
