"""A person says what is true on the deck: trackers follow, also after a kill; what can't be changes nothing. Commands by
hand are taken under a run that is held, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, make_command, read_demo_workcell, wait_for_phase
from test_places import Lab

TIP_AWAY = {"labware": "tips_1", "item": "A1", "hasTip": False}
WELL = {"labware": "plate_1", "item": "A1", "volumeUl": 33.5}
ON_CHANNEL = {"machine": "star", "channel": 0, "tipFrom": {"labware": "tips_1", "item": "B1"}, "volumeUl": 12}


def _start(bridge: BridgeProcess, **backend_arguments: Any) -> Lab:
    return Lab(bridge, read_demo_workcell("CountingSTARChatterboxBackend", **backend_arguments))


def _correct(client: Client, *facts: Any, request: str = "c1") -> Any:
    return client.ask("state.correct", requestId=request, corrections=list(facts), by="ada", note="looked\ntwice")["delta"]


def test_the_deck_is_as_a_person_says(bridge: BridgeProcess) -> None:
    lab = _start(bridge)
    delta = _correct(lab.client, TIP_AWAY, WELL, ON_CHANNEL)
    assert _correct(lab.client, TIP_AWAY, WELL, ON_CHANNEL) == delta, "the same request is done once"
    assert set(delta) >= {"tips_1_tipspot_A1", "plate_1_well_A1", "star", "tips_1_tipspot_B1"}
    for _ in range(2):
        assert lab.read("tips_1_tipspot_A1")["tip"] is None
        assert lab.read("plate_1_well_A1")["volumeUl"] == 33.5
        assert lab.read("tips_1_tipspot_B1")["tip"] is None
        lab.restart()
    rows = lab.client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    row = next(row["body"] for row in rows if row["kind"] == "CORRECT")
    assert (row["by"], row["note"], row["corrections"]) == ("ada", "looked\ntwice", [TIP_AWAY, WELL, ON_CHANNEL])


@pytest.mark.parametrize(
    "facts",
    [
        [{**WELL, "volumeUl": 9_000}],
        [WELL, {**TIP_AWAY, "item": "Z9"}],
        [TIP_AWAY, ON_CHANNEL, {**ON_CHANNEL, "channel": 3, "volumeUl": 1_000_000}],
        [{"labware": "nowhere", "volumeUl": 1}],
    ],
)
def test_what_cant_be_changes_nothing(bridge: BridgeProcess, facts: list[Any]) -> None:
    lab = _start(bridge)
    before = lab.client.ask("state.read")
    with pytest.raises(Refused) as refused:
        _correct(lab.client, *facts)
    assert refused.value.code == "BAD_STATEMENT"
    assert lab.client.ask("state.read") == before
    _correct(lab.client, WELL)
    assert lab.read("plate_1_well_A1")["volumeUl"] == 33.5
    assert lab.read("tips_1_tipspot_A1")["tip"] is not None


def test_nothing_is_corrected_beneath_a_motion(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=1.0)
    moving = make_command(1, "pick_up_tips", {"tip_spots": [{"$item": ["tips_1", "C1"]}]})
    lab.client.send("command.run", **moving)
    other = bridge.connect()
    wait_for_phase(other, moving["id"], "sent")
    with pytest.raises(Refused) as refused:
        _correct(other, WELL)
    assert refused.value.code == "MACHINE_BUSY"


def test_a_command_by_hand_is_taken_only_while_the_run_is_held(bridge: BridgeProcess) -> None:
    lab = _start(bridge)
    by_hand = make_command(
        1, "pick_up_tips", {"tip_spots": [{"$item": ["tips_1", "D1"]}]}, id="hand/manual/1/0", runId="hand", underRunId="r1"
    )
    for rev, is_held in ((1, True), (2, False)):
        lab.client.ask("run.hold", runId="r1", rev=rev, isHeld=is_held)
    with pytest.raises(Refused) as refused:
        lab.client.ask("command.run", **by_hand)
    assert refused.value.code == "RUN_NOT_HELD"
    lab.client.ask("run.hold", runId="r1", rev=3, isHeld=True)
    assert lab.client.ask("command.run", **by_hand)["status"] == "completed"
    rows = lab.client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    sent = next(row["body"]["command"] for row in rows if row["kind"] == "SENT")
    assert (sent["runId"], sent["underRunId"]) == ("hand", "r1")
