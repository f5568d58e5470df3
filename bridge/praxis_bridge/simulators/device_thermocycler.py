"""A thermocycler that is a process of its own.

Traits: `zones`, `secondsPerSecond` (of a protocol in one of the clock; 0 for one that is over at once), `degreesPerSecond`.
"""

from __future__ import annotations

from typing import Any

from pylabrobot.thermocycling.backend import ThermocyclerBackend
from pylabrobot.thermocycling.standard import BlockStatus, LidStatus, Protocol

from .device_instrument import InstrumentBackend


class DeviceThermocyclerBackend(InstrumentBackend, ThermocyclerBackend):
    DEVICE_KIND = "thermocycler"

    async def open_lid(self) -> None:
        await self._act("open_lid")

    async def close_lid(self) -> None:
        await self._act("close_lid")

    async def set_block_temperature(self, temperature: list[float]) -> None:
        self._require_zones(temperature)
        await self._act("set_block_temperature", temperatureC=temperature)

    async def set_lid_temperature(self, temperature: list[float]) -> None:
        await self._act("set_lid_temperature", temperatureC=temperature)

    async def deactivate_block(self) -> None:
        await self._act("deactivate_block")

    async def deactivate_lid(self) -> None:
        await self._act("deactivate_lid")

    async def run_protocol(self, protocol: Protocol, block_max_volume: float) -> None:
        for stage in protocol.stages:
            for step in stage.steps:
                self._require_zones(step.temperature)
        stages = protocol.serialize()["stages"]
        await self._act("run_protocol", stages=stages, blockMaxVolumeUl=block_max_volume)

    async def get_block_current_temperature(self) -> list[float]:
        return list(await self._act("get_block_current_temperature"))

    async def get_block_target_temperature(self) -> list[float]:
        return _require_target("Block", await self._act("get_block_target_temperature"))

    async def get_lid_current_temperature(self) -> list[float]:
        return list(await self._act("get_lid_current_temperature"))

    async def get_lid_target_temperature(self) -> list[float]:
        return _require_target("Lid", await self._act("get_lid_target_temperature"))

    async def get_lid_open(self) -> bool:
        return bool(await self._act("get_lid_open"))

    async def get_lid_status(self) -> LidStatus:
        return LidStatus[await self._act("get_lid_status")]

    async def get_block_status(self) -> BlockStatus:
        return BlockStatus[await self._act("get_block_status")]

    async def get_hold_time(self) -> float:
        return float(await self._act("get_hold_time"))

    async def get_current_cycle_index(self) -> int:
        return int(await self._act("get_current_cycle_index"))

    async def get_total_cycle_count(self) -> int:
        return int(await self._act("get_total_cycle_count"))

    async def get_current_step_index(self) -> int:
        return int(await self._act("get_current_step_index"))

    async def get_total_step_count(self) -> int:
        return int(await self._act("get_total_step_count"))

    def _require_zones(self, temperature: list[float]) -> None:
        zones = self._traits.get("zones", 1)
        if len(temperature) != zones:
            raise ValueError(f"The block has {zones} zones, so it takes {zones} temperatures, not {len(temperature)}.")


def _require_target(what: str, target: Any) -> list[float]:
    """Front ends wait for a RuntimeError where there is no target."""
    if target is None:
        raise RuntimeError(f"{what} target temperature is not set. Is a cycle running?")
    return list(target)
