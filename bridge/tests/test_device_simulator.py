"""The device simulator by itself: physics is true, the tape comes before the reply, faults fire and are counted, kills lose nothing."""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Iterator

import pytest
from device_simulator_process import DeviceAnswer, DeviceClient, DeviceSimulator

SLOW_MS = 400.0
# After an operation that hangs nothing comes; every other answer comes long before this.
SILENCE_S = 5.0


@pytest.fixture
def simulator() -> Iterator[DeviceSimulator]:
    process = DeviceSimulator()
    try:
        process.start()
        yield process
    finally:
        process.remove()


@pytest.fixture
def slow() -> Iterator[DeviceSimulator]:
    process = DeviceSimulator(SLOW_MS)
    try:
        process.start()
        yield process
    finally:
        process.remove()


def _order(op: str, **args: Any) -> dict[str, Any]:
    return {"device": "star", "kind": "liquid_handler", "op": op, "args": args, "commandId": f"r1/{op}", "fence": 4}


def _pick_up(*channels: int) -> dict[str, Any]:
    return _order("pick_up_tips", channels=[{"channel": str(c), "spot": f"tips:{'ABCDEFGH'[c]}1", "hasTip": True} for c in channels])


def _transfer(op: str, volume_ul: float, *channels: int, initial_ul: float = 200.0, max_ul: float = 300.0) -> dict[str, Any]:
    told = {"volumeUl": volume_ul, "initialUl": initial_ul, "maxVolumeUl": max_ul}
    return _order(op, channels=[{"channel": str(c), "well": f"plate:{'ABCDEFGH'[c]}1", **told} for c in channels])


def _read(simulator: DeviceSimulator) -> dict[str, Any]:
    truth: dict[str, Any] = simulator.control("physics.read", device="star")
    return {**truth, "channels": truth["channels"]["star"]}


def test_liquid_goes_from_well_to_tip_to_well(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    client.ask(**_transfer("aspirate", 60, 0))
    truth = _read(simulator)
    assert truth["wells"] == {"plate:A1": 140}
    assert truth["tips"] == {"tips:A1": False}
    assert truth["channels"] == {"0": {"tip": "tips:A1", "volumeUl": 60}}
    client.ask(**_transfer("dispense", 60, 0))
    assert _read(simulator)["wells"] == {"plate:A1": 200}
    client.ask(**_order("drop_tips", channels=[{"channel": "0", "spot": "tips:A1", "hasTip": False}]))
    assert (_read(simulator)["tips"], _read(simulator)["channels"]) == ({"tips:A1": True}, {"0": None})


def test_what_it_knows_wins_over_what_it_is_told_again(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    client.ask(**_transfer("aspirate", 60, 0, initial_ul=200))
    client.ask(**_transfer("aspirate", 60, 0, initial_ul=1000))
    assert _read(simulator)["wells"] == {"plate:A1": 80}


def test_an_empty_well_gives_air_and_a_full_one_runs_over(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0, 1))
    client.ask(**_transfer("aspirate", 100, 0, initial_ul=30))
    assert _read(simulator)["channels"]["0"]["volumeUl"] == 30
    client.ask(**_transfer("aspirate", 80, 1))
    client.ask(**_order("dispense", channels=[{"channel": "1", "well": "tiny", "volumeUl": 80, "initialUl": 0, "maxVolumeUl": 50}]))
    assert _read(simulator)["wells"] == {"plate:A1": 0, "plate:B1": 120, "tiny": 50, "spill": 30}


def test_it_does_everything_twice_that_it_is_told_twice(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    for _ in range(2):
        client.ask(**_transfer("aspirate", 50, 0))
    assert _read(simulator)["wells"] == {"plate:A1": 100}
    assert [line["op"] for line in simulator.read_acts()] == ["pick_up_tips", "aspirate", "aspirate"]


def test_channels_without_a_tip_say_so_and_the_others_do_it(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**_transfer("aspirate", 50, 0, 1))
    assert (answer.value.type, answer.value.error["channels"]["1"]["type"]) == ("NoTip", "NoTip")
    assert list(answer.value.error["channels"]) == ["1"]
    assert _read(simulator)["wells"] == {"plate:A1": 150, "plate:B1": 200}
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**_pick_up(0, 1))
    assert {label: error["type"] for label, error in answer.value.error["channels"].items()} == {"0": "HasTip"}


def test_liquid_in_a_tip_stays_in_it_in_the_rack_and_goes_with_it_to_the_waste(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    client.ask(**_transfer("aspirate", 50, 0))
    client.ask(**_order("drop_tips", channels=[{"channel": "0", "spot": "tips:A1", "hasTip": False}]))
    client.ask(**_pick_up(0))
    assert _read(simulator)["channels"]["0"] == {"tip": "tips:A1", "volumeUl": 50}
    client.ask(**_order("drop_tips", channels=[{"channel": "0", "waste": "trash"}]))
    assert _read(simulator)["wells"] == {"plate:A1": 150, "tips:A1": 0, "trash": 50}


def test_the_gripper_grips_what_stands_there(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    simulator.control("labware.put", labware=[{"name": "other_plate", "place": "star/site-1"}])
    client.ask(**_order("pick_up_resource", labware="plate", place="star/site-0"))
    with pytest.raises(DeviceAnswer, match="GripperFull"):
        client.ask(**_order("pick_up_resource", labware="plate", place="star/site-1"))
    assert _read(simulator)["places"]["plate"] == "star/gripper"
    client.ask(**_order("drop_resource", labware="plate", place="reader"))
    with pytest.raises(DeviceAnswer, match="NothingToGrip"):
        client.ask(**_order("pick_up_resource", labware="plate", place="star/site-0"))
    client.ask(**_order("pick_up_resource", labware="plate", place="star/site-1"))
    assert _read(simulator)["places"] == {"plate": "reader", "other_plate": "star/gripper"}


def test_a_line_stands_on_the_tape_before_the_reply(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    for number, request in enumerate([_pick_up(0), _transfer("aspirate", 60, 0), _order("request_tip_presence", numChannels=2)], 1):
        client.ask(**request)
        tape = simulator.read_tape()
        assert [line["n"] for line in tape] == list(range(1, number + 1))
    assert [line["isRead"] for line in tape] == [False, False, True]
    line = tape[1]
    assert (line["device"], line["kind"], line["op"], line["commandId"], line["fence"]) == ("star", "liquid_handler", "aspirate", "r1/aspirate", 4)
    assert line["outcome"] == "done"
    assert (line["before"]["wells"], line["after"]["wells"]) == ({"plate:A1": 200}, {"plate:A1": 140})
    assert line["after"]["channels"] == {"0": {"tip": "tips:A1", "volumeUl": 60}}
    assert line["beganMonoNs"] <= line["monoNs"]


def test_physics_outlives_a_kill_at_any_moment(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0))
    client.ask(**_transfer("aspirate", 60, 0))
    before = simulator.control("physics.read")
    for name in ("state.json", None):
        simulator.kill()
        if name is not None:
            # Without its snapshot it adds up the tape; what a well may hold it learns again.
            (simulator.folder / name).unlink()
        with open(simulator.tape_path, "ab") as tape:
            tape.write(b'{"n":3,"torn')
        simulator.start()
        after = simulator.control("physics.read")
        assert {**after, "maxVolumesUl": 0, "devices": 0} == {**before, "maxVolumesUl": 0, "devices": 0}
        assert len(simulator.read_tape()) == 2
    simulator.connect().ask(**_transfer("dispense", 60, 0))
    assert simulator.read_tape()[-1]["n"] == 3
    assert _read(simulator)["wells"] == {"plate:A1": 200}


def test_a_motion_under_way_at_a_kill_is_done_in_part_and_says_so_at_the_next_start(slow: DeviceSimulator) -> None:
    client = slow.connect()
    client.ask(**_pick_up(0))
    client.send(**_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    slow.kill()
    killed_ns = time.monotonic_ns()
    assert len(slow.read_tape()) == 1
    slow.start()
    line = slow.read_tape()[-1]
    assert line["beganMonoNs"] < killed_ns < line["monoNs"]
    assert (line["outcome"], line["commandId"], line["after"]["wells"]) == ("cut", "r1/aspirate", {"plate:A1": 170})
    assert _read(slow)["channels"]["0"]["volumeUl"] == 30
    slow.kill()
    slow.start()
    assert len(slow.read_tape()) == 2


def test_stops_and_controls_are_served_beside_a_motion_and_other_orders_wait(slow: DeviceSimulator) -> None:
    client, other = slow.connect(), slow.connect()
    client.ask(**_pick_up(0))
    moving = client.send(**_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    waiting = other.send(**_transfer("dispense", 0, 0))
    assert _read(slow)["wells"] == {"plate:A1": 200}
    slow.connect().ask(**_order("stop"))
    with pytest.raises(DeviceAnswer, match="PartDone"):
        client.receive(moving)
    other.receive(waiting)
    tape = slow.read_tape()
    assert [(line["op"], line["outcome"]) for line in tape[1:]] == [("stop", "done"), ("aspirate", "part"), ("dispense", "done")]
    assert 140 < _read(slow)["wells"]["plate:A1"] < 200
    assert tape[2]["monoNs"] <= tape[3]["beganMonoNs"] or tape[3]["before"]["channels"] == tape[2]["after"]["channels"]


def test_a_fault_fires_at_its_turn_and_is_counted(simulator: DeviceSimulator) -> None:
    fault = simulator.add_fault("refuse", op="aspirate", nth=2, times=2, error={"type": "Clot", "message": "a clot"})
    client = simulator.connect()
    client.ask(**_pick_up(0))
    results = []
    for _ in range(4):
        try:
            client.ask(**_transfer("aspirate", 10, 0))
            results.append("done")
        except DeviceAnswer as answer:
            results.append(answer.type)
    assert results == ["done", "Clot", "Clot", "done"]
    assert simulator.count_fired(fault) == 2
    assert _read(simulator)["wells"] == {"plate:A1": 180}
    simulator.control("faults.clear")
    assert simulator.control("faults.list") == {"faults": []}


def test_what_the_device_refuses_by_itself_is_no_occasion_for_a_fault(simulator: DeviceSimulator) -> None:
    fault = simulator.add_fault("hang", op="drop_resource")
    with pytest.raises(DeviceAnswer, match="NothingGripped"):
        simulator.connect().ask(**_order("drop_resource", labware="plate", place="reader"))
    assert simulator.count_fired(fault) == 0


# Mode → (what the driver hears, what of 60 µL has left the well, outcome on the tape).
EFFECTS: dict[str, tuple[str, float, str | None]] = {
    "lose-reply": ("closed", 60, "done"),
    "late-reply": ("answered", 60, "done"),
    "hang": ("silence", 0, None),
    "part": ("PartDone", 15, "part"),
    "part-silent": ("closed", 15, "part"),
    "drop-connection": ("closed", 0, None),
    "power-cycle": ("closed", 15, "cut"),
    "need-homing": ("NotHomed", 0, None),
    "refuse": ("Refused", 0, None),
    "wrong-reply": ("garbage", 60, "done"),
    "huge-reply": ("huge", 60, "done"),
    "nan-reply": ("nan", 60, "done"),
    "die-mid-motion": ("closed", 15, "cut"),
}


@pytest.mark.parametrize("mode", EFFECTS)
def test_every_fault_mode_does_what_it_says(simulator: DeviceSimulator, mode: str) -> None:
    heard, moved_ul, outcome = EFFECTS[mode]
    client = simulator.connect()
    client.ask(**_pick_up(0))
    fault = simulator.add_fault(mode, device="star", op="aspirate", fraction=0.25, delayMs=50)
    client.send(**_transfer("aspirate", 60, 0))
    assert _hear(client) == heard
    if mode == "die-mid-motion":
        assert simulator.wait() == 137
        simulator.start()
    assert simulator.count_fired(fault) == 1
    lines = [line for line in simulator.read_acts() if line["op"] == "aspirate"]
    assert [line["outcome"] for line in lines] == ([] if outcome is None else [outcome])
    assert sum(line["before"]["wells"]["plate:A1"] - line["after"]["wells"]["plate:A1"] for line in lines) == moved_ul
    truth = _read(simulator)
    assert truth["wells"].get("plate:A1", 200) == 200 - moved_ul
    assert truth["channels"]["0"]["volumeUl"] == moved_ul
    needs_homing = mode in ("need-homing", "power-cycle")
    assert truth["devices"]["star"]["isHomed"] is not needs_homing
    again = simulator.connect()
    if needs_homing:
        with pytest.raises(DeviceAnswer, match="NotHomed"):
            again.ask(**_transfer("dispense", moved_ul, 0))
        again.ask(**_order("home"))
    again.ask(**_transfer("dispense", moved_ul, 0))
    assert _read(simulator)["wells"] == {"plate:A1": 200}


def test_a_part_of_many_channels_is_the_first_ones_and_the_others_are_named(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0, 1, 2, 3))
    simulator.add_fault("part", op="aspirate", fraction=0.6)
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**_transfer("aspirate", 50, 0, 1, 2, 3))
    assert list(answer.value.error["channels"]) == ["2", "3"]
    assert _read(simulator)["wells"] == {"plate:A1": 150, "plate:B1": 150, "plate:C1": 200, "plate:D1": 200}


def test_cut_power_ends_a_motion_in_part_and_breaks_the_connection(slow: DeviceSimulator) -> None:
    client = slow.connect()
    client.ask(**_pick_up(0))
    client.send(**_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    slow.control("power.cycle", device="star")
    assert client.receive_line() == b""
    with pytest.raises(DeviceAnswer, match="NotHomed"):
        slow.connect().ask(**_transfer("dispense", 10, 0))
    line = slow.read_acts()[-1]
    assert (line["op"], line["outcome"]) == ("aspirate", "cut")
    slow.control("device.home", device="star")
    slow.connect().ask(**_transfer("dispense", 60, 0))
    assert _read(slow)["wells"] == {"plate:A1": 200}


def test_fresh_labware_takes_the_place_of_the_old(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**_pick_up(0, 1))
    client.ask(**_transfer("aspirate", 60, 0))
    plate = {"name": "plate", "wells": {"A1": {"volumeUl": 5, "maxVolumeUl": 300}}, "place": "star/site-3"}
    simulator.control("labware.put", labware=[plate, {"name": "tips", "tips": ["A1"]}])
    truth = _read(simulator)
    assert (truth["wells"], truth["tips"], truth["places"]) == ({"plate:A1": 5}, {"tips:A1": True, "tips:B1": False}, {"plate": "star/site-3"})
    assert simulator.read_tape()[-1]["before"]["wells"] == {"plate:A1": 140}


def test_what_is_no_request_is_answered_and_harms_nobody(simulator: DeviceSimulator) -> None:
    for line in (b"not json\n", b"[]\n", b'{"id":1}\n', b'{"id":1,"device":"star","kind":"liquid_handler","op":"aspirate","args":{}}\n'):
        client = socket.socket(socket.AF_UNIX)
        client.connect(simulator.socket_path)
        client.sendall(line)
        assert json.loads(client.makefile("rb").readline())["error"]["type"] == "BadRequest"
        client.close()
    client = simulator.connect()
    for request, type_name in (({"op": "fly"}, "UnknownOperation"), ({"kind": "bird", "device": "b"}, "UnknownKind"), ({"kind": "bird"}, "UnknownKind")):
        with pytest.raises(DeviceAnswer) as answer:
            client.ask(**{**_order("stop"), **request})
        assert answer.value.type == type_name
    for fault in ({"mode": "explode"}, {"mode": "hang", "when": 3}, {"mode": "part", "fraction": 2}):
        with pytest.raises(DeviceAnswer, match="BadControl"):
            simulator.control("faults.add", fault=fault)
    assert simulator.read_tape() == []


def _hear(client: DeviceClient) -> str:
    client.limit_wait(SILENCE_S)
    try:
        line = client.receive_line()
    except TimeoutError:
        return "silence"
    if line == b"":
        return "closed"
    if len(line) > 1_000_000:
        return "huge"
    try:
        reply = json.loads(line)
    except ValueError:
        return "garbage"
    if not reply["ok"]:
        return str(reply["error"]["type"])
    return "nan" if reply["result"] != reply["result"] else "answered"
