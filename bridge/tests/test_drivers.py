"""Drivers that raise anything, print, and return what JSON does not know: every command still has a true outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell
from test_places import make_machine

TIPS = {"tip_spots": [at_item("tips_1", "A1"), at_item("tips_1", "B1")]}
WELLS = {"resources": [at_item("plate_1", "A1"), at_item("plate_1", "B1")], "vols": [1, 2]}


def without_intervals(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: without_intervals(member) for name, member in value.items() if name != "volumeRangeUl"}


class Lab:
    """A bridge with the misbehaving backend, two tips mounted, and the file that says how it misbehaves."""

    def __init__(self, bridge: BridgeProcess) -> None:
        bridge.module = "bridge_with_faulty_backend"
        self.bridge = bridge
        self._plan = bridge.folder / "plan"
        self.behave("")
        bridge.start()
        self.client: Client = bridge.connect()
        arguments = {"plan_file": str(self._plan), "tape_file": str(bridge.tape_path)}
        spec = read_demo_workcell("FaultyBackend", **arguments)
        spec["machines"].append(make_machine("scale", "Scale", "FaultyScaleBackend", backendArguments={"plan_file": str(self._plan)}))
        self.client.ask("workcell.apply", spec=spec)
        self.commands = 0
        self.run("pick_up_tips", TIPS)

    def run(self, method: str, arguments: dict[str, Any]) -> Any:
        """Runs a new command, whatever comes of it."""
        self.commands += 1
        return self.client.ask("command.run", **make_command(self.commands, method, arguments))

    def read_resources(self) -> Any:
        """What is tracked, without the intervals of what is in doubt."""
        return without_intervals(self.client.ask("state.read")["resources"])

    def behave(self, plan: str) -> None:
        self._plan.write_text(plan)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    bridge = BridgeProcess()
    try:
        yield Lab(bridge)
    finally:
        bridge.remove()


@pytest.mark.parametrize(
    ("plan", "status", "code"),
    [
        ("value-error", "failed", "BAD_ARGUMENTS"),
        ("unknown", "failed", "MACHINE_ERROR"),
        ("system-exit", "failed", "MACHINE_ERROR"),
        ("keyboard-interrupt", "failed", "MACHINE_ERROR"),
        ("cancelled", "failed", "MACHINE_ERROR"),
        ("timeout", "failed", "MACHINE_ERROR"),
        ("unprintable", "failed", "MACHINE_ERROR"),
        ("exit-in-task", "failed", "MACHINE_ERROR"),
        ("send firmware", "failed", "MACHINE_ERROR"),
        ("send timeout", "uncertain", "UNCERTAIN"),
        ("send connection-lost", "uncertain", "UNCERTAIN"),
        ("send cancelled", "uncertain", "UNCERTAIN"),
        ("send system-exit", "uncertain", "UNCERTAIN"),
        ("send unknown", "uncertain", "UNCERTAIN"),
        ("send value-error", "uncertain", "UNCERTAIN"),
    ],
)
def test_an_error_is_known_or_uncertain_by_what_was_sent(lab: Lab, plan: str, status: str, code: str) -> None:
    before, tape = lab.read_resources(), lab.bridge.read_tape()
    lab.behave(plan)
    outcome = lab.run("aspirate", WELLS)
    assert (outcome["status"], outcome["error"]["code"]) == (status, code)
    assert outcome["sends"] == (1 if plan.startswith("send") else 0)
    assert lab.read_resources() == before
    lab.behave("")
    if status == "uncertain":
        with pytest.raises(Refused) as refused:
            lab.run("aspirate", WELLS)
        assert refused.value.code == "RUN_HELD"
        lab.client.ask("machine.release", machine="star", note="looked")
    assert lab.run("aspirate", WELLS)["status"] == "completed"
    assert lab.bridge.read_tape() == [*tape, "aspirate"]
    assert lab.bridge.is_alive()


def test_any_byte_a_driver_says_can_be_stored_and_shown(lab: Lab) -> None:
    lab.behave("any-byte")
    outcome = lab.run("aspirate", WELLS)
    lab.behave("")
    assert outcome["error"]["message"] == "RuntimeError: er00\\x00id\\ud800\\xff"
    assert lab.client.ask("command.status", id=f"r1/test/{lab.commands}/0")["outcome"] == outcome


def test_says_which_channels_did_the_command(lab: Lab) -> None:
    before = lab.read_resources()
    lab.behave("send channel-1")
    outcome = lab.run("aspirate", WELLS)
    lab.behave("")
    assert (outcome["status"], outcome["error"]["code"]) == ("failed", "PARTLY_DONE")
    assert outcome["error"]["channels"]["0"] == {"done": True}
    assert outcome["error"]["channels"]["1"]["code"] == "TIP_MISSING"
    after = lab.read_resources()
    taken = [before[well]["volumeUl"] - after[well]["volumeUl"] for well in ("plate_1_well_A1", "plate_1_well_B1")]
    assert taken == [1, 0]


def test_a_failed_pick_up_is_not_believed_from_the_simulated_sensor(lab: Lab) -> None:
    lab.run("return_tips", {"allow_nonzero_volume": True})
    lab.behave("unknown")
    failed = lab.run("pick_up_tips", TIPS)
    lab.behave("")
    state = lab.read_resources()
    assert (failed["status"], state["star"]["head"]) == ("failed", {})
    assert state["tips_1_tipspot_A1"]["tip"] is not None
    assert lab.run("pick_up_tips", TIPS)["status"] == "completed"


def test_what_a_driver_prints_never_reaches_the_wire(lab: Lab) -> None:
    lab.behave("print")
    outcome = lab.run("aspirate", WELLS)
    lab.behave("")
    assert outcome["status"] == "completed"
    assert "printed by a driver" in lab.bridge.read_log()


@pytest.mark.parametrize("plan", ["print-much", "block", "print-much block send timeout"])
def test_noise_and_a_blocked_loop_harm_nobody(lab: Lab, plan: str) -> None:
    lab.behave(plan)
    outcome = lab.run("aspirate", WELLS)
    lab.behave("")
    assert outcome["status"] == ("uncertain" if plan.endswith("timeout") else "completed")
    if outcome["status"] == "uncertain":
        lab.client.ask("machine.release", machine="star", note="looked")
    assert lab.client.ask("hello")["runningCommands"] == []


@pytest.mark.parametrize(
    ("plan", "shown"),
    [
        ("number", 1.5),
        ("nan", "NaN"),
        ("infinity", ["Infinity", {"a": "-Infinity"}]),
        ("50 MB", "str"),
        ("50 MB of bytes", "dict"),
        ("object", "object"),
        ("hostile", "Hostile"),
        ("endless", None),
        ("surrogate", "\\ud800"),
        ("generator", "generator"),
    ],
)
def test_whatever_a_driver_returns_the_command_has_an_outcome(lab: Lab, plan: str, shown: Any) -> None:
    lab.behave(plan)
    lab.commands += 1
    outcome = lab.client.ask("command.run", **make_command(lab.commands, "read_weight", {}, machine="scale"))
    lab.behave("")
    assert outcome["status"] == "completed"
    result = outcome["result"]
    assert shown is None or (result["$unencodable"] if isinstance(result, dict) else result) == shown
    assert lab.client.ask("hello")["runningCommands"] == []


def test_a_real_machine_is_set_up_by_a_person_alone(bridge: BridgeProcess) -> None:
    """Neither a start, nor a workcell that is applied, nor the end of a bridge in the middle of a command sets it up."""
    bridge.module = "bridge_with_faulty_backend"
    setups = bridge.folder / "setups"
    bridge.start("after-sent")
    client = bridge.connect()
    spec = read_demo_workcell("HomingBackend", setups_file=str(setups))
    spec["machines"][0]["mode"] = "hardware"
    client.ask("workcell.apply", spec=spec)
    assert not setups.exists()
    assert client.ask("machine.connect", machine="star", by="ada", note="clear")["isReady"] is True
    pick_up = make_command(1, "pick_up_tips", TIPS)
    client.send("command.run", **pick_up)
    assert bridge.wait() == 137, "the fault point was not reached"
    for _ in range(2):
        bridge.start()
        client = bridge.connect()
        outcome = client.ask("command.run", **pick_up)
        facts = outcome["error"]["details"]
        assert facts["notAsked"] == "the machine is not connected"
        # Thought through without the machine, from what the journal knows.
        assert facts["likely"]["channels"]["1"] == {"before": None, "ifDone": {"tip": "tips_1_tipspot_B1", "volumeUl": 0}}
        bridge.kill()
    assert setups.read_text() == "setup\n"


def test_volumes_of_a_real_machine_have_an_interval_after_a_crash(bridge: BridgeProcess) -> None:
    bridge.module = "bridge_with_faulty_backend"
    bridge.start("after-sent:2")
    client = bridge.connect()
    spec = read_demo_workcell("HomingBackend", setups_file=str(bridge.folder / "setups"))
    spec["machines"][0]["mode"] = "hardware"
    client.ask("workcell.apply", spec=spec)
    client.ask("machine.connect", machine="star", by="ada", note="clear")
    client.ask("command.run", **make_command(1, "pick_up_tips", TIPS))
    aspirate = make_command(2, "aspirate", WELLS)
    client.send("command.run", **aspirate)
    assert bridge.wait() == 137, "the fault point was not reached"
    bridge.start()
    client = bridge.connect()
    well = client.ask("state.read")["resources"]["plate_1_well_B1"]
    assert (well["volumeUl"], well["volumeRangeUl"]) == (200, {"min": 198, "max": 200})
    statement = {"requestId": "q1", "id": aspirate["id"], "happened": "not-done", "corrections": [], "by": "ada", "note": ""}
    client.ask("command.resolve", **statement)
    assert "volumeRangeUl" not in client.ask("state.read")["resources"]["plate_1_well_B1"]


def test_machines_beside_the_liquid_handler_take_commands(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    spec = read_demo_workcell()
    for name, frontend in (("reader", "PlateReader"), ("heater", "HeaterShaker")):
        backend = f"{frontend}ChatterboxBackend"
        spec["machines"].append({"name": name, "frontend": frontend, "backend": backend, "backendArguments": {}, "mode": "simulation"})
    client.ask("workcell.apply", spec=spec)
    heat = make_command(1, "set_temperature", {"temperature": 37}, machine="heater")
    assert client.ask("command.run", **heat)["status"] == "completed"
    asked = client.ask("command.run", **make_command(2, "get_temperature", {}, machine="heater"))
    assert (asked["status"], asked["result"], asked["beganAtMs"]) == ("completed", 37, None)
    assert client.ask("command.run", **make_command(3, "open", {}, machine="reader"))["status"] == "completed"
    no_plate = client.ask("command.run", **make_command(4, "read_absorbance", {"wavelength": 600}, machine="reader"))
    assert (no_plate["status"], no_plate["sends"]) == ("failed", 0)
    kinds = [row["kind"] for row in client.ask("journal.read", after=2, limit=99, waitMs=0)["rows"]]
    assert kinds == ["SENT", "STEP_END", "END", "END", "SENT", "STEP_END", "END", "END"]
