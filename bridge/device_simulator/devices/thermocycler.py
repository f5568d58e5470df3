"""A thermocycler: a lid, blocks that come to their temperature in time, and a program that runs by itself."""

from __future__ import annotations

import time
from dataclasses import astuple
from typing import Any

from ..device import Arguments, Device, Plan
from ..models.thermal_program import Step, find_step, list_steps
from ..models.warmth import Warmth
from .instrument import do_once, read_trait

DEGREES_PER_SECOND = 3.0
NOTHING: dict[str, Any] = {"targetC": None, "warmth": []}


class Thermocycler(Device):
    KIND = "thermocycler"
    READS = Device.READS | frozenset(
        "get_block_current_temperature get_block_target_temperature get_lid_current_temperature get_lid_target_temperature get_lid_open "
        "get_lid_status get_block_status get_hold_time get_current_cycle_index get_total_cycle_count get_current_step_index "
        "get_total_step_count".split()
    )
    STOPS = Device.STOPS | {"deactivate_block"}
    FRESH = {"block": NOTHING, "lid": NOTHING, "isLidOpen": True, "steps": [], "begunAtS": 0.0}

    def plan_open_lid(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isLidOpen=True))

    def plan_close_lid(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(isLidOpen=False))

    def plan_set_block_temperature(self, args: Arguments) -> Plan:
        return do_once(lambda: self._heat_block(args, args["temperatureC"]))

    def plan_deactivate_block(self, args: Arguments) -> Plan:
        """Ends a program as well."""
        return do_once(lambda: self._heat_block(args, None), interrupts=True)

    def plan_set_lid_temperature(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(lid=self._aim(args, "lid", args["temperatureC"])))

    def plan_deactivate_lid(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(lid=self._aim(args, "lid", None)))

    def plan_run_protocol(self, args: Arguments) -> Plan:
        """It answers once the program runs."""
        steps = list_steps(args["stages"])

        def begin() -> None:
            if steps:
                self.set(block=self._aim(args, "block", steps[-1].temperature_c))
            self.set(steps=[list(astuple(step)) for step in steps], begunAtS=time.time())

        return do_once(begin)

    def plan_get_block_current_temperature(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._read_block(args))

    def plan_get_block_target_temperature(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._read_step_target(args) or self.state["block"]["targetC"])

    def plan_get_lid_current_temperature(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._read_current(args, "lid"))

    def plan_get_lid_target_temperature(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: self.state["lid"]["targetC"])

    def plan_get_lid_open(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: self.state["isLidOpen"])

    def plan_get_lid_status(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._name_status("lid"))

    def plan_get_block_status(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._name_status("block"))

    def plan_get_hold_time(self, args: Arguments) -> Plan:
        return Plan(result=lambda: round(self._find(args)[1], 3))

    def plan_get_current_cycle_index(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._find(args)[0].cycle)

    def plan_get_total_cycle_count(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: self._list()[-1].cycle + 1 if self._list() else 0)

    def plan_get_current_step_index(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._find(args)[0].number)

    def plan_get_total_step_count(self, args: Arguments) -> Plan:
        return Plan(result=lambda: self._find(args)[0].steps_of_stage)

    def forget(self) -> None:
        self._heat_block({}, None)
        self.set(lid=self._aim({}, "lid", None))
        super().forget()

    def _heat_block(self, args: Arguments, target_c: list[float] | None) -> None:
        self.set(block=self._aim(args, "block", target_c), steps=[])

    def _aim(self, args: Arguments, part: str, target_c: list[float] | None) -> dict[str, Any]:
        """A part with a new target: each of its zones begins where it is now."""
        now_s, zones = time.time(), self._list_zones(args, part)
        for number, zone in enumerate(zones):
            zone.aim(None if target_c is None else target_c[number % len(target_c)], now_s)
        return {"targetC": target_c, "warmth": [zone.read_state() for zone in zones]}

    def _list_zones(self, args: Arguments, part: str) -> list[Warmth]:
        zones = [Warmth(read_trait(args, "degreesPerSecond", DEGREES_PER_SECOND)) for _ in range(read_trait(args, "zones", 1))]
        for zone, known in zip(zones, self.state[part]["warmth"]):
            zone.restore_state(known)
        return zones

    def _read_current(self, args: Arguments, part: str) -> list[float]:
        now_s = time.time()
        return [zone.read(now_s) for zone in self._list_zones(args, part)]

    def _read_block(self, args: Arguments) -> list[float]:
        """A program holds its steps so well that its ramps do not count."""
        return self._read_step_target(args) or self._read_current(args, "block")

    def _read_step_target(self, args: Arguments) -> list[float] | None:
        under_way = self._find_under_way(args)
        return None if under_way is None else under_way[0].temperature_c

    def _name_status(self, part: str) -> str:
        return "IDLE" if self.state[part]["targetC"] is None else "HOLDING_AT_TARGET"

    def _list(self) -> list[Step]:
        return [Step(*step) for step in self.state["steps"]]

    def _find_under_way(self, args: Arguments) -> tuple[Step, float] | None:
        """The step of the program with the seconds it still holds."""
        pace = read_trait(args, "secondsPerSecond", 1.0)
        passed_s = (time.time() - self.state["begunAtS"]) * pace if pace > 0 else float("inf")
        return find_step(self._list(), passed_s)

    def _find(self, args: Arguments) -> tuple[Step, float]:
        """The same; after the end the last step with nothing left to hold."""
        steps = self._list()
        last = steps[-1] if steps else Step(0, 0, 0, [], 0.0)
        return self._find_under_way(args) or (last, 0.0)
