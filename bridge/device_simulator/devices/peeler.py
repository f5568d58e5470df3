"""A seal peeler: it counts what it has peeled."""

from __future__ import annotations

from ..device import Arguments, Device, Plan
from .instrument import do_once


class Peeler(Device):
    KIND = "peeler"
    FRESH = {"peels": 0, "restarts": 0}

    def plan_peel(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(peels=self.state["peels"] + 1))

    def plan_restart(self, _args: Arguments) -> Plan:
        """It homes its conveyor on the way."""
        return do_once(lambda: self.set(restarts=self.state["restarts"] + 1, isHomed=True))
