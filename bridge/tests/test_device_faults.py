"""Faults of the device simulator: each mode does what it says, fires at its turn, and is counted."""

from __future__ import annotations

import json
from typing import Iterator

import pytest
from device_simulator_process import DeviceAnswer, DeviceClient, DeviceSimulator
from liquid_orders import make_order, order_pick_up, order_transfer, read_truth

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


def test_a_fault_fires_at_its_turn_and_is_counted(simulator: DeviceSimulator) -> None:
    fault = simulator.add_fault("refuse", op="aspirate", nth=2, times=2, error={"type": "Clot", "message": "a clot"})
    client = simulator.connect()
    client.ask(**order_pick_up(0))
    results = []
    for _ in range(4):
        try:
            client.ask(**order_transfer("aspirate", 10, 0))
            results.append("done")
        except DeviceAnswer as answer:
            results.append(answer.type)
    assert results == ["done", "Clot", "Clot", "done"]
    assert simulator.count_fired(fault) == 2
    assert read_truth(simulator)["wells"] == {"plate:A1": 180}
    simulator.control("faults.clear")
    assert simulator.control("faults.list") == {"faults": []}


def test_what_the_device_refuses_by_itself_is_no_occasion_for_a_fault(simulator: DeviceSimulator) -> None:
    fault = simulator.add_fault("hang", op="drop_resource")
    with pytest.raises(DeviceAnswer, match="NothingGripped"):
        simulator.connect().ask(**make_order("drop_resource", labware="plate", place="reader"))
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
    client.ask(**order_pick_up(0))
    fault = simulator.add_fault(mode, device="star", op="aspirate", fraction=0.25, delayMs=50)
    client.send(**order_transfer("aspirate", 60, 0))
    assert _hear(client) == heard
    if mode == "die-mid-motion":
        assert simulator.wait() == 137
        simulator.start()
    assert simulator.count_fired(fault) == 1
    lines = [line for line in simulator.read_acts() if line["op"] == "aspirate"]
    assert [line["outcome"] for line in lines] == ([] if outcome is None else [outcome])
    assert sum(line["before"]["wells"]["plate:A1"] - line["after"]["wells"]["plate:A1"] for line in lines) == moved_ul
    truth = read_truth(simulator)
    assert truth["wells"].get("plate:A1", 200) == 200 - moved_ul
    assert truth["channels"]["0"]["volumeUl"] == moved_ul
    needs_homing = mode in ("need-homing", "power-cycle")
    assert truth["devices"]["star"]["isHomed"] is not needs_homing
    again = simulator.connect()
    if needs_homing:
        with pytest.raises(DeviceAnswer, match="NotHomed"):
            again.ask(**order_transfer("dispense", moved_ul, 0))
        again.ask(**make_order("home"))
    again.ask(**order_transfer("dispense", moved_ul, 0))
    assert read_truth(simulator)["wells"] == {"plate:A1": 200}


def test_a_part_of_many_channels_is_the_first_ones_and_the_others_are_named(simulator: DeviceSimulator) -> None:
    client = simulator.connect()
    client.ask(**order_pick_up(0, 1, 2, 3))
    simulator.add_fault("part", op="aspirate", fraction=0.6)
    with pytest.raises(DeviceAnswer) as answer:
        client.ask(**order_transfer("aspirate", 50, 0, 1, 2, 3))
    assert list(answer.value.error["channels"]) == ["2", "3"]
    assert read_truth(simulator)["wells"] == {"plate:A1": 150, "plate:B1": 150, "plate:C1": 200, "plate:D1": 200}


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
