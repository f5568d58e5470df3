"""A liquid handler: channels with tips, a 96-channel head ("96:0" to "96:95"), and a gripper for plates and lids.

It does what it is told with what is really there: an empty well gives air, a full one runs over, two tips may be lost.
It notices what a real one notices: no tip on the rack or on the channel, a tip where none should be, nothing to grip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..device import Arguments, Device, DeviceError, Part, Plan
from ..physics import Section

HEAD96_PREFIX = "96:"


class LiquidHandler(Device):
    KIND = "liquid_handler"
    READS = Device.READS | {"request_tip_presence"}
    FRESH = {"gripped": None, "gripperAt": None}

    def plan_pick_up_tips(self, args: Arguments) -> Plan:
        for item in args["channels"]:
            self.physics.learn_tip(item["spot"], item["hasTip"])
        return self._plan_channels(args, self._find_pick_up_error, self._pick_up)

    def plan_drop_tips(self, args: Arguments) -> Plan:
        for item in args["channels"]:
            if "spot" in item:
                self.physics.learn_tip(item["spot"], item["hasTip"])
        return self._plan_channels(args, self._find_no_tip, self._drop)

    def plan_aspirate(self, args: Arguments) -> Plan:
        return self._plan_transfer(args, self._aspirate)

    def plan_dispense(self, args: Arguments) -> Plan:
        return self._plan_transfer(args, self._dispense)

    plan_pick_up_tips96 = plan_pick_up_tips
    plan_drop_tips96 = plan_drop_tips
    plan_aspirate96 = plan_aspirate
    plan_dispense96 = plan_dispense

    def plan_request_tip_presence(self, args: Arguments) -> Plan:
        return Plan(result=lambda: [self._read_held(str(number)) is not None for number in range(args["numChannels"])])

    def plan_pick_up_resource(self, args: Arguments) -> Plan:
        labware, place = args["labware"], args["place"]
        self.physics.learn_place(labware, place)
        if self.state["gripped"] is not None:
            raise DeviceError("GripperFull", f"The gripper holds {self.state['gripped']} already.")
        standing = self.physics.list_at(place)
        if not standing:
            raise DeviceError("NothingToGrip", f"There is nothing at {place}.")
        # It grips what stands there, whatever it was told.
        found = labware if labware in standing else standing[-1]

        def grip(fraction: float) -> None:
            if fraction >= 1:
                self.physics.set_place(found, f"{self.name}/gripper")
                self.set(gripped=found)

        return Plan([Part("", grip)])

    def plan_move_picked_up_resource(self, args: Arguments) -> Plan:
        return Plan([Part("", lambda fraction: self.set(gripperAt=args["to"] if fraction >= 1 else "on the way"))])

    def plan_drop_resource(self, args: Arguments) -> Plan:
        gripped = self.state["gripped"]
        if gripped is None:
            raise DeviceError("NothingGripped", "The gripper holds nothing.")

        def drop(fraction: float) -> None:
            if fraction >= 1:
                self.physics.set_place(gripped, args["place"])
                self.set(gripped=None)

        return Plan([Part("", drop)])

    def plan_prepare_for_manual_channel_operation(self, args: Arguments) -> Plan:
        return Plan([Part("", lambda _fraction: self.set(manualChannel=args["channel"]))])

    def plan_move_channel(self, args: Arguments) -> Plan:
        name = f"channel{args['channel']}{args['axis'].upper()}Mm"
        return Plan([Part("", lambda fraction: self.set(**{name: args["toMm"] if fraction >= 1 else None}))])

    def _plan_transfer(self, args: Arguments, move: Callable[[Section, float], None]) -> Plan:
        for item in args["channels"]:
            self.physics.learn_well(item["well"], item["initialUl"], item["maxVolumeUl"])
        return self._plan_channels(args, self._find_no_tip, move)

    def _plan_channels(
        self, args: Arguments, find_error: Callable[[Section], DeviceError | None], move: Callable[[Section, float], None]
    ) -> Plan:
        """One part per channel. The 96-channel head does not notice what single channels lack."""
        parts: list[Part] = []
        failed: dict[str, DeviceError] = {}
        for item in args["channels"]:
            error = find_error(item)
            if error is None:
                parts.append(Part(item["channel"], lambda fraction, item=item: move(item, fraction)))  # type: ignore[misc]
            elif not item["channel"].startswith(HEAD96_PREFIX):
                failed[item["channel"]] = error
        return Plan(parts, failed=failed)

    def _read_held(self, channel: str) -> Section | None:
        return self.physics.read_channel(self.name, channel)

    def _hold(self, channel: str, held: Any) -> None:
        self.physics.set_channel(self.name, channel, held)

    def _find_pick_up_error(self, item: Section) -> DeviceError | None:
        if self._read_held(item["channel"]) is not None:
            return DeviceError("HasTip", f"Channel {item['channel']} has a tip already.")
        return None if self.physics.tips[item["spot"]] else DeviceError("NoTip", f"There is no tip at {item['spot']}.")

    def _find_no_tip(self, item: Section) -> DeviceError | None:
        return DeviceError("NoTip", f"Channel {item['channel']} has no tip.") if self._read_held(item["channel"]) is None else None

    def _pick_up(self, item: Section, fraction: float) -> None:
        """A tip sits or it does not. One that was put back with liquid in it still holds it."""
        spot = item["spot"]
        if fraction < 1:
            return
        left_ul = self.physics.take(spot, self.physics.wells[spot]) if spot in self.physics.wells else 0.0
        self.physics.set_tip(spot, False)
        self._hold(item["channel"], {"tip": spot, "volumeUl": left_ul})

    def _drop(self, item: Section, fraction: float) -> None:
        held = self._read_held(item["channel"])
        if fraction < 1 or held is None:
            return
        target = item["spot"] if "spot" in item else item["waste"]
        if held["volumeUl"] > 0:
            self.physics.pour(target, held["volumeUl"])
        if "spot" in item:
            self.physics.set_tip(target, True)
        self._hold(item["channel"], None)

    def _aspirate(self, item: Section, fraction: float) -> None:
        held = self._read_held(item["channel"])
        if held is not None:
            taken_ul = self.physics.take(item["well"], item["volumeUl"] * fraction)
            self._hold(item["channel"], {**held, "volumeUl": held["volumeUl"] + taken_ul})

    def _dispense(self, item: Section, fraction: float) -> None:
        held = self._read_held(item["channel"])
        if held is not None:
            given_ul = min(held["volumeUl"], item["volumeUl"] * fraction)
            self._hold(item["channel"], {**held, "volumeUl": held["volumeUl"] - given_ul})
            self.physics.pour(item["well"], given_ul)
