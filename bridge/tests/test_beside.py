"""Two machines on one deck, and runs that end beside others: what one does takes nothing away from the other."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, make_command, read_demo_workcell, wait_for_phase
from test_places import ON_DECK, Lab, make_reader

TIP_A1 = {"tip_spots": [{"$item": ["tips_1", "A1"]}]}
FROM_TROUGH = {"resources": [{"$ref": "diluent_1"}], "vols": [100]}


def _start(bridge: BridgeProcess, motion_s: float) -> Lab:
    spec = read_demo_workcell("CountingSTARChatterboxBackend", motion_s=motion_s)
    second = {**spec["machines"][0], "name": "star_2", "backendArguments": {"motion_s": motion_s}}
    spec["machines"] += [second, make_reader(location=ON_DECK)]
    return Lab(bridge, spec)


def test_a_command_that_fails_takes_back_nothing_of_another_machine(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=0.7)
    client = lab.client
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1))["status"] == "completed"
    before = lab.read("diluent_1")["volumeUl"]
    drawing = client.send("command.run", **make_command(2, "aspirate", FROM_TROUGH))
    wait_for_phase(bridge.connect(), "r1/test/2/0", "sent")
    failed = bridge.connect().ask(
        "command.run", **make_command(3, "aspirate", {"resources": [{"$ref": "diluent_1"}], "vols": [10]}, machine="star_2")
    )
    assert (failed["status"], failed["error"]["code"]) == ("failed", "TIP_MISSING")
    assert client.receive(drawing)["status"] == "completed"
    assert lab.read("diluent_1")["volumeUl"] == before - 100
    assert lab.read("star")["head"]["0"]["volumeUl"] == 100
    into_plate = {"resources": [{"$item": ["plate_1", "A3"]}], "vols": [100]}
    assert client.ask("command.run", **make_command(4, "dispense", into_plate))["status"] == "completed"


def test_tips_that_one_machine_picks_up_stay_taken_when_the_other_fails(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=0.7)
    picking = lab.client.send("command.run", **make_command(1, "pick_up_tips", TIP_A1))
    wait_for_phase(bridge.connect(), "r1/test/1/0", "sent")
    failed = bridge.connect().ask(
        "command.run", **make_command(2, "drop_tips", {"tip_spots": [{"$item": ["tips_1", "B1"]}]}, machine="star_2")
    )
    assert failed["status"] == "failed"
    assert lab.client.receive(picking)["status"] == "completed"
    spot = next(
        entry
        for entry in lab.client.ask("state.read")["resources"].values()
        if entry.get("labware") == "tips_1" and entry.get("item") == "A1"
    )
    assert spot["tip"] is None
    assert list(lab.read("star")["head"]) == ["0"]


def _begin_to_draw(bridge: BridgeProcess, lab: Lab) -> tuple[int, Client]:
    """A run of fence 9 draws at the first handler; with a connection for what is done beside it."""
    lab.client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1, fence=9))
    drawing = lab.client.send("command.run", **make_command(2, "aspirate", FROM_TROUGH, fence=9))
    beside = bridge.connect()
    wait_for_phase(beside, "r1/test/2/0", "sent")
    return drawing, beside


def _replace(client: Client, labware: str, fence: int, request: str = "q") -> Any:
    return client.ask("labware.replace", requestId=request, runId=None, labware=[labware], fence=fence)["replaced"]


def test_an_item_is_replaced_under_the_fence_of_its_own_holder_while_another_run_moves(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=0.7)
    drawing, beside = _begin_to_draw(bridge, lab)
    assert _replace(beside, "plate_2", fence=4) == ["plate_2"]
    with pytest.raises(Refused) as busy:
        _replace(beside, "diluent_1", fence=9, request="q2")
    assert busy.value.code == "MACHINE_BUSY"
    assert lab.client.receive(drawing)["status"] == "completed"
    # The replacement has superseded nobody: the run goes on, after a restart too.
    for n in (3, 4):
        assert lab.client.ask("command.run", **make_command(n, "aspirate", {**FROM_TROUGH, "vols": [1]}, fence=9))["status"] == "completed"
        lab.restart()
    for request, fence, code in (("q3", 3, "STALE_FENCE"), ("q4", 4, None)):
        if code is None:
            assert _replace(lab.client, "plate_2", fence, request) == ["plate_2"]
        else:
            with pytest.raises(Refused) as refused:
                _replace(lab.client, "plate_2", fence, request)
            assert refused.value.code == code


def test_an_item_is_placed_while_another_run_moves_elsewhere(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=0.7)
    drawing, beside = _begin_to_draw(bridge, lab)
    stated = {"requestId": "p1", "labware": "plate_2", "location": {"machine": "reader"}, "fence": 4, "by": "ada", "note": ""}
    assert beside.ask("labware.place", **stated)["delta"]["plate_2"]["place"] == {"machine": "reader"}
    assert lab.client.receive(drawing)["status"] == "completed"
    assert lab.read("plate_2")["place"] == {"machine": "reader"}
