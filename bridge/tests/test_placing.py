"""A person says where labware stands: bridge and gripper follow, also after a kill; what can't be changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, make_command, read_demo_workcell, wait_for_phase
from test_places import ON_DECK, Lab, make_reader

PICK_UP = {"resource": {"$ref": "plate_1"}}
SITE_3 = {"carrier": "plate_carrier", "site": 3}


def _start(bridge: BridgeProcess, **backend_arguments: Any) -> Lab:
    spec = read_demo_workcell("CountingSTARChatterboxBackend", **backend_arguments)
    spec["machines"].append(make_reader(location=ON_DECK))
    return Lab(bridge, spec)


def _place(client: Client, location: Any, request: str = "p1", **changes: Any) -> Any:
    stated = {"requestId": request, "labware": "plate_1", "location": location, "fence": 1, "by": "ada", "note": "put it\nthere"}
    return client.ask("labware.place", **{**stated, **changes})["delta"]


def test_labware_stands_where_a_person_says(bridge: BridgeProcess) -> None:
    lab = _start(bridge)
    assert lab.read("plate_1")["place"] == {"carrier": "plate_carrier", "site": 0}
    delta = _place(lab.client, {"machine": "reader"})
    assert delta["plate_1"]["place"] == {"machine": "reader"}
    assert _place(lab.client, SITE_3) == delta, "the same request is done once"
    for _ in range(2):
        assert (lab.read("plate_1")["parent"], lab.read("plate_1")["place"]) == ("reader", {"machine": "reader"})
        lab.restart()
    with pytest.raises(Refused) as superseded:
        _place(lab.client, SITE_3, request="p0", fence=0)
    assert superseded.value.code == "STALE_FENCE"
    _place(lab.client, SITE_3, request="p2")
    assert lab.read("plate_1")["place"] == SITE_3
    lab.do("star", "pick_up_resource", **PICK_UP)
    rows = lab.client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"]
    placed = next(row["body"] for row in rows if row["kind"] == "PLACE")
    assert (placed["labware"], placed["location"], placed["by"], placed["note"]) == (
        "plate_1",
        {"machine": "reader"},
        "ada",
        "put it\nthere",
    )


def test_a_plate_taken_out_of_a_gripper_is_not_in_it_any_more(bridge: BridgeProcess) -> None:
    lab = _start(bridge)
    lab.do("star", "pick_up_resource", **PICK_UP)
    assert lab.read("plate_1")["place"] == {"gripper": "star"}
    _place(lab.client, SITE_3)
    before = lab.client.ask("state.read")
    assert (lab.read("plate_1")["place"], lab.read("star")["gripped"]) == (SITE_3, None)
    lab.restart()
    assert lab.client.ask("state.read") == before
    lab.do("star", "pick_up_resource", **PICK_UP)


@pytest.mark.parametrize(
    ("location", "changes", "code", "told"),
    [
        ({"carrier": "plate_carrier", "site": 1}, {}, "BAD_STATEMENT", "taken"),
        ({"carrier": "nothing", "site": 1}, {}, "BAD_STATEMENT", "no carrier 'nothing'"),
        ({"machine": "star"}, {}, "BAD_STATEMENT", "no place for labware"),
        ({"carrier": "plate_carrier"}, {}, "BAD_STATEMENT", "must be"),
        (SITE_3, {"labware": "nothing"}, "LABWARE_NOT_FOUND", "nothing"),
    ],
)
def test_refuses_what_cannot_be(bridge: BridgeProcess, location: Any, changes: dict[str, Any], code: str, told: str) -> None:
    lab = _start(bridge)
    lab.do("star", "pick_up_resource", **PICK_UP)
    before = lab.client.ask("state.read")
    with pytest.raises(Refused) as refused:
        _place(lab.client, location, **changes)
    assert refused.value.code == code and told in str(refused.value)
    assert lab.client.ask("state.read") == before
    lab.do("star", "drop_resource", destination={"$site": ["plate_carrier", 3]})


def test_waits_for_no_machine_that_moves(bridge: BridgeProcess) -> None:
    lab = _start(bridge, motion_s=1.0)
    moving = lab.client.send("command.run", **make_command(7, "pick_up_resource", PICK_UP))
    wait_for_phase(bridge.connect(), "r1/test/7/0", "sent")
    with pytest.raises(Refused) as refused:
        _place(bridge.connect(), SITE_3)
    assert refused.value.code == "MACHINE_BUSY"
    assert lab.client.receive(moving)["status"] == "completed"
    assert _place(lab.client, SITE_3)["plate_1"]["place"] == SITE_3
