"""The instruments of the device simulator, each through a real bridge: every method, true physics, one line for each act,
and what a fault leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import wait_for_phase
from device_lab import DeviceLab, open_lab
from front_end_calls import ARM_PLACE, CALLS, PROTOCOL

MACHINES = {
    "reader": "PlateReader",
    "heater_shaker": "HeaterShaker",
    "thermocycler": "Thermocycler",
    "incubator": "Incubator",
    "sealer": "Sealer",
    "peeler": "Peeler",
    "scanner": "BarcodeScanner",
    "scale": "Scale",
    "pump": "Pump",
    "arm": "ExperimentalSCARA",
}
# Calls of a front end whose backend's operation has another name; those of two operations name both.
OPERATIONS = {
    "shake": ["lock_plate", "start_shaking"],
    "pump_volume": ["run_revolutions"],
}


@pytest.fixture(scope="module")
def lab() -> Iterator[DeviceLab]:
    with open_lab() as made:
        yield made


@pytest.fixture
def fresh() -> Iterator[DeviceLab]:
    with open_lab() as made:
        yield made


@pytest.mark.parametrize("machine", MACHINES)
def test_every_command_acts_as_often_as_it_is_journaled(lab: DeviceLab, machine: str) -> None:
    for call in CALLS[MACHINES[machine]]:
        before = lab.list_acts(machine)
        outcome = lab.run(machine, call.method, **call.arguments)
        assert (call.method, outcome["status"], outcome["error"]) == (call.method, "completed", None)
        acts = lab.list_acts(machine)[len(before) :]
        expected = OPERATIONS.get(call.method, [call.method]) if call.steps else []
        assert (call.method, acts) == (call.method, expected)


def test_acts_carry_the_command_and_its_fence(fresh: DeviceLab) -> None:
    fresh.do("sealer", "close")
    assert [(line["commandId"], line["fence"], line["outcome"]) for line in fresh.devices.read_acts()] == [("r1/test/1/0", 1, "done")]


def test_a_refused_method_says_why(lab: DeviceLab) -> None:
    for method in ("run_for_duration", "setup"):
        outcome = lab.run("pump", method, speed=1, duration=1)
        assert (outcome["status"], outcome["error"]["code"]) == ("failed", "UNKNOWN_METHOD")
        assert len(outcome["error"]["message"]) > 40


def test_cultures_grow_in_the_wells_that_were_filled(fresh: DeviceLab) -> None:
    curve = [_read_plate(fresh) for _ in range(6)]
    assert all(row[11] < 0.06 for data in curve for row in data), "an empty well grows nothing"
    first, last = curve[0], curve[-1]
    assert all(0.03 < density < 2 for data in curve for row in data for density in row)
    while last[0][0] < 0.5:
        last = _read_plate(fresh)
    assert first[0][0] < 0.2
    fresh.devices.control("labware.put", labware=[{"name": "culture", "wells": {"A1": {"volumeUl": 200, "maxVolumeUl": 360}}}])
    anew = _read_plate(fresh)
    assert anew[0][0] < 0.2 and anew[1][0] < 0.06, "fresh matter begins anew, and what was taken away is gone"


def test_nothing_is_read_while_the_drawer_is_known_to_be_open(fresh: DeviceLab) -> None:
    fresh.do("reader", "open")
    outcome = fresh.run("reader", "read_absorbance", wavelength=600)
    assert (outcome["status"], outcome["error"]["code"], outcome["sends"]) == ("failed", "INTERLOCKED", 0)
    fresh.do("reader", "close")
    assert len(_read_plate(fresh)) == 8
    assert fresh.list_acts("reader") == ["open", "close", "read_absorbance"]


def test_a_scale_weighs_what_stands_on_it(fresh: DeviceLab) -> None:
    assert fresh.do("scale", "read_weight") == pytest.approx(40.3)
    fresh.do("scale", "tare")
    fresh.devices.control("labware.put", labware=[{"name": "weighed", "wells": {"A1": {"volumeUl": 350, "maxVolumeUl": 360}}}])
    assert fresh.do("scale", "read_weight") == pytest.approx(0.05)
    fresh.do("scale", "zero")
    assert fresh.do("scale", "read_weight") == 0


def test_a_pump_moves_what_it_turns(fresh: DeviceLab) -> None:
    fresh.do("pump", "run_revolutions", num_revolutions=10)
    wells = fresh.devices.control("physics.read")["wells"]
    assert (wells["bottle"], wells["flask"]) == (499_000, 1_000)
    fresh.do("pump", "run_continuously", speed=600)
    fresh.do("pump", "halt")
    wells = fresh.devices.control("physics.read")["wells"]
    assert wells["flask"] > 1_000 and wells["bottle"] + wells["flask"] == pytest.approx(500_000)
    assert fresh.run("pump", "run_revolutions", num_revolutions=-5)["error"]["code"] == "BAD_ARGUMENTS"
    assert fresh.devices.control("physics.read")["wells"]["flask"] == wells["flask"]


def test_temperatures_follow_the_clock_of_the_device_also_over_its_death(fresh: DeviceLab) -> None:
    assert fresh.do("heater_shaker", "get_temperature") == 25
    fresh.do("heater_shaker", "set_temperature", temperature=90)
    first = fresh.do("heater_shaker", "get_temperature")
    assert 25 <= first < 90
    fresh.devices.kill()
    fresh.devices.start()
    fresh.do("heater_shaker", "wait_for_temperature", timeout=60)
    assert fresh.do("heater_shaker", "get_temperature") == pytest.approx(90, abs=0.5)
    fresh.devices.control("power.cycle", device="heater_shaker")
    assert fresh.read_device("heater_shaker")["warmth"]["targetC"] is None


def test_an_incubator_carries_what_stands_on_the_site(fresh: DeviceLab) -> None:
    fresh.do("incubator", "fetch_plate_to_loading_tray", plate_name="plate_in_incubator")
    places = fresh.devices.control("physics.read")["places"]
    assert places["plate_in_incubator"] == "incubator_tray"
    fresh.do("incubator", "take_in_plate", site={"$site": ["incubator", 7]})
    assert fresh.devices.control("physics.read")["places"]["plate_in_incubator"] == "incubator_rack_1-8"


def test_an_arm_takes_what_stands_there(fresh: DeviceLab) -> None:
    _read_plate(fresh)
    fresh.do("scale", "read_weight")
    fresh.devices.control("labware.put", labware=[{"name": "weighed", "place": "shelf"}])
    fresh.do("arm", "pick_up_resource", position=_at(100), plate_width=80)
    assert fresh.devices.control("physics.read")["places"]["culture"] == "arm_gripper"
    fresh.do("arm", "pick_up_resource", position=_at(300), plate_width=80)
    assert fresh.read_device("arm")["collisions"] == 1
    fresh.do("arm", "drop_resource", position=_at(300))
    assert fresh.devices.control("physics.read")["places"]["culture"] == "scale"
    # The trackers still have another plate on the scale, and none of the reader's: physics is what weighs.
    assert fresh.do("scale", "read_weight") == pytest.approx(40 + 88 * 0.2)
    assert {value for row in _read_plate(fresh) for value in row} == {0.0}


def test_a_plate_that_the_gripper_takes_out_is_read_by_nobody_and_stands_elsewhere(fresh: DeviceLab) -> None:
    assert _read_plate(fresh)[0][0] > 0
    fresh.do("star", "pick_up_resource", resource={"$ref": "culture"})
    fresh.do("star", "drop_resource", destination={"$ref": "heater_shaker"})
    assert fresh.devices.control("physics.read")["places"]["culture"] == "heater_shaker"
    fresh.do("star", "pick_up_resource", resource={"$ref": "plate_1"})
    fresh.do("star", "drop_resource", destination={"$ref": "reader"})
    filled = _read_plate(fresh)
    assert filled[0][0] > 0.04 and filled[0][1] == 0.04, "only the first column of plate_1 holds liquid"


STOPS: list[tuple[str, str, dict[str, Any], str]] = [
    ("heater_shaker", "shake", {"speed": 500}, "stop_shaking"),
    ("thermocycler", "run_protocol", {"protocol": PROTOCOL, "block_max_volume": 50}, "deactivate_block"),
    ("incubator", "start_shaking", {"frequency": 5}, "stop_shaking"),
    ("pump", "run_revolutions", {"num_revolutions": 4}, "halt"),
    ("arm", "move_to", {"position": ARM_PLACE}, "halt"),
]


@pytest.mark.parametrize(("machine", "method", "arguments", "stop"), STOPS)
def test_a_stop_is_served_beside_the_motion(machine: str, method: str, arguments: dict[str, Any], stop: str) -> None:
    slow = DeviceLab(motion_ms=20_000)
    try:
        slow.start()
        command = slow.make_command(machine, method, arguments)
        running = slow.client.send("command.run", **command)
        wait_for_phase(slow.bridge.connect(), command["id"], "sent")
        slow.wait_for_motion(machine)
        assert slow.bridge.connect().ask("command.stop", id=command["id"]) == {"isStopping": True}
        assert slow.client.receive(running)["status"] == "stopped"
        lines = [(line["op"], line["outcome"]) for line in slow.devices.read_acts()]
        assert (stop, "done") in lines and lines[-1][1] == "part"
    finally:
        slow.remove()


def _read_plate(lab: DeviceLab) -> Any:
    return lab.do("reader", "read_absorbance", wavelength=600)[0]["data"]


def _at(x_mm: float) -> dict[str, Any]:
    return {"location": {"x": x_mm, "y": 200, "z": 50}, "rotation": {"x": 0, "y": 90, "z": 180}}
