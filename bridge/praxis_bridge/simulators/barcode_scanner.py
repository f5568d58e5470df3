"""A barcode scanner that reads the given codes one after the other, and then begins again."""

from __future__ import annotations

from typing import Any

from pylabrobot.barcode_scanners.backend import BarcodeScannerBackend
from pylabrobot.resources.barcode import Barcode

DEFAULT_CODES = ("PLATE0001", "PLATE0002", "PLATE0003")


class BarcodeScannerSimulatorBackend(BarcodeScannerBackend):
    def __init__(self, codes: list[str] | None = None) -> None:
        super().__init__()
        self._codes = codes or list(DEFAULT_CODES)
        self._scans = 0

    async def setup(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def scan_barcode(self) -> Barcode:
        data = self._codes[self._scans % len(self._codes)]
        self._scans += 1
        return Barcode(data=data, symbology="Code 128 (Subset B and C)", position_on_resource="right")

    def read_state(self) -> dict[str, Any]:
        return {"scans": self._scans}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._scans = state["scans"]
