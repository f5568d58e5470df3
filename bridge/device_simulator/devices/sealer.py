"""A plate sealer: a shuttle that goes in and out, a hot plate, and a count of what was sealed."""

from __future__ import annotations

from ..device import Arguments, Device, Part, Plan
from .instrument import do_once

AMBIENT_C = 25.0


class Sealer(Device):
    KIND = "sealer"
    READS = Device.READS | {"get_temperature"}
    FRESH = {"temperatureC": AMBIENT_C, "isOpen": True, "seals": 0}
    FORGETS = {"temperatureC": AMBIENT_C}

    def plan_open(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isOpen=True))

    def plan_close(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isOpen=False))

    def plan_seal(self, args: Arguments) -> Plan:
        """In, down, out: a cycle that is cut leaves the shuttle inside, sealed or not."""

        def go_in(_fraction: float) -> None:
            self.set(isOpen=False, temperatureC=float(args["temperatureC"]))

        return Plan([Part("in", go_in), Part("down", self._press), Part("out", self._go_out)])

    def plan_set_temperature(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(temperatureC=float(args["temperatureC"])))

    def plan_get_temperature(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: self.state["temperatureC"])

    def _press(self, fraction: float) -> None:
        if fraction > 0:
            # A film that was pressed for a moment sticks as well.
            self.set(seals=self.state["seals"] + 1)

    def _go_out(self, fraction: float) -> None:
        if fraction >= 1:
            self.set(isOpen=True)
