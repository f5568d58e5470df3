"""A scale that is a process of its own: it weighs what stands on it. Trait: `emptyLabwareG`, of one piece of labware."""

from __future__ import annotations

from typing import Any

from pylabrobot.scales.scale_backend import ScaleBackend

from .device_instrument import InstrumentBackend


class DeviceScaleBackend(InstrumentBackend, ScaleBackend):
    DEVICE_KIND = "scale"

    async def zero(self) -> None:
        await self._weigh("zero")

    async def tare(self) -> None:
        await self._weigh("tare")

    async def read_weight(self) -> float:
        return float(await self._weigh("read_weight"))

    async def _weigh(self, op: str) -> Any:
        return await self._act(op, place=self._frontend.name, labware=self._describe(self._frontend.children))
