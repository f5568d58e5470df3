"""An incubator: warmth, a door, a shaker, and a shuttle that carries whatever stands on a site or on the tray."""

from __future__ import annotations

import time

from ..device import Arguments, Device, DeviceError, Part, Plan
from ..models.warmth import Warmth
from .instrument import do_once, learn_labware, read_trait

DEGREES_PER_SECOND = 1.0


class Incubator(Device):
    KIND = "incubator"
    READS = Device.READS | {"get_temperature"}
    STOPS = Device.STOPS | {"stop_shaking"}
    FRESH = {"warmth": Warmth(DEGREES_PER_SECOND).read_state(), "isDoorOpen": False, "shakingHz": 0.0}

    def plan_open_door(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isDoorOpen=True))

    def plan_close_door(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isDoorOpen=False))

    def plan_fetch_plate_to_loading_tray(self, args: Arguments) -> Plan:
        return self._plan_carry(args, args["site"], args["tray"])

    def plan_take_in_plate(self, args: Arguments) -> Plan:
        return self._plan_carry(args, args["tray"], args["site"])

    def plan_set_temperature(self, args: Arguments) -> Plan:
        return do_once(lambda: self._aim(args, args["temperatureC"]))

    def plan_get_temperature(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._read_warmth(args).read(time.time()))

    def plan_start_shaking(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(shakingHz=args["frequencyHz"]))

    def plan_stop_shaking(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(shakingHz=0.0), interrupts=True)

    def forget(self) -> None:
        self._aim({}, None)
        self.set(shakingHz=0.0)
        super().forget()

    def _plan_carry(self, args: Arguments, source: str, target: str) -> Plan:
        """Cut in the middle, the plate stays on the shuttle."""
        learn_labware(self.physics, args)
        standing = self.physics.list_at(source)
        if not standing:
            raise DeviceError("NoPlate", f"Nothing stands on {source}.")
        if self.physics.list_at(target):
            raise DeviceError("PlaceOccupied", f"{self.physics.list_at(target)[0]} stands on {target} already.")
        labware = standing[0]

        def take(fraction: float) -> None:
            if fraction >= 1:
                self.physics.set_place(labware, f"{self.name}_shuttle")

        def put(fraction: float) -> None:
            if fraction >= 1:
                self.physics.set_place(labware, target)

        return Plan([Part("take", take), Part("put", put)])

    def _read_warmth(self, args: Arguments) -> Warmth:
        warmth = Warmth(read_trait(args, "degreesPerSecond", DEGREES_PER_SECOND))
        warmth.restore_state(self.state["warmth"])
        return warmth

    def _aim(self, args: Arguments, target_c: float | None) -> None:
        warmth = self._read_warmth(args)
        warmth.aim(target_c, time.time())
        self.set(warmth=warmth.read_state())
