"""Commands over the real wire on real PyLabRobot: run once, attach, refuse, fail without trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell
from dilution import list_dilution_commands

TIP_A1 = {"tip_spots": [at_item("tips_1", "A1")]}
DILUENT = {"$ref": "diluent_1"}


@pytest.fixture
def client(bridge: BridgeProcess) -> Iterator[Client]:
    bridge.start()
    connection = bridge.connect()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path), motion_s=0.1)
    connection.ask("workcell.apply", spec=spec)
    yield connection


@pytest.fixture(scope="module")
def shared() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    try:
        process.start()
        spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(process.tape_path))
        process.connect().ask("workcell.apply", spec=spec)
        yield process
    finally:
        process.remove()


def test_dilutes_twice_with_fresh_labware_between(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell())
    for run in ("first", "second"):
        outcomes = [client.ask("command.run", **command) for command in list_dilution_commands(run)]
        assert [outcome["status"] for outcome in outcomes] == ["completed"] * 98
        assert all(outcome["sends"] > 0 for outcome in outcomes)
        state = client.ask("state.read")["resources"]
        assert [state[f"plate_1_well_A{column}"]["volumeUl"] for column in range(1, 11)] == [100] * 8 + [200, 0]
        assert state["diluent_1"]["volumeUl"] == 49_200
        assert state["star"]["head"] == {}
        client.ask("labware.replace", requestId=run, runId=run, labware=["tips_1", "plate_1", "diluent_1"], fence=1)
    rows = client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["kind"] for row in rows].count("END") == 196


def test_runs_one_id_once_however_often_it_is_asked(bridge: BridgeProcess, client: Client) -> None:
    command = make_command(1, "pick_up_tips", TIP_A1)
    others = [bridge.connect() for _ in range(3)]
    ids = [(each, each.send("command.run", **command)) for each in [client, *others, client]]
    outcomes = [each.receive(request_id) for each, request_id in ids]
    outcomes.append(client.ask("command.run", **{**command, "calls": {"workflowId": "w", "entries": []}}))
    assert outcomes[0]["status"] == "completed"
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert bridge.read_tape() == ["pick_up_tips"]


def test_refuses_one_id_with_another_payload(bridge: BridgeProcess, client: Client) -> None:
    command = make_command(1, "pick_up_tips", TIP_A1)
    request_id = client.send("command.run", **command)
    changed = {**command, "arguments": {"tip_spots": [at_item("tips_1", "B1")]}}
    assert _refusal(bridge.connect(), changed) == "DUPLICATE_COMMAND"
    assert client.receive(request_id)["status"] == "completed"
    assert _refusal(client, changed) == "DUPLICATE_COMMAND"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_goes_on_when_the_client_goes_away(bridge: BridgeProcess, client: Client) -> None:
    command = make_command(1, "pick_up_tips", TIP_A1)
    lost = bridge.connect()
    lost.send("command.run", **command)
    lost.close()
    assert client.ask("command.run", **command)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_runs_the_commands_of_one_machine_in_order(bridge: BridgeProcess, client: Client) -> None:
    methods = [("pick_up_tips", TIP_A1), ("aspirate", _volume(50)), ("dispense", _volume(50)), ("drop_tips", TIP_A1)]
    ids = [client.send("command.run", **make_command(n, *method)) for n, method in enumerate(methods, 1)]
    assert client.ask("command.status", id="r1/test/4/0")["phase"] == "accepted"
    with pytest.raises(Refused) as refused:
        client.ask("labware.replace", requestId="x", runId=None, labware=["tips_1"], fence=1)
    assert refused.value.code == "MACHINE_BUSY"
    assert client.receive(ids[-1])["status"] == "completed"
    assert bridge.read_tape() == [method for method, _ in methods]
    assert client.ask("command.status", id="r1/test/4/0")["phase"] == "ended"
    assert client.ask("command.status", id="r1/test/5/0") == {"phase": "never-seen", "outcome": None}


def test_refuses_a_lower_fence_even_after_a_restart(bridge: BridgeProcess, client: Client) -> None:
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1, fence=7))["status"] == "completed"
    assert _refusal(client, make_command(2, "drop_tips", TIP_A1, fence=6)) == "STALE_FENCE"
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert _refusal(client, make_command(2, "drop_tips", TIP_A1, fence=6)) == "STALE_FENCE"
    assert client.ask("command.run", **make_command(2, "drop_tips", TIP_A1, fence=7))["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]


@pytest.mark.parametrize(
    ("code", "method", "arguments", "machine"),
    [
        ("UNKNOWN_MACHINE", "pick_up_tips", TIP_A1, "moon"),
        ("UNKNOWN_METHOD", "explode", {}, "star"),
        ("UNKNOWN_METHOD", "__init__", {}, "star"),
        ("UNKNOWN_METHOD", "setup", {}, "star"),
        ("UNKNOWN_METHOD", "stop", {}, "star"),
        ("UNKNOWN_METHOD", "backend.halt", {}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {"tip_spots": "A1"}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {**TIP_A1, "nonsense": 1}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {"tip_spots": [at_item("plate_1", "A1")]}, "star"),
        ("BAD_ARGUMENTS", "aspirate", {"resources": [DILUENT], "vols": ["much"]}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {**TIP_A1, "use_channels": [0, 1]}, "star"),
        ("BAD_ARGUMENTS", "pick_up_tips", {**TIP_A1, "use_channels": [99]}, "star"),
        ("LABWARE_NOT_FOUND", "pick_up_tips", {"tip_spots": [at_item("tips_1", "Z99")]}, "star"),
        ("LABWARE_NOT_FOUND", "pick_up_tips", {"tip_spots": [at_item("tips_9", "A1")]}, "star"),
        ("TIP_MISSING", "aspirate", {"resources": [DILUENT], "vols": [10]}, "star"),
        ("TIP_MISSING", "drop_tips", TIP_A1, "star"),
        ("TIP_MISSING", "discard_tips", {}, "star"),
        ("TIP_MISSING", "return_tips", {}, "star"),
    ],
)
def test_fails_defined_without_a_motion(shared: BridgeProcess, code: str, method: str, arguments: Any, machine: str) -> None:
    client = shared.connect()
    before, tape, last_row = client.ask("state.read"), shared.read_tape(), client.ask("hello")["lastRow"]
    calls = {"workflowId": "w1", "entries": []}
    command = make_command(last_row, method, arguments, machine=machine, calls=calls)
    outcome = client.ask("command.run", **command)
    assert (outcome["status"], outcome["error"]["code"], outcome["sends"], outcome["beganAtMs"]) == ("failed", code, 0, None)
    assert client.ask("command.run", **command) == outcome
    end = client.ask("journal.read", after=last_row, limit=9, waitMs=0)["rows"][-1]
    assert (end["kind"], end["body"]["command"]["method"], end["body"]["calls"], end["body"]["delta"]) == ("END", method, calls, {})
    assert client.ask("state.read") == before
    assert shared.read_tape() == tape
    assert client.ask("command.run", **make_command(last_row + 1, "pick_up_tips", TIP_A1))["status"] == "completed"
    assert client.ask("command.run", **make_command(last_row + 2, "return_tips", {}))["status"] == "completed"


def test_a_refused_volume_leaves_nothing_pending(client: Client) -> None:
    both = {"tip_spots": [at_item("tips_1", "A1"), at_item("tips_1", "B1")]}
    wells = {"resources": [at_item("plate_1", "A1"), at_item("plate_1", "A2")]}
    assert client.ask("command.run", **make_command(1, "pick_up_tips", both))["status"] == "completed"
    too_much = client.ask("command.run", **make_command(2, "aspirate", {**wells, "vols": [150, 150]}))
    assert too_much["error"]["code"] == "TOO_LITTLE_LIQUID"
    again = {"resources": [at_item("plate_1", "A1")], "vols": [150]}
    assert client.ask("command.run", **make_command(3, "aspirate", again))["status"] == "completed"
    overfull = client.ask("command.run", **make_command(4, "aspirate", {"resources": [DILUENT], "vols": [300]}))
    assert overfull["error"]["code"] == "TOO_LITTLE_ROOM"
    taken = client.ask("command.run", **make_command(5, "pick_up_tips", {"tip_spots": [at_item("tips_1", "C1")]}))
    assert taken["error"]["code"] == "TIP_PRESENT"
    assert client.ask("state.read")["resources"]["tips_1_tipspot_C1"]["tip"] is not None


def test_replaces_labware_once_per_request(client: Client) -> None:
    client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1))
    client.ask("command.run", **make_command(2, "discard_tips", {}))
    assert client.ask("state.read")["resources"]["tips_1_tipspot_A1"]["tip"] is None
    replace = {"requestId": "r1", "runId": None, "labware": ["tips_1"], "fence": 1}
    assert client.ask("labware.replace", **replace) == {"replaced": ["tips_1"]}
    assert client.ask("state.read")["resources"]["tips_1_tipspot_A1"]["tip"] is not None
    last_row = client.ask("hello")["lastRow"]
    assert client.ask("labware.replace", **replace) == {"replaced": ["tips_1"]}
    assert client.ask("hello")["lastRow"] == last_row


def _volume(volume_ul: float) -> dict[str, Any]:
    return {"resources": [DILUENT], "vols": [volume_ul]}


def _refusal(client: Client, command: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **command)
    return str(refused.value.code)


WELL_A1 = [at_item("plate_1", "A1")]
OUT_OF_BOUNDS = [
    ("aspirate", {"resources": WELL_A1, "vols": [20], "flow_rates": [0]}, "flow_rates of aspirate must be above 0 and at most 5000, not 0"),
    (
        "aspirate",
        {"resources": WELL_A1, "vols": [20], "offsets": [{"x": 0, "y": 0, "z": -30}]},
        "offsets.z of aspirate must be from -20 to 150",
    ),
    ("dispense", {"resources": WELL_A1, "vols": [-20]}, "vols of dispense must be from 0"),
    ("aspirate96", {"resource": {"$ref": "plate_1"}, "volume": 1e9}, "volume of aspirate96"),
    ("move_channel_z", {"channel": 0, "z": -500}, "z of move_channel_z must be from 0 to 300, not -500"),
]


@pytest.mark.parametrize(("method", "arguments", "told"), OUT_OF_BOUNDS)
def test_refuses_numbers_that_no_machine_can_take(shared: BridgeProcess, method: str, arguments: dict[str, Any], told: str) -> None:
    """Whoever asks: a command by hand has no SDK before it."""
    outcome = shared.connect().ask("command.run", **make_command(1, method, arguments, id=f"bounds/{method}/{told}"))
    assert (outcome["status"], outcome["error"]["code"], outcome["sends"]) == ("failed", "BAD_ARGUMENTS", 0)
    assert outcome["beganAtMs"] is None and told in outcome["error"]["message"]
