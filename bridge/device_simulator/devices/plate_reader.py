"""A plate reader: a drawer, and a lamp that reads the cultures in the wells of whatever stands inside.

A culture grows from the moment at which its well was filled; an empty well reads as blank, an empty reader as nothing.
"""

from __future__ import annotations

import time
from typing import Any

from ..device import Arguments, Device, DeviceError, Part, Plan
from ..models.growth import BLANK_OD, grow
from .instrument import do_once, learn_labware, make_key, read_trait

SEED = 1
HOURS_PER_SECOND = 1 / 3600
TEMPERATURE_C = 37.0
FLUORESCENCE_PER_OD = 20_000.0
LUMINESCENCE_PER_OD = 1_000.0
MS_PER_SECOND = 1000


class PlateReader(Device):
    KIND = "plate_reader"
    # A reading bleaches the sample, so it is an act and counted.
    FRESH = {"isOpen": False, "reads": 0}

    def plan_open(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isOpen=True))

    def plan_close(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isOpen=False))

    def plan_read_absorbance(self, args: Arguments) -> Plan:
        return self._plan_read(args, 1.0)

    def plan_read_luminescence(self, args: Arguments) -> Plan:
        return self._plan_read(args, LUMINESCENCE_PER_OD)

    def plan_read_fluorescence(self, args: Arguments) -> Plan:
        return self._plan_read(args, FLUORESCENCE_PER_OD)

    def _plan_read(self, args: Arguments, scale: float) -> Plan:
        learn_labware(self.physics, args)
        if self.state["isOpen"]:
            raise DeviceError("DoorOpen", f"The drawer of {self.name} is open; close it first.")

        def count(fraction: float) -> None:
            if fraction > 0:
                self.set(reads=self.state["reads"] + 1)

        return Plan([Part("", count)], lambda: self._read(args, scale))

    def _read(self, args: Arguments, scale: float) -> dict[str, Any]:
        now_s = time.time()
        plate = next(iter(self.physics.list_at(args["place"])), None)
        values = {item: round(self._read_well(args, plate, item) * scale, 4) for item in args["wells"]}
        return {"timeS": now_s, "temperatureC": read_trait(args, "temperatureC", TEMPERATURE_C), "values": values}

    def _read_well(self, args: Arguments, plate: str | None, item: str) -> float:
        if plate is None:
            return 0.0
        filled_at_ms = self.physics.filled_at_ms.get(make_key(plate, item))
        if filled_at_ms is None:
            return BLANK_OD
        hours = (time.time() - filled_at_ms / MS_PER_SECOND) * read_trait(args, "hoursPerSecond", HOURS_PER_SECOND)
        row, column = ord(item[0]) - ord("A"), int(item[1:]) - 1
        return grow(read_trait(args, "seed", SEED), plate, row, column, hours)
