"""A heater shaker: a block that comes to its temperature in time, a clamp, and a motor."""

from __future__ import annotations

import time

from ..device import Arguments, Device, Plan
from ..models.warmth import Warmth
from .instrument import do_once, read_trait

DEGREES_PER_SECOND = 1.0


class HeaterShaker(Device):
    KIND = "heater_shaker"
    READS = Device.READS | {"get_current_temperature"}
    STOPS = Device.STOPS | {"stop_shaking"}
    FRESH = {"warmth": Warmth(DEGREES_PER_SECOND).read_state(), "speedRpm": 0.0, "isLocked": False}

    def plan_set_temperature(self, args: Arguments) -> Plan:
        return do_once(lambda: self._aim(args, args["temperatureC"]))

    def plan_deactivate(self, args: Arguments) -> Plan:
        return do_once(lambda: self._aim(args, None))

    def plan_get_current_temperature(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._read_warmth(args).read(time.time()))

    def plan_start_shaking(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(speedRpm=args["speedRpm"]))

    def plan_stop_shaking(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(speedRpm=0.0), interrupts=True)

    def plan_lock_plate(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isLocked=True))

    def plan_unlock_plate(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isLocked=False))

    def forget(self) -> None:
        """Without power it cools and stands still; the clamp stays as it is."""
        self._aim({}, None)
        self.set(speedRpm=0.0)
        super().forget()

    def _read_warmth(self, args: Arguments) -> Warmth:
        warmth = Warmth(read_trait(args, "degreesPerSecond", DEGREES_PER_SECOND))
        warmth.restore_state(self.state["warmth"])
        return warmth

    def _aim(self, args: Arguments, target_c: float | None) -> None:
        warmth = self._read_warmth(args)
        warmth.aim(target_c, time.time())
        self.set(warmth=warmth.read_state())
