"""A person says what an uncertain command did: state and machine follow, once per request, all of it or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell
from test_places import make_machine

PICK_UP = make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]})
ASPIRATE = make_command(2, "aspirate", {"resources": [at_item("plate_1", "A1")], "vols": [50]})
DISPENSE = make_command(3, "dispense", {"resources": [at_item("plate_1", "A2")], "vols": [50]})
DROP = make_command(4, "drop_tips", {"tip_spots": [at_item("tips_1", "A1")]})
COMMANDS = [PICK_UP, ASPIRATE, DISPENSE, DROP]
TIP_FROM_A1 = {"labware": "tips_1", "item": "A1"}


def _die_at(bridge: BridgeProcess, number: int) -> Client:
    """A bridge that was killed right after the SENT of one of COMMANDS, and started again."""
    bridge.start(f"after-sent:{number}")
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path)))
    for command in COMMANDS[: number - 1]:
        assert client.ask("command.run", **command)["status"] == "completed"
    client.send("command.run", **COMMANDS[number - 1])
    assert bridge.wait() == 137, "the fault point was not reached"
    bridge.start()
    client = bridge.connect()
    assert client.ask("command.run", **COMMANDS[number - 1])["status"] == "uncertain"
    return client


def _resolve(client: Client, number: int, happened: str, *corrections: dict[str, Any], request: str = "q1") -> Any:
    return client.ask(
        "command.resolve",
        requestId=request,
        id=COMMANDS[number - 1]["id"],
        happened=happened,
        corrections=list(corrections),
        by="ada",
        note="looked\nat it",
    )


def _read_deck(client: Client) -> tuple[Any, ...]:
    """Volume of A1 and A2, whether the spot A1 has its tip, and what channel 0 holds."""
    state = client.ask("state.read")["resources"]
    tip = state["star"]["head"].get("0")
    held = None if tip is None else (tip["origin"], tip["volumeUl"])
    return state["plate_1_well_A1"]["volumeUl"], state["plate_1_well_A2"]["volumeUl"], state["tips_1_tipspot_A1"]["tip"] is not None, held


A1 = "tips_1_tipspot_A1"
TWENTY_IN_TIP = {"machine": "star", "channel": 0, "volumeUl": 20}
BEFORE = {1: (200, 0, True, None), 2: (200, 0, False, (A1, 0)), 3: (150, 0, False, (A1, 50))}
AFTER = {1: (200, 0, False, (A1, 0)), 2: (150, 0, False, (A1, 50)), 3: (150, 50, False, (A1, 0))}
PARTLY: dict[int, tuple[list[dict[str, Any]], tuple[Any, ...]]] = {
    1: ([{"machine": "star", "channel": 0, "tipFrom": TIP_FROM_A1}], (200, 0, False, (A1, 0))),
    2: ([{"labware": "plate_1", "item": "A1", "volumeUl": 180}, TWENTY_IN_TIP], (180, 0, False, (A1, 20))),
    3: ([{"labware": "plate_1", "item": "A2", "volumeUl": 30}, TWENTY_IN_TIP], (150, 30, False, (A1, 20))),
}


def _require_next_works(bridge: BridgeProcess, client: Client, deck: tuple[Any, ...]) -> None:
    """After another kill the state is still right, and the machine takes a command that needs just this state."""
    assert _read_deck(client) == deck
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert _read_deck(client) == deck
    method, arguments = ("pick_up_tips", PICK_UP["arguments"]) if deck[3] is None else ("return_tips", {"allow_nonzero_volume": True})
    assert client.ask("command.run", **make_command(9, method, arguments))["status"] == "completed"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_done_makes_true_what_the_command_would_have_made_true(bridge: BridgeProcess, number: int) -> None:
    client = _die_at(bridge, number)
    tape = bridge.read_tape()
    assert _read_deck(client) == BEFORE[number]
    delta = _resolve(client, number, "done")["delta"]
    assert "star" in delta
    assert bridge.read_tape() == tape, "a statement moved something"
    _require_next_works(bridge, client, AFTER[number])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_not_done_changes_nothing(bridge: BridgeProcess, number: int) -> None:
    client = _die_at(bridge, number)
    delta = _resolve(client, number, "not-done")["delta"]
    # Volumes that were in doubt are certain again; nothing else is told.
    assert set(delta) == {1: set(), 2: {"star", "plate_1_well_A1"}, 3: {"star", "plate_1_well_A2"}}[number]
    assert "volumeRangeUl" not in json.dumps(delta)
    _require_next_works(bridge, client, BEFORE[number])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_partly_is_what_the_corrections_say(bridge: BridgeProcess, number: int) -> None:
    client = _die_at(bridge, number)
    corrections, deck = PARTLY[number]
    _resolve(client, number, "partly", *corrections)
    _require_next_works(bridge, client, deck)


def test_once_per_request(bridge: BridgeProcess) -> None:
    client = _die_at(bridge, 1)
    first = _resolve(client, 1, "done")
    last_row = client.ask("hello")["lastRow"]
    assert _resolve(client, 1, "done") == first
    assert _resolve(client, 1, "not-done") == first
    assert _refusal(client, 1, "not-done", request="q2") == "NOT_UNCERTAIN"
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert _resolve(client, 1, "done") == first
    rows = client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    resolved = [row for row in rows if row["kind"] == "RESOLVE"]
    assert [(row["row"], row["commandId"]) for row in resolved] == [(last_row, PICK_UP["id"])]
    said = {"requestId": "q1", "happened": "done", "corrections": [], "by": "ada", "note": "looked\nat it"}
    assert resolved[0]["body"] == {**said, "commandId": PICK_UP["id"], "delta": first["delta"]}


def test_only_an_uncertain_command_can_be_resolved(bridge: BridgeProcess) -> None:
    client = _die_at(bridge, 2)
    assert _refusal(client, 1, "done") == "NOT_UNCERTAIN"
    assert _refusal(client, 3, "done") == "NOT_UNCERTAIN"
    assert client.ask("command.status", id=DISPENSE["id"])["phase"] == "never-seen"
    assert client.ask("command.run", **ASPIRATE)["status"] == "uncertain"
    assert _read_deck(client) == BEFORE[2]


def test_fences_stay(bridge: BridgeProcess) -> None:
    client = _die_at(bridge, 1)
    _resolve(client, 1, "not-done")
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **{**DROP, "fence": 0})
    assert refused.value.code == "STALE_FENCE"


@pytest.mark.parametrize(
    "correction",
    [
        {"labware": "plate_1", "item": "A1", "volumeUl": 100_000},
        {"labware": "plate_1", "item": "A1", "volumeUl": -1},
        {"labware": "plate_1", "item": "A1", "volumeUl": "much"},
        {"labware": "plate_1", "item": "A1", "volumeUl": True},
        {"labware": "plate_1", "item": "Z99", "volumeUl": 1},
        {"labware": "plate_1", "item": ["A1"], "volumeUl": 1},
        {"labware": "plate_9", "item": "A1", "volumeUl": 1},
        {"labware": "tips_1", "item": "A1", "volumeUl": 1},
        {"labware": "plate_1", "item": "A1", "hasTip": True},
        {"labware": "tips_1", "item": "A1", "hasTip": "yes"},
        {"labware": "tips_1", "item": "A1", "hasTip": True, "volumeUl": 1},
        {"machine": "star", "channel": 8, "tipFrom": None},
        {"machine": "star", "channel": -1, "tipFrom": None},
        {"machine": "star", "channel": "0", "tipFrom": None},
        {"machine": "moon", "channel": 0, "tipFrom": None},
        {"machine": "star", "channel": 0, "volumeUl": 5_000},
        {"machine": "star", "channel": 5, "volumeUl": 5},
        {"machine": "star", "channel": 1, "tipFrom": {"labware": "tips_1", "item": "A1"}},
        {"machine": "star", "channel": 1, "tipFrom": {"labware": "plate_1", "item": "A1"}},
        {"machine": "star", "channel": 1, "tipFrom": "A1"},
        {"labware": "plate_1", "location": {"carrier": "plate_carrier", "site": 1}},
        {"labware": "plate_1", "location": {"carrier": "plate_carrier", "site": 77}},
        {"labware": "plate_1", "location": {"carrier": "moon", "site": 0}},
        {"labware": "plate_1", "location": {"machine": "moon"}},
        {"labware": "plate_1", "location": "there"},
        {"labware": "plate_1"},
        {},
    ],
    ids=str,
)
def test_an_impossible_fact_changes_nothing(killed: Client, correction: dict[str, Any]) -> None:
    before, last_row = killed.ask("state.read"), killed.ask("hello")["lastRow"]
    possible = {"labware": "plate_1", "item": "C1", "volumeUl": 7}
    moved = {"labware": "plate_1", "location": {"carrier": "plate_carrier", "site": 4}}
    for happened in ("partly", "done"):
        assert _refusal(killed, 2, happened, possible, moved, correction) == "BAD_STATEMENT"
    assert killed.ask("state.read") == before
    assert killed.ask("hello")["lastRow"] == last_row
    with pytest.raises(Refused) as refused:
        killed.ask("command.run", **{**DISPENSE, "id": "r2/x/1/0", "runId": "r2"})
    assert refused.value.code == "MACHINE_NOT_READY"


@pytest.fixture(scope="module")
def killed() -> Any:
    process = BridgeProcess()
    try:
        yield _die_at(process, 2)
    finally:
        process.remove()


def test_partly_needs_a_correction(killed: Client) -> None:
    assert _refusal(killed, 2, "partly") == "BAD_STATEMENT"


@pytest.mark.parametrize(
    "changes",
    [{"happened": "perhaps"}, {"corrections": "none"}, {"corrections": [1]}, {"by": ""}, {"note": None}, {"requestId": 1}],
    ids=str,
)
def test_refuses_a_statement_that_is_none(killed: Client, changes: dict[str, Any]) -> None:
    whole = {"requestId": "q", "id": ASPIRATE["id"], "happened": "not-done", "corrections": [], "by": "ada", "note": ""}
    with pytest.raises(Refused) as refused:
        killed.ask("command.resolve", **{**whole, **changes})
    assert refused.value.code == "INVALID_REQUEST"


def test_done_that_can_not_be_is_refused_unless_corrections_say_all(bridge: BridgeProcess) -> None:
    client = _die_at(bridge, 2)
    client.ask("labware.replace", requestId="x", runId=None, labware=["plate_1"], fence=1)
    client.ask("machine.release", machine="star", note="looked")
    assert client.ask("command.run", **make_command(8, "return_tips", {}))["status"] == "completed"
    assert _refusal(client, 2, "done") == "BAD_STATEMENT"
    deck = _read_deck(client)
    _resolve(client, 2, "done", {"labware": "plate_1", "item": "A1", "volumeUl": 150})
    assert _read_deck(client) == (150, *deck[1:])


def test_corrections_follow_in_order_and_name_tips_and_places(bridge: BridgeProcess) -> None:
    client = _die_at(bridge, 2)
    _resolve(
        client, 2, "partly",
        {"machine": "star", "channel": 0, "tipFrom": None},
        {"labware": "tips_1", "item": "A1", "hasTip": True},
        {"labware": "tips_1", "item": "H12", "hasTip": False},
        {"machine": "star", "channel": 3, "tipFrom": {"labware": "tips_2", "item": "B2"}, "volumeUl": 25},
        {"labware": "plate_1", "location": {"carrier": "plate_carrier", "site": 4}},
        {"labware": "plate_1", "location": {"carrier": "plate_carrier", "site": 4}},
    )  # fmt: skip
    state = client.ask("state.read")["resources"]
    assert state["tips_1_tipspot_A1"]["tip"] is not None and state["tips_1_tipspot_H12"]["tip"] is None
    assert state["tips_2_tipspot_B2"]["tip"] is None
    assert {channel: (tip["origin"], tip["volumeUl"]) for channel, tip in state["star"]["head"].items()} == {"3": ("tips_2_tipspot_B2", 25)}
    assert state["plate_1"]["parent"] == "plate_carrier-4"
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert client.ask("state.read")["resources"] == state
    dispensed = make_command(5, "dispense", {"resources": [at_item("plate_1", "A1")], "vols": [25], "use_channels": [3]})
    assert client.ask("command.run", **dispensed)["status"] == "completed"
    assert client.ask("command.run", **make_command(6, "return_tips", {}))["status"] == "completed"


def _refusal(client: Client, number: int, happened: str, *corrections: dict[str, Any], request: str = "q1") -> str:
    with pytest.raises(Refused) as refused:
        _resolve(client, number, happened, *corrections, request=request)
    return str(refused.value.code)


def test_a_refused_statement_about_another_machine_holds_no_gripper(bridge: BridgeProcess) -> None:
    """What the statement had changed is put back, while the gripper goes on holding its plate: nothing has ended there."""
    spec = read_demo_workcell()
    spec["machines"].append(make_machine("sealer", "Sealer", "SealerSimulatorBackend"))
    bridge.start("after-sent:2")
    client = bridge.connect()
    client.ask("workcell.apply", spec=spec)
    client.ask("command.run", **make_command(1, "pick_up_resource", {"resource": {"$ref": "plate_1"}}))
    client.send("command.run", **make_command(2, "seal", {"temperature": 170, "duration": 1}, machine="sealer"))
    assert bridge.wait() == 137, "the fault point was not reached"
    bridge.start()
    client = bridge.connect()
    assert client.ask("machine.release", machine="star", note="it holds the plate well") == {"released": True}
    with pytest.raises(Refused) as refused:
        _resolve(
            client,
            2,
            "not-done",
            {"machine": "star", "channel": 0, "tipFrom": TIP_FROM_A1},
            {"labware": "plate_1", "item": "A1", "volumeUl": 1e9},
        )
    assert refused.value.code == "BAD_STATEMENT"
    drop = make_command(3, "drop_resource", {"destination": {"$site": ["plate_carrier", 3]}})
    assert client.ask("command.run", **drop)["status"] == "completed"


def test_a_statement_must_be_possible_together(bridge: BridgeProcess) -> None:
    """200 µL were in the well and none in the tip: what is said of both adds up to no more. Less may have been spilt."""
    client = _die_at(bridge, 2)
    well = {"labware": "plate_1", "item": "A1"}
    with pytest.raises(Refused, match=r"200 \(plate_1 A1\) \+ 60 \(channel 0\) = 260 µL .* held 200 µL in all"):
        _resolve(client, 2, "partly", {**well, "volumeUl": 200}, {**TWENTY_IN_TIP, "volumeUl": 60})
    assert _read_deck(client) == BEFORE[2]
    with pytest.raises(Refused, match="can't be in its rack and on a channel"):
        _resolve(
            client, 2, "partly", {**well, "labware": "tips_1", "hasTip": True}, {"machine": "star", "channel": 0, "tipFrom": TIP_FROM_A1}
        )
    _resolve(client, 2, "partly", {**well, "volumeUl": 130}, {**TWENTY_IN_TIP, "volumeUl": 60})
    assert _read_deck(client) == (130, 0, False, (A1, 60))
