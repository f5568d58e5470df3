"""Connecting a real machine: an operator's step, never the bridge's own, with the known state put back."""

from __future__ import annotations

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell

TIP_A1 = {"tip_spots": [at_item("tips_1", "A1")]}
BY_HAND = {"machine": "star", "by": "ada", "note": "deck is clear"}


def _start(bridge: BridgeProcess) -> Client:
    bridge.module = "bridge_with_faulty_backend"
    bridge.start()
    client = bridge.connect()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path))
    spec["machines"][0]["mode"] = "hardware"
    client.ask("workcell.apply", spec=spec)
    return client


def test_a_real_machine_takes_commands_once_a_person_has_connected_it(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1))
    assert refused.value.code == "MACHINE_NOT_READY"
    assert client.ask("machine.connect", **BY_HAND) == {"isReady": True, "because": None}
    last_row = client.ask("hello")["lastRow"]
    assert client.ask("machine.connect", **BY_HAND) == {"isReady": True, "because": None}
    row = client.ask("journal.read", after=last_row - 1, limit=9, waitMs=0)["rows"]
    assert [(each["kind"], each["body"]) for each in row] == [("CONNECT", BY_HAND)]
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1))["status"] == "completed"


def test_its_state_is_put_back_and_mounted_tips_need_a_look(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("machine.connect", **BY_HAND)
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIP_A1))["status"] == "completed"
    before = client.ask("state.read")
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert client.ask("machine.connect", **BY_HAND)["isReady"] is True
    assert client.ask("state.read") == before
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(2, "return_tips", {}))
    assert refused.value.code == "MACHINE_HELD" and "tips mounted" in str(refused.value)
    assert client.ask("machine.release", machine="star", note="they are on") == {"released": True}
    assert client.ask("command.run", **make_command(2, "return_tips", {}))["status"] == "completed"


def test_a_machine_that_does_not_exist_is_not_connected(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    with pytest.raises(Refused) as refused:
        client.ask("machine.connect", **{**BY_HAND, "machine": "moon"})
    assert refused.value.code == "UNKNOWN_MACHINE"


def test_a_package_that_is_missing_is_named_with_the_setting_that_installs_it(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    sealer = {
        "name": "sealer",
        "frontend": "Sealer",
        "backend": "A4SBackend",
        "backendArguments": {"port": "/dev/null"},
        "mode": "hardware",
    }
    with pytest.raises(Refused) as refused:
        client.ask("workcell.apply", spec={"name": "star", "machines": [sealer], "deck": None, "labware": []})
    assert refused.value.code == "BAD_ARGUMENTS" and "PRAXIS_BRIDGE_EXTRAS=serial" in str(refused.value)
