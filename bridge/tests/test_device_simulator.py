"""The device simulator by itself: physics is true, the tape comes before the reply, and a kill at any moment loses nothing."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from device_simulator_process import DeviceAnswer, DeviceSimulator
from liquid_orders import make_order, order_pick_up, order_transfer, read_truth

SLOW_MS = 400.0


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


def test_liquid_goes_from_well_to_tip_to_well(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    client.ask(**order_transfer("aspirate", 60, 0))
    truth = read_truth(simulator)
    assert truth["wells"] == {"plate:A1": 140}
    assert truth["tips"] == {"tips:A1": False}
    assert truth["channels"] == {"0": {"tip": "tips:A1", "volumeUl": 60}}
    client.ask(**order_transfer("dispense", 60, 0))
    assert read_truth(simulator)["wells"] == {"plate:A1": 200}
    client.ask(**make_order("drop_tips", channels=[{"channel": "0", "spot": "tips:A1", "hasTip": False}]))
    assert (read_truth(simulator)["tips"], read_truth(simulator)["channels"]) == ({"tips:A1": True}, {"0": None})


def test_what_it_knows_wins_over_what_it_is_told_again(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    client.ask(**order_transfer("aspirate", 60, 0, initial_ul=200))
    client.ask(**order_transfer("aspirate", 60, 0, initial_ul=1000))
    assert read_truth(simulator)["wells"] == {"plate:A1": 80}


def test_an_empty_well_gives_air_and_a_full_one_runs_over(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0, 1))
    client.ask(**order_transfer("aspirate", 100, 0, initial_ul=30))
    assert read_truth(simulator)["channels"]["0"]["volumeUl"] == 30
    client.ask(**order_transfer("aspirate", 80, 1))
    client.ask(**make_order("dispense", channels=[{"channel": "1", "well": "tiny", "volumeUl": 80, "initialUl": 0, "maxVolumeUl": 50}]))
    assert read_truth(simulator)["wells"] == {"plate:A1": 0, "plate:B1": 120, "tiny": 50, "spill": 30}


def test_it_does_everything_twice_that_it_is_told_twice(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    for _ in range(2):
        client.ask(**order_transfer("aspirate", 50, 0))
    assert read_truth(simulator)["wells"] == {"plate:A1": 100}
    assert [line["op"] for line in simulator.read_acts()] == ["pick_up_tips", "aspirate", "aspirate"]


def test_channels_without_a_tip_say_so_and_the_others_do_it(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**order_transfer("aspirate", 50, 0, 1))
    assert (answer.value.type, answer.value.error["channels"]["1"]["type"]) == ("NoTip", "NoTip")
    assert list(answer.value.error["channels"]) == ["1"]
    assert read_truth(simulator)["wells"] == {"plate:A1": 150, "plate:B1": 200}
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**order_pick_up(0, 1))
    assert {label: error["type"] for label, error in answer.value.error["channels"].items()} == {"0": "HasTip"}


def test_liquid_in_a_tip_stays_in_it_in_the_rack_and_goes_with_it_to_the_waste(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    client.ask(**order_transfer("aspirate", 50, 0))
    client.ask(**make_order("drop_tips", channels=[{"channel": "0", "spot": "tips:A1", "hasTip": False}]))
    client.ask(**order_pick_up(0))
    assert read_truth(simulator)["channels"]["0"] == {"tip": "tips:A1", "volumeUl": 50}
    client.ask(**make_order("drop_tips", channels=[{"channel": "0", "waste": "trash"}]))
    assert read_truth(simulator)["wells"] == {"plate:A1": 150, "tips:A1": 0, "trash": 50}


def test_the_gripper_grips_what_stands_there(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    simulator.control("labware.put", labware=[{"name": "other_plate", "place": "star/site-1"}])
    client.ask(**make_order("pick_up_resource", labware="plate", place="star/site-0"))
    with pytest.raises(DeviceAnswer, match="GripperFull"):
        client.ask(**make_order("pick_up_resource", labware="plate", place="star/site-1"))
    assert read_truth(simulator)["places"]["plate"] == "star/gripper"
    client.ask(**make_order("drop_resource", labware="plate", place="reader"))
    with pytest.raises(DeviceAnswer, match="NothingToGrip"):
        client.ask(**make_order("pick_up_resource", labware="plate", place="star/site-0"))
    client.ask(**make_order("pick_up_resource", labware="plate", place="star/site-1"))
    assert read_truth(simulator)["places"] == {"plate": "reader", "other_plate": "star/gripper"}


def test_a_line_stands_on_the_tape_before_the_reply(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    requests = [order_pick_up(0), order_transfer("aspirate", 60, 0), make_order("request_tip_presence", numChannels=2)]
    for number, request in enumerate(requests, 1):
        client.ask(**request)
        tape = simulator.read_tape()
        assert [line["n"] for line in tape] == list(range(1, number + 1))
    assert [line["isRead"] for line in tape] == [False, False, True]
    line = tape[1]
    asked = [line[name] for name in ("device", "kind", "op", "commandId", "fence")]
    assert asked == ["star", "liquid_handler", "aspirate", "r1/aspirate", 4]
    assert line["outcome"] == "done"
    assert (line["before"]["wells"], line["after"]["wells"]) == ({"plate:A1": 200}, {"plate:A1": 140})
    assert line["after"]["channels"] == {"0": {"tip": "tips:A1", "volumeUl": 60}}
    assert line["beganMonoNs"] <= line["monoNs"]


def test_physics_outlives_a_kill_at_any_moment(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    client.ask(**order_transfer("aspirate", 60, 0))
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
        # The moment at which it first heard of a well is in the snapshot alone; the tape has that of the act.
        vague = {"maxVolumesUl": 0, "devices": 0, "filledAtMs": 0}
        assert {**after, **vague} == {**before, **vague}
        assert list(after["filledAtMs"]) == list(before["filledAtMs"])
        assert len(simulator.read_tape()) == 2
    simulator.connect().ask(**order_transfer("dispense", 60, 0))
    assert simulator.read_tape()[-1]["n"] == 3
    assert read_truth(simulator)["wells"] == {"plate:A1": 200}


def test_a_motion_under_way_at_a_kill_is_done_in_part_and_says_so_at_the_next_start(slow: DeviceSimulator) -> None:
    client = slow.connect()
    client.ask(**order_pick_up(0))
    client.send(**order_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    slow.kill()
    killed_ns = time.monotonic_ns()
    assert len(slow.read_tape()) == 1
    slow.start()
    line = slow.read_tape()[-1]
    assert line["beganMonoNs"] < killed_ns < line["monoNs"]
    assert (line["outcome"], line["commandId"], line["after"]["wells"]) == ("cut", "r1/aspirate", {"plate:A1": 170})
    assert read_truth(slow)["channels"]["0"]["volumeUl"] == 30
    slow.kill()
    slow.start()
    assert len(slow.read_tape()) == 2


def test_stops_and_controls_are_served_beside_a_motion_and_other_orders_wait(slow: DeviceSimulator) -> None:
    client, other = slow.connect(), slow.connect()
    client.ask(**order_pick_up(0))
    moving = client.send(**order_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    waiting = other.send(**order_transfer("dispense", 0, 0))
    assert read_truth(slow)["wells"] == {"plate:A1": 200}
    slow.connect().ask(**make_order("stop"))
    with pytest.raises(DeviceAnswer, match="PartDone"):
        client.receive(moving)
    other.receive(waiting)
    tape = slow.read_tape()
    assert [(line["op"], line["outcome"]) for line in tape[1:]] == [("stop", "done"), ("aspirate", "part"), ("dispense", "done")]
    assert 140 < read_truth(slow)["wells"]["plate:A1"] < 200
    assert tape[2]["monoNs"] <= tape[3]["beganMonoNs"] or tape[3]["before"]["channels"] == tape[2]["after"]["channels"]


def test_cut_power_ends_a_motion_in_part_and_breaks_the_connection(slow: DeviceSimulator) -> None:
    client = slow.connect()
    client.ask(**order_pick_up(0))
    client.send(**order_transfer("aspirate", 60, 0))
    slow.wait_for_motion()
    slow.control("power.cycle", device="star")
    assert client.receive_line() == b""
    with pytest.raises(DeviceAnswer, match="NotHomed"):
        slow.connect().ask(**order_transfer("dispense", 10, 0))
    line = slow.read_acts()[-1]
    assert (line["op"], line["outcome"]) == ("aspirate", "cut")
    slow.control("device.home", device="star")
    slow.connect().ask(**order_transfer("dispense", 60, 0))
    assert read_truth(slow)["wells"] == {"plate:A1": 200}


def test_fresh_labware_takes_the_place_of_the_old(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0, 1))
    client.ask(**order_transfer("aspirate", 60, 0))
    plate = {"name": "plate", "wells": {"A1": {"volumeUl": 5, "maxVolumeUl": 300}}, "place": "star/site-3"}
    simulator.control("labware.put", labware=[plate, {"name": "tips", "tips": ["A1"]}])
    truth = read_truth(simulator)
    assert (truth["wells"], truth["places"]) == ({"plate:A1": 5}, {"plate": "star/site-3"})
    assert truth["tips"] == {"tips:A1": True, "tips:B1": False}
    assert simulator.read_tape()[-1]["before"]["wells"] == {"plate:A1": 140}


def test_of_two_faults_that_are_due_at_once_the_second_comes_next(simulator: DeviceSimulator) -> None:
    first, second = simulator.add_fault("refuse"), simulator.add_fault("refuse")
    client = simulator.connect()
    for fired in ((1, 0), (1, 1)):
        with pytest.raises(DeviceAnswer):
            client.ask(**order_pick_up(0, 1))
        assert (simulator.count_fired(first), simulator.count_fired(second)) == fired
    client.ask(**order_pick_up(0, 1))


def test_what_is_no_request_is_answered_and_harms_nobody(simulator: DeviceSimulator) -> None:
    for line in (b"not json\n", b"[]\n", b'{"id":1}\n', b'{"id":1,"device":"star","kind":"liquid_handler","op":"aspirate","args":{}}\n'):
        client = socket.socket(socket.AF_UNIX)
        client.connect(simulator.socket_path)
        client.sendall(line)
        assert json.loads(client.makefile("rb").readline())["error"]["type"] == "BadRequest"
        client.close()
    client = simulator.connect()
    unknown = [({"op": "fly"}, "UnknownOperation"), ({"kind": "bird", "device": "b"}, "UnknownKind"), ({"kind": "bird"}, "UnknownKind")]
    for request, type_name in unknown:
        with pytest.raises(DeviceAnswer) as answer:
            client.ask(**{**make_order("stop"), **request})
        assert answer.value.type == type_name
    for fault in ({"mode": "explode"}, {"mode": "hang", "when": 3}, {"mode": "part", "fraction": 2}):
        with pytest.raises(DeviceAnswer, match="BadControl"):
            simulator.control("faults.add", fault=fault)
    assert simulator.read_tape() == []
