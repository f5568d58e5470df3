"""A barcode scanner: it reads the name of what stands before it, or the code of its trait `code`."""

from __future__ import annotations

from ..device import Arguments, Device, Plan
from .instrument import read_trait

DEFAULT_CODE = "PLATE0001"


class BarcodeScanner(Device):
    KIND = "barcode_scanner"
    READS = Device.READS | {"scan_barcode"}

    def plan_scan_barcode(self, args: Arguments) -> Plan:
        return Plan(result=lambda: next(iter(self.physics.list_at(self.name)), read_trait(args, "code", DEFAULT_CODE)))
