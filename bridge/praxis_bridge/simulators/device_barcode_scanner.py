"""A barcode scanner that is a process of its own. Trait: `codes`, which it reads where no labware stands before it."""

from __future__ import annotations

from pylabrobot.barcode_scanners.backend import BarcodeScannerBackend
from pylabrobot.resources.barcode import Barcode

from .device_instrument import InstrumentBackend


class DeviceBarcodeScannerBackend(InstrumentBackend, BarcodeScannerBackend):
    DEVICE_KIND = "barcode_scanner"

    async def scan_barcode(self) -> Barcode:
        data = await self._act("scan_barcode")
        return Barcode(data=str(data), symbology="Code 128 (Subset B and C)", position_on_resource="right")
