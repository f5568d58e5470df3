"""A peristaltic pump between two containers: every revolution moves liquid, also while it runs by itself.

While it runs by itself the liquid follows from the clock; it is moved in physics with the next operation that acts.
"""

from __future__ import annotations

import time

from ..device import Arguments, Device, Part, Plan
from .instrument import read_trait

UL_PER_REVOLUTION = 100.0
SOURCE_UL = 1_000_000.0
SECONDS_PER_MINUTE = 60.0


class Pump(Device):
    KIND = "pump"
    STOPS = Device.STOPS | {"halt"}
    # `flow`: what the tubes connect while it runs by itself, so that it also ends right when its power is cut.
    FRESH = {"revolutions": 0.0, "speedRpm": 0.0, "sinceS": 0.0, "flow": {}}

    def plan_run_revolutions(self, args: Arguments) -> Plan:
        flow = self._read_flow(args)

        def turn(fraction: float) -> None:
            self._settle()
            self._move(flow, args["revolutions"] * fraction)

        return Plan([Part("", turn)])

    def plan_run_continuously(self, args: Arguments) -> Plan:
        flow = self._read_flow(args)

        def begin(fraction: float) -> None:
            if fraction > 0:
                self._settle()
                self.set(speedRpm=float(args["speedRpm"]), sinceS=time.time(), flow=flow)

        return Plan([Part("", begin)])

    def plan_halt(self, _args: Arguments) -> Plan:
        return Plan([Part("", lambda _fraction: self._halt())], interrupts=True)

    def forget(self) -> None:
        self._halt()
        super().forget()

    def _halt(self) -> None:
        self._settle()
        self.set(speedRpm=0.0)

    def _settle(self) -> None:
        """Moves what has flowed since it began to run by itself, or since the last look."""
        state, now_s = self.state, time.time()
        if state["speedRpm"]:
            minutes = max(0.0, now_s - state["sinceS"]) / SECONDS_PER_MINUTE
            self._move(state["flow"], state["speedRpm"] * minutes)
            self.set(sinceS=now_s)

    def _move(self, flow: Arguments, revolutions: float) -> None:
        """Backwards for negative revolutions."""
        self.set(revolutions=self.state["revolutions"] + revolutions)
        source, target = (flow["from"], flow["to"]) if revolutions >= 0 else (flow["to"], flow["from"])
        self.physics.pour(target, self.physics.take(source, abs(revolutions) * flow["ulPerRevolution"]))

    def _read_flow(self, args: Arguments) -> Arguments:
        source = read_trait(args, "from", f"{self.name}_source")
        self.physics.learn_well(source, read_trait(args, "sourceUl", SOURCE_UL))
        ul_per_revolution = read_trait(args, "ulPerRevolution", UL_PER_REVOLUTION)
        return {"from": source, "to": read_trait(args, "to", f"{self.name}_target"), "ulPerRevolution": ul_per_revolution}
