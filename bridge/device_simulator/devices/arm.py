"""A SCARA arm: where it is, how wide its gripper stands, and what the gripper holds.

It takes whatever stands at a position. Traits give names to positions that are places of other machines; anywhere else the
place is called by its coordinates. It refuses little: closing on nothing holds nothing, and a second pick collides.
"""

from __future__ import annotations

import math
from typing import Any

from ..device import Arguments, Device, Part, Plan
from .instrument import do_once, read_trait

HOME_MM = [0.0, 200.0, 200.0]
AXES = ("1", "2", "3", "4", "5", "6")
OPEN_WIDTH_MM = 130.0
CLOSED_BELOW_MM = 100.0
# Positions that differ by less are the same place.
SAME_PLACE_MM = 1.0
JOINTS_AT_HOME = dict.fromkeys(AXES, 0.0)


class Arm(Device):
    KIND = "arm"
    READS = Device.READS | {"is_gripper_closed", "get_joint_position", "get_cartesian_position"}
    STOPS = Device.STOPS | {"halt"}
    FRESH = {"locationMm": HOME_MM, "joints": JOINTS_AT_HOME, "gripperMm": OPEN_WIDTH_MM, "freeAxes": [], "collisions": 0, "picks": 0}
    FORGETS = {"freeAxes": []}

    def plan_home(self, _args: Arguments) -> Plan:
        return Plan([self._go_to(HOME_MM), Part("home", self._know_home)])

    def plan_move_to_safe(self, _args: Arguments) -> Plan:
        return Plan([self._go_to(HOME_MM)])

    def plan_move_to(self, args: Arguments) -> Plan:
        return Plan([self._go_to(args["position"])])

    def plan_approach(self, args: Arguments) -> Plan:
        return Plan([self._go_to(args["position"])])

    def plan_halt(self, _args: Arguments) -> Plan:
        return Plan(interrupts=True)

    def plan_open_gripper(self, args: Arguments) -> Plan:
        return do_once(lambda: self._let_go(args, args["widthMm"]))

    def plan_close_gripper(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(gripperMm=args["widthMm"]))

    def plan_pick_up_resource(self, args: Arguments) -> Plan:
        def grip(fraction: float) -> None:
            if fraction >= 1:
                self._grip(args)

        return Plan([self._go_to(args["position"]), Part("grip", grip)])

    def plan_drop_resource(self, args: Arguments) -> Plan:
        def let_go(fraction: float) -> None:
            if fraction >= 1:
                self._let_go(args, OPEN_WIDTH_MM)

        return Plan([self._go_to(args["position"]), Part("let go", let_go)])

    def plan_is_gripper_closed(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: self.state["gripperMm"] < CLOSED_BELOW_MM or self._find_held() is not None)

    def plan_get_joint_position(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: dict(self.state["joints"]))

    def plan_get_cartesian_position(self, _args: Arguments) -> Plan:
        return Plan(result=lambda: list(self.state["locationMm"]))

    def plan_freedrive_mode(self, args: Arguments) -> Plan:
        return do_once(lambda: self.set(freeAxes=args["freeAxes"]))

    def plan_end_freedrive_mode(self, _args: Arguments) -> Plan:
        return do_once(lambda: self.set(freeAxes=[]))

    def _know_home(self, fraction: float) -> None:
        if fraction >= 1:
            self.set(isHomed=True, joints=JOINTS_AT_HOME)

    def _go_to(self, position: Any) -> Part:
        """Cut in the middle it stands somewhere on the way."""

        def go(fraction: float) -> None:
            state = self.state
            if isinstance(position, dict):
                way = {axis: angle - state["joints"].get(axis, 0.0) for axis, angle in position.items()}
                moved = {axis: state["joints"].get(axis, 0.0) + angle * fraction for axis, angle in way.items()}
                self.set(joints={**state["joints"], **moved})
            else:
                here = state["locationMm"]
                self.set(locationMm=[start + (goal - start) * fraction for start, goal in zip(here, position)])

        return Part("go", go)

    def _grip(self, args: Arguments) -> None:
        self.set(picks=self.state["picks"] + 1)
        if self._find_held() is not None:
            self.set(collisions=self.state["collisions"] + 1)
            return
        place = self._name_place(args)
        standing = self.physics.list_at(place)
        if standing:
            self.physics.set_place(standing[0], self._gripper_place)
        self.set(gripperMm=args["widthMm"])

    def _let_go(self, args: Arguments, width_mm: float) -> None:
        held = self._find_held()
        if held is not None:
            self.physics.set_place(held, self._name_place(args))
        self.set(gripperMm=width_mm)

    def _find_held(self) -> str | None:
        return next(iter(self.physics.list_at(self._gripper_place)), None)

    @property
    def _gripper_place(self) -> str:
        return f"{self.name}_gripper"

    def _name_place(self, args: Arguments) -> str:
        """Of the position, or of where it is: the station that is there, or else the coordinates."""
        position = args.get("position", self.state["locationMm"])
        if isinstance(position, dict):
            return f"{self.name}@" + ",".join(f"{axis}:{angle:g}" for axis, angle in sorted(position.items()))
        for station, location in read_trait(args, "stations", {}).items():
            if math.dist(location, position) < SAME_PLACE_MM:
                return str(station)
        return f"{self.name}@" + ",".join(f"{coordinate:g}" for coordinate in position)
