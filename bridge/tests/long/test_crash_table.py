"""The crash table: the bridge is killed at c1 to c7 of one command of each retry class on several devices, and started again.

The tape of the devices, which no bridge writes, says what moved. A command that is read-only runs again, one that sets a
state is repeated after a look, and every other one that may have moved waits for a person and never moves by itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from bridge_process import Refused, at_item
from device_lab import DeviceLab

# Long enough for every machine to be in the middle of its motion at one moment.
MOTION_MS = 5_000


@dataclass(frozen=True)
class Case:
    machine: str
    method: str
    retry_class: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.machine}.{self.method}"


PLACE = {"location": {"x": 100, "y": 200, "z": 50}, "rotation": {"x": 0, "y": 90, "z": 180}}
CASES = [
    Case("scale", "read_weight", "read-only"),
    Case("scanner", "scan", "read-only"),
    Case("heater_shaker", "set_temperature", "set-state", {"temperature": 40}),
    Case("thermocycler", "close_lid", "set-state"),
    Case("arm", "move_to_safe", "set-state"),
    Case("sealer", "seal", "costly", {"temperature": 170, "duration": 1}),
    Case("reader", "read_absorbance", "costly", {"wavelength": 600}),
    Case("pump", "run_revolutions", "non-idempotent", {"num_revolutions": 4}),
    Case("incubator", "fetch_plate_to_loading_tray", "non-idempotent", {"plate_name": "plate_in_incubator"}),
    Case("arm", "pick_up_resource", "non-idempotent", {"position": PLACE, "plate_width": 80}),
    Case("star", "pick_up_tips", "non-idempotent", {"tip_spots": [at_item("tips_1", "A1"), at_item("tips_1", "B1")]}),
]
# Point of the table → the point of the bridge at which it dies, and how often the device has acted by then.
POINTS = {
    "c3": ("accepted", 0),
    "c4": ("before-sent", 0),
    "c5": ("after-sent", 0),
    "c6, trackers not committed": ("device-done", 1),
    "c6": ("before-end", 1),
    "c7": ("after-end", 1),
}
SURE_POINTS = ("c3", "c4")


@pytest.fixture
def slow() -> Iterator[DeviceLab]:
    made = DeviceLab(MOTION_MS)
    try:
        yield made
    finally:
        made.remove()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_bridge_that_dies_at_a_point(lab: DeviceLab, case: Case, point: str) -> None:
    fault_at, acts_before = POINTS[point]
    if case.retry_class == "read-only":
        # A command that only looks has no SENT to die at.
        nearest = {"before-sent": "accepted", "after-sent": "accepted", "device-done": "before-end"}
        fault_at, acts_before = nearest.get(fault_at, fault_at), 0
    lab.start(fault_at, machines=[case.machine])
    command = lab.make_command(case.machine, case.method, case.arguments)
    lab.client.send("command.run", **command)
    assert lab.bridge.wait() == 137, "the point was not reached"
    assert _count_acts(lab, command) == acts_before
    lab.start_bridge()
    _require_table(lab, (case, command), point)


@pytest.mark.parametrize("point", ["c1", "c2", "c5"])
def test_a_bridge_that_is_killed_with_a_command_for_every_machine(slow: DeviceLab, point: str) -> None:
    """Before they are sent, before they are read, and while all machines move."""
    cases = list({case.machine: case for case in CASES}.values())
    slow.start()
    commands = [slow.make_command(case.machine, case.method, case.arguments) for case in cases]
    _kill_at(slow, point, list(zip(cases, commands)))
    slow.start_bridge()
    for command in commands:
        # Asked for on a connection of its own, so that all machines move at once; the next request attaches to it.
        slow.bridge.connect().send("command.run", **command)
    for case, command in zip(cases, commands):
        _require_table(slow, (case, command), "c5" if point == "c5" else "c3")


def _kill_at(lab: DeviceLab, point: str, given: list[tuple[Case, dict[str, Any]]]) -> None:
    if point == "c2":
        os.kill(lab.bridge.pid, signal.SIGSTOP)
    if point != "c1":
        for _, command in given:
            lab.client.send("command.run", **command)
    if point == "c5":
        for case, _ in given:
            if case.retry_class != "read-only":
                lab.wait_for_motion(case.machine)
    lab.bridge.kill()
    assert len(lab.devices.read_acts()) == 0, "a motion ended before all had begun"


def _require_table(lab: DeviceLab, given: tuple[Case, dict[str, Any]], point: str) -> None:
    """What the table says once the bridge is back and the command is asked for again."""
    case, command = given
    outcome = lab.client.ask("command.run", **command)
    acts = _count_acts(lab, command)
    if case.retry_class == "read-only":
        assert (outcome["status"], acts) == ("completed", 0)
    elif point in (*SURE_POINTS, "c7"):
        assert (outcome["status"], acts) == ("completed", 1)
    elif case.retry_class == "set-state":
        assert outcome["status"] == "completed" and acts in (1, 2), (outcome, acts)
    else:
        assert outcome["status"] == "uncertain" and outcome["error"]["code"] == "UNCERTAIN", outcome
        _require_held(lab, case, command)
    assert lab.client.ask("command.run", **command) == outcome, "the outcome is told again, and not made anew"
    assert _count_acts(lab, command) <= (2 if case.retry_class == "set-state" else 1)


def _require_held(lab: DeviceLab, case: Case, command: dict[str, Any]) -> None:
    """Neither the run nor another one moves the machine before a person has said what happened."""
    acts = _count_acts(lab, command)
    again = lab.make_command(case.machine, case.method, case.arguments)
    for run, code in (("r1", "RUN_HELD"), ("r2", "MACHINE_NOT_READY")):
        with pytest.raises(Refused) as refused:
            lab.client.ask("command.run", **{**again, "id": again["id"].replace("r1", run), "runId": run})
        assert refused.value.code == code
    assert (_count_acts(lab, command), _count_acts(lab, again)) == (acts, 0)


def _count_acts(lab: DeviceLab, command: dict[str, Any]) -> int:
    """Of this very command; a motion that its bridge did not live to see ends all the same."""
    lab.wait_for_rest(command["machine"])
    return sum(line["commandId"] == command["id"] for line in lab.devices.read_acts())
