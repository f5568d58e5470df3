"""Faults of the instruments in the device simulator, each through a real bridge: what acted, and what the command ends as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from device_lab import DeviceLab, open_lab

# As long as a busy machine may take for the answers that do come.
HANG_LIMIT_S = 6.0
FAULTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("reader", "read_absorbance", {"wavelength": 600}, "read_absorbance"),
    ("heater_shaker", "set_temperature", {"temperature": 40}, "set_temperature"),
    ("thermocycler", "close_lid", {}, "close_lid"),
    ("incubator", "fetch_plate_to_loading_tray", {"plate_name": "plate_in_incubator"}, "fetch_plate_to_loading_tray"),
    ("sealer", "seal", {"temperature": 170, "duration": 1}, "seal"),
    ("peeler", "peel", {}, "peel"),
    ("scale", "tare", {}, "tare"),
    ("pump", "run_revolutions", {"num_revolutions": 4}, "run_revolutions"),
    ("arm", "move_to_safe", {}, "move_to_safe"),
]
# Mode → status of the command, and how many lines it leaves on the tape.
MODES = {
    "lose-reply": ("uncertain", 1),
    "part-silent": ("uncertain", 1),
    "part": ("uncertain", 1),
    "wrong-reply": ("uncertain", 1),
    "huge-reply": ("uncertain", 1),
    "power-cycle": ("uncertain", 1),
    "drop-connection": ("uncertain", 0),
    "late-reply": ("completed", 1),
    "refuse": ("failed", 0),
    "need-homing": ("failed", 0),
}


@pytest.fixture(scope="module")
def faulty() -> Iterator[DeviceLab]:
    """Where faults leave things as they like."""
    with open_lab() as made:
        yield made


@pytest.fixture
def fresh() -> Iterator[DeviceLab]:
    with open_lab() as made:
        yield made


@pytest.mark.parametrize(("machine", "method", "arguments", "op"), FAULTS)
def test_every_fault_of_an_act_has_the_right_outcome(
    faulty: DeviceLab, machine: str, method: str, arguments: dict[str, Any], op: str
) -> None:
    for mode, (status, lines) in MODES.items():
        fault = faulty.devices.add_fault(mode, device=machine, op=op, delayMs=100)
        before = len(faulty.list_acts(machine))
        outcome = faulty.run(machine, method, **arguments)
        acts = len(faulty.list_acts(machine)) - before
        assert (mode, outcome["status"], acts) == (mode, status, lines), outcome
        assert (mode, faulty.devices.count_fired(fault)) == (mode, 1)
        _put_right(faulty, machine, outcome)


READS = [
    ("heater_shaker", "get_temperature", "get_current_temperature"),
    ("scale", "read_weight", "read_weight"),
    ("scanner", "scan", "scan_barcode"),
]


@pytest.mark.parametrize(("machine", "method", "op"), READS)
def test_a_reading_that_is_lost_is_asked_again(faulty: DeviceLab, machine: str, method: str, op: str) -> None:
    for mode in ("lose-reply", "drop-connection", "wrong-reply"):
        fault = faulty.devices.add_fault(mode, device=machine, op=op)
        outcome = faulty.run(machine, method)
        assert (mode, outcome["status"], faulty.devices.count_fired(fault)) == (mode, "failed", 1), outcome
        assert faulty.do(machine, method) is not None


def test_a_device_that_hangs_leaves_its_act_in_doubt_and_no_reading() -> None:
    hung = DeviceLab(reply_timeout_s=HANG_LIMIT_S)
    try:
        hung.start()
        reading = [machine for machine, _, _ in READS]
        given = [(*fault, "uncertain") for fault in FAULTS if fault[0] not in reading]
        given += [(machine, method, {}, op, "failed") for machine, method, op in READS]
        faults = [hung.devices.add_fault("hang", device=machine, op=op) for machine, _, _, op, _ in given]
        # All at once: each waits as long as its link does.
        commands = [hung.make_command(machine, method, arguments) for machine, method, arguments, _, _ in given]
        asked = [hung.client.send("command.run", **command) for command in commands]
        replies = [hung.client.receive_message() for _ in asked]
        statuses = {reply["id"]: reply["result"]["status"] for reply in replies}
        assert [statuses[request_id] for request_id in asked] == [status for *_, status in given]
        assert [hung.devices.count_fired(fault) for fault in faults] == [1] * len(faults)
        assert hung.devices.read_acts() == []
    finally:
        hung.remove()


def test_a_reading_that_is_no_number_ends_no_bridge(faulty: DeviceLab) -> None:
    fault = faulty.devices.add_fault("nan-reply", device="scale", op="read_weight")
    assert faulty.do("scale", "read_weight") == "NaN"
    assert faulty.devices.count_fired(fault) == 1
    assert isinstance(faulty.do("scale", "read_weight"), float)


def test_a_device_that_dies_in_mid_motion_has_done_a_part(fresh: DeviceLab) -> None:
    fault = fresh.devices.add_fault("die-mid-motion", device="pump", op="run_revolutions", fraction=0.25)
    assert fresh.run("pump", "run_revolutions", num_revolutions=8)["status"] == "uncertain"
    assert fresh.devices.wait() == 137
    fresh.devices.start()
    assert fresh.devices.count_fired(fault) == 1
    assert fresh.read_device("pump")["revolutions"] == 2
    assert [line["outcome"] for line in fresh.devices.read_acts()] == ["cut"]


def _put_right(lab: DeviceLab, machine: str, outcome: Any) -> None:
    """What a person does before the next command: looks, homes what has lost its place, and puts the plate back."""
    if outcome["status"] == "uncertain":
        lab.client.ask("machine.release", machine=machine, note="looked at it")
    lab.home(machine)
    if machine != "incubator":
        return
    if outcome["status"] == "completed":
        lab.do("incubator", "take_in_plate", site={"$site": ["incubator", 0]})
    lab.devices.control("labware.put", labware=[{"name": "plate_in_incubator", "place": "incubator_rack_1-1"}])
