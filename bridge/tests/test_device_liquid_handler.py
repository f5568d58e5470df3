"""A liquid handler in the device simulator behind a real bridge: tape and journal agree, and every fault has its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell
from device_simulator_process import DeviceSimulator
from dilution import list_dilution_commands


@pytest.fixture
def simulator() -> Iterator[DeviceSimulator]:
    process = DeviceSimulator()
    try:
        process.start()
        yield process
    finally:
        process.remove()


def _start(bridge: BridgeProcess, simulator: DeviceSimulator, **backend_arguments: Any) -> Client:
    bridge.start()
    client = bridge.connect()
    given = {"socket": simulator.socket_path, "device": "star", **backend_arguments}
    spec = read_demo_workcell("DeviceLiquidHandlerBackend", **given)
    plate_2 = next(item for item in spec["labware"] if item["name"] == "plate_2")
    plate_2["fresh"]["wellsUl"] = {f"{row}{column}": 150 for row in "ABCDEFGH" for column in range(1, 13)}
    client.ask("workcell.apply", spec=spec)
    return client


def _pick_up(number: int, *rows: str) -> dict[str, Any]:
    return make_command(number, "pick_up_tips", {"tip_spots": [at_item("tips_1", f"{row}1") for row in rows]})


def _drop(number: int, *rows: str) -> dict[str, Any]:
    return make_command(number, "drop_tips", {"tip_spots": [at_item("tips_1", f"{row}1") for row in rows]})


def _aspirate(number: int, volume_ul: float, *rows: str) -> dict[str, Any]:
    return _transfer(number, "aspirate", volume_ul, *rows)


def _transfer(number: int, method: str, volume_ul: float, *rows: str) -> dict[str, Any]:
    wells = [at_item("plate_1", f"{row}1") for row in rows]
    return make_command(number, method, {"resources": wells, "vols": [volume_ul] * len(rows)})


def _run(client: Client, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    return [client.ask("command.run", **command) for command in commands]


def _read_well(client: Client, well: str) -> float:
    return float(client.ask("state.read")["resources"][f"plate_1_well_{well}"]["volumeUl"])


def _require_same(client: Client, simulator: DeviceSimulator) -> None:
    """Trackers and truth agree about every well, tip, channel that the simulator has met."""
    truth = simulator.control("physics.read")
    entries = client.ask("state.read")["resources"]
    volumes = {f"{e['labware']}:{e['item']}" if "item" in e else e["labware"]: e["volumeUl"] for e in entries.values() if "volumeUl" in e}
    tips = {f"{e['labware']}:{e['item']}": e["tip"] is not None for e in entries.values() if "tip" in e}
    wells = {key: volume_ul for key, volume_ul in truth["wells"].items() if key in volumes}
    assert wells == {key: pytest.approx(volumes[key]) for key in wells}
    assert truth["tips"] == {key: tips[key] for key in truth["tips"]}
    held = {f"96:{c}": tip for c, tip in entries["star"]["head96"].items()}
    held.update(entries["star"]["head"])
    channels = {channel: tip for channel, tip in truth["channels"].get("star", {}).items() if tip is not None}
    assert {channel: tip["volumeUl"] for channel, tip in channels.items()} == {
        channel: pytest.approx(tip["volumeUl"]) for channel, tip in held.items()
    }


def _require_journal_agrees(client: Client, simulator: DeviceSimulator) -> None:
    """Every act has its command in the journal, once, and in the same order; each was sent before it acted."""
    rows = client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    sent = [row for row in rows if row["kind"] == "SENT"]
    acts = simulator.read_acts()
    assert [act["commandId"] for act in acts] == [row["commandId"] for row in sent]
    assert all(row["atMs"] <= act["atMs"] for row, act in zip(sent, acts))


def test_the_whole_dilution_moves_what_the_journal_says(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    commands = list_dilution_commands("d")
    reply = client.ask("block.run", commands=commands)
    assert {outcome["status"] for outcome in reply["outcomes"]} == {"completed"}
    assert len(reply["outcomes"]) == len(commands)
    assert [line["op"] for line in simulator.read_acts()] == [command["method"] for command in commands]
    assert {line["fence"] for line in simulator.read_acts()} == {1}
    _require_journal_agrees(client, simulator)
    _require_same(client, simulator)
    before = simulator.read_acts()[0]
    assert before["before"] == {"tips": {"tips_1:A1": True}, "channels": {"0": None}}
    truth = simulator.control("physics.read")
    assert sum(truth["wells"].values()) == pytest.approx(50_000 + 200)


def test_96_channels_and_the_gripper(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    plate, rack = {"$ref": "plate_1"}, {"$ref": "tips_2"}
    outcomes = _run(
        client,
        make_command(1, "pick_up_tips96", {"tip_rack": rack}),
        make_command(2, "aspirate96", {"resource": {"$ref": "plate_2"}, "volume": 100}),
        make_command(3, "dispense96", {"resource": plate, "volume": 100}),
        make_command(4, "drop_tips96", {"resource": rack}),
        make_command(5, "pick_up_resource", {"resource": plate}),
        make_command(6, "move_picked_up_resource", {"to": {"x": 400, "y": 200, "z": 300}}),
        make_command(7, "drop_resource", {"destination": {"$site": ["plate_carrier", 4]}}),
    )
    assert [(outcome["status"], outcome["error"]) for outcome in outcomes] == [("completed", None)] * 7
    truth = simulator.control("physics.read")
    assert truth["places"]["plate_1"] == "star/plate_carrier-4"
    wells = truth["wells"]
    assert (wells["plate_2:A1"], wells["plate_2:H12"], wells["plate_1:A1"], wells["plate_1:H12"]) == (50, 50, 300, 100)
    _require_same(client, simulator)
    _require_journal_agrees(client, simulator)


def test_fresh_labware_comes_where_the_old_one_is_and_nowhere_else(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    _run(client, make_command(1, "pick_up_resource", {"resource": {"$ref": "plate_1"}}))
    held = simulator.control("physics.read")["places"]["plate_1"]
    assert held == "star/gripper"
    client.ask("labware.replace", requestId="q1", runId="r1", labware=["plate_1"], fence=1)
    assert simulator.control("physics.read")["places"]["plate_1"] == held
    assert client.ask("state.read")["resources"]["plate_1"]["place"] == {"gripper": "star"}
    _run(client, make_command(2, "drop_resource", {"destination": {"$site": ["plate_carrier", 4]}}))
    assert simulator.control("physics.read")["places"]["plate_1"] == "star/plate_carrier-4"


def test_fresh_labware_is_fresh_in_the_simulator_too(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    _run(client, _pick_up(1, "A"), _aspirate(2, 100, "A"), _transfer(3, "dispense", 100, "B"))
    replacement = {"requestId": "q1", "runId": "r1", "labware": ["tips_1", "plate_1", "diluent_1"], "fence": 1}
    assert client.ask("labware.replace", **replacement) == {"replaced": ["tips_1", "plate_1", "diluent_1"]}
    assert client.ask("labware.replace", **replacement) == {"replaced": ["tips_1", "plate_1", "diluent_1"]}
    puts = [line for line in simulator.read_tape() if line["op"] == "labware.put"]
    assert len(puts) == 1
    truth = simulator.control("physics.read")
    assert (truth["wells"]["plate_1:A1"], truth["wells"]["plate_1:B1"], truth["wells"]["diluent_1"]) == (200, 200, 50_000)
    assert truth["places"]["plate_1"] == "star/plate_carrier-0"
    _require_same(client, simulator)
    simulator.kill()
    with pytest.raises(Refused) as refused:
        client.ask("labware.replace", **{**replacement, "requestId": "q2"})
    assert refused.value.code == "MACHINE_NOT_READY"


def test_a_simulator_that_is_gone_proves_that_nothing_left(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    _run(client, _pick_up(1, "A"))
    simulator.kill()
    lost = client.ask("command.run", **_aspirate(2, 50, "A"))
    assert (lost["status"], lost["sends"]) == ("failed", 0)
    simulator.start()
    assert client.ask("command.run", **_aspirate(3, 50, "A"))["status"] == "completed"
    _require_same(client, simulator)
    assert [line["op"] for line in simulator.read_acts()] == ["pick_up_tips", "aspirate"]


def test_a_tip_that_is_not_there_is_known_to_the_trackers_afterwards(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    simulator.control("labware.put", labware=[{"name": "tips_1", "tips": ["A1", "C1"]}])
    # What was put by hand says nothing of B1; the simulator is told that there is a tip, so it is taken away by hand too.
    _run(client, _pick_up(1, "B"), _drop(2, "B"))
    simulator.control("labware.put", labware=[{"name": "tips_1", "tips": ["A1", "C1"]}])
    outcome = client.ask("command.run", **_pick_up(3, "A", "B", "C"))
    assert (outcome["status"], outcome["error"]["code"]) == ("failed", "PARTLY_DONE")
    done = {channel: said["done"] for channel, said in outcome["error"]["channels"].items()}
    assert done == {"0": True, "1": False, "2": True}
    assert outcome["error"]["channels"]["1"]["code"] == "TIP_MISSING"
    head = client.ask("state.read")["resources"]["star"]["head"]
    assert sorted(head) == ["0", "2"]
    assert [line["op"] for line in simulator.read_tape() if line["isRead"]][-1] == "request_tip_presence"


# Mode → (status, code, what of 60 µL has left the well).
OUTCOMES: dict[str, tuple[str, str | None, float]] = {
    "lose-reply": ("uncertain", "UNCERTAIN", 60),
    "late-reply": ("completed", None, 60),
    "hang": ("uncertain", "UNCERTAIN", 0),
    "part": ("uncertain", "UNCERTAIN", 15),
    "part-silent": ("uncertain", "UNCERTAIN", 15),
    "drop-connection": ("uncertain", "UNCERTAIN", 0),
    "power-cycle": ("uncertain", "UNCERTAIN", 15),
    "need-homing": ("failed", "MACHINE_ERROR", 0),
    "refuse": ("failed", "MACHINE_ERROR", 0),
    "wrong-reply": ("uncertain", "UNCERTAIN", 60),
    "huge-reply": ("uncertain", "UNCERTAIN", 60),
    "nan-reply": ("completed", None, 60),
    "die-mid-motion": ("uncertain", "UNCERTAIN", 15),
}


@pytest.mark.parametrize("mode", OUTCOMES)
def test_every_fault_has_its_outcome_and_nothing_acts_twice(bridge: BridgeProcess, simulator: DeviceSimulator, mode: str) -> None:
    status, code, moved_ul = OUTCOMES[mode]
    client = _start(bridge, simulator, reply_timeout_s=2.0)
    _run(client, _pick_up(1, "A"))
    fault = simulator.add_fault(mode, op="aspirate", fraction=0.25, delayMs=100)
    aspirate = _aspirate(2, 60, "A")
    outcome = client.ask("command.run", **aspirate)
    assert (outcome["status"], None if outcome["error"] is None else outcome["error"]["code"]) == (status, code)
    if mode == "die-mid-motion":
        assert simulator.wait() == 137
        simulator.start()
    assert client.ask("command.run", **aspirate) == outcome
    assert simulator.count_fired(fault) == 1
    acts = [line for line in simulator.read_acts() if line["op"] == "aspirate"]
    assert len(acts) == (0 if moved_ul == 0 else 1)
    if mode in ("need-homing", "power-cycle"):
        simulator.control("device.home", device="star")
    if status == "uncertain":
        _state_what_happened(client, aspirate["id"], moved_ul)
    held_ul = moved_ul if status == "uncertain" or status == "completed" else 0
    assert _read_well(client, "A1") == 200 - held_ul
    _require_same(client, simulator)
    rest = _run(client, _transfer(3, "dispense", held_ul, "A"), _drop(4, "A"))
    assert [each["status"] for each in rest] == ["completed"] * 2
    assert len([line for line in simulator.read_acts() if line["op"] == "aspirate"]) == len(acts)
    _require_same(client, simulator)


def _state_what_happened(client: Client, command_id: str, moved_ul: float) -> None:
    """The person has looked, and says the truth."""
    happened = {0: "not-done", 60: "done"}.get(int(moved_ul), "partly")
    facts = [{"labware": "plate_1", "item": "A1", "volumeUl": 200 - moved_ul}, {"machine": "star", "channel": 0, "volumeUl": moved_ul}]
    corrections = facts if happened == "partly" else []
    client.ask("command.resolve", requestId="q", id=command_id, happened=happened, corrections=corrections, by="ada", note="")


def test_channels_that_did_not_move_are_named_and_the_others_count(bridge: BridgeProcess, simulator: DeviceSimulator) -> None:
    client = _start(bridge, simulator)
    _run(client, _pick_up(1, "A", "B", "C", "D"))
    simulator.add_fault("part", op="aspirate", fraction=0.5, error={"type": "TooLittleLiquid", "message": "no liquid found"})
    outcome = client.ask("command.run", **_aspirate(2, 50, "A", "B", "C", "D"))
    assert (outcome["status"], outcome["error"]["code"]) == ("failed", "PARTLY_DONE")
    done = {channel: said["done"] for channel, said in outcome["error"]["channels"].items()}
    assert done == {"0": True, "1": True, "2": False, "3": False}
    assert outcome["error"]["channels"]["3"]["code"] == "TOO_LITTLE_LIQUID"
    assert [_read_well(client, f"{row}1") for row in "ABCD"] == [150, 150, 200, 200]
    _require_same(client, simulator)


@pytest.mark.parametrize("mode", ["lose-reply", "drop-connection", "part-silent"])
def test_the_tip_sensor_tells_what_a_pick_up_in_doubt_did(bridge: BridgeProcess, simulator: DeviceSimulator, mode: str) -> None:
    client = _start(bridge, simulator)
    simulator.add_fault(mode, op="pick_up_tips", fraction=0.5)
    pick_up = _pick_up(1, "A", "B")
    outcome = client.ask("command.run", **pick_up)
    assert outcome["status"] == "uncertain"
    held = {"lose-reply": ["0", "1"], "drop-connection": [], "part-silent": ["0"]}[mode]
    assert sorted(client.ask("state.read")["resources"]["star"]["head"]) == held
    assert client.ask("command.run", **pick_up) == outcome
    assert len(simulator.read_acts()) == (0 if mode == "drop-connection" else 1)


def test_a_bridge_killed_in_mid_motion_finds_the_motion_done_and_never_sends_it_again(bridge: BridgeProcess) -> None:
    simulator = DeviceSimulator(motion_ms=300)
    try:
        simulator.start()
        client = _start(bridge, simulator)
        client.send("command.run", **_pick_up(1, "A"))
        simulator.wait_for_motion()
        bridge.kill()
        bridge.start()
        client = bridge.connect()
        assert client.ask("command.run", **_pick_up(1, "A"))["status"] == "uncertain"
        _state_what_happened(client, "r1/test/1/0", 60)
        assert client.ask("command.run", **_drop(2, "A"))["status"] == "completed"
        assert [line["op"] for line in simulator.read_acts()] == ["pick_up_tips", "drop_tips"]
        _require_same(client, simulator)
    finally:
        simulator.remove()
