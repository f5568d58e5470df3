"""The workcell from its spec: what is built, what is refused, what a change keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bridge_process import BridgeProcess, Refused, at_item, make_command, read_demo_workcell


@pytest.fixture(scope="module")
def shared() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    try:
        process.start()
        yield process
    finally:
        process.remove()


def _change(path: list[Any], value: Any) -> dict[str, Any]:
    spec = read_demo_workcell()
    owner = spec
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    return spec


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["machines", 0, "backend"], "STARBackend", "STARBackend"),
        (["machines", 0, "backend"], "os.system", "os.system"),
        (["machines", 0, "frontend"], "Machine", "Machine"),
        (["machines", 0, "backendArguments"], {"nonsense": 1}, "nonsense"),
        (["machines", 0, "name"], "plate_1", "plate_1"),
        (["deck", "type"], "Plate", "Plate"),
        (["deck", "type"], "__builtins__", "__builtins__"),
        (["deck", "carriers", 0, "rails"], 9, "does not fit"),
        (["deck", "carriers", 0, "type"], "Deck.deserialize", "Deck.deserialize"),
        (["labware", 0, "type"], "no_such_rack", "no_such_rack"),
        (["labware", 0, "category"], "plate", "tips_1"),
        (["labware", 0, "location", "site"], 7, "site 7"),
        (["labware", 1, "location", "site"], 0, "taken"),
        (["labware", 1, "name"], "tips_1", "tips_1"),
        (["labware", 2, "fresh"], {"wellsUl": {"Z9": 1}}, "Z9"),
        (["labware", 2, "fresh"], {"wellsUl": {"A1": 361}}, "361"),
        (["labware", 4, "fresh"], {"volumeUl": -1}, "-1"),
    ],
)
def test_names_the_mistake_in_a_spec(shared: BridgeProcess, path: list[Any], value: Any, told: str) -> None:
    client = shared.connect()
    with pytest.raises(Refused) as refused:
        client.ask("workcell.apply", spec=_change(path, value))
    assert refused.value.code == "BAD_ARGUMENTS"
    assert told in str(refused.value)
    assert client.ask("hello")["workcell"] is None


def test_a_change_keeps_what_stays(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    assert client.ask("workcell.apply", spec=read_demo_workcell()) == {"changed": True}
    pick_up = {"tip_spots": [at_item("tips_1", "A1")]}
    client.ask("command.run", **make_command(1, "pick_up_tips", pick_up))
    client.ask("command.run", **make_command(2, "aspirate", {"resources": [{"$ref": "diluent_1"}], "vols": [50]}))
    smaller = read_demo_workcell()
    smaller["labware"] = [item for item in smaller["labware"] if item["name"] != "tips_1"]
    with pytest.raises(Refused) as refused:
        client.ask("workcell.apply", spec=smaller)
    assert refused.value.code == "TIP_PRESENT"
    without_plate = read_demo_workcell()
    without_plate["labware"] = [item for item in without_plate["labware"] if item["name"] != "plate_2"]
    assert client.ask("workcell.apply", spec=without_plate) == {"changed": True}
    state = client.ask("state.read")["resources"]
    assert "plate_2_well_A1" not in state
    assert state["diluent_1"]["volumeUl"] == 49_950
    assert state["star"]["head"]["0"]["volumeUl"] == 50
    bridge.kill()
    bridge.start()
    assert bridge.connect().ask("state.read")["resources"] == state


def test_a_real_machine_is_never_connected_by_itself(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    spec = read_demo_workcell("STARBackend")
    spec["machines"][0]["mode"] = "hardware"
    assert client.ask("workcell.apply", spec=spec) == {"changed": True}
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]}))
    assert refused.value.code == "MACHINE_NOT_READY"
