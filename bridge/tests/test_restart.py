"""Restart and stop: state comes back, the journal has one owner, a stop waits for the running command."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, read_environment, wait_for_phase
from dilution import list_dilution_commands

TWO_TIPS = {"tip_spots": [at_item("tips_1", "A1"), at_item("tips_2", "C5")]}


def _start(bridge: BridgeProcess, **backend_arguments: Any) -> Client:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", **backend_arguments))
    return client


def _run(client: Client, number: int, method: str, arguments: dict[str, Any]) -> None:
    outcome = client.ask("command.run", **make_command(number, method, arguments))
    assert outcome["status"] == "completed", outcome


def test_state_comes_back_after_a_kill(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    _run(client, 1, "pick_up_tips", {**TWO_TIPS, "use_channels": [2, 5]})
    wells = {"resources": [at_item("plate_1", "A1"), at_item("plate_2", "A1")], "use_channels": [2, 5]}
    _run(client, 2, "aspirate", {**wells, "vols": [30, 40]})
    client.ask("labware.replace", requestId="x", runId=None, labware=["plate_2"], fence=1)
    before = client.ask("state.read")
    bridge_id = client.ask("hello")["bridgeId"]
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert client.ask("state.read") == before
    assert client.ask("hello")["bridgeId"] == bridge_id
    assert client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend")) == {"changed": False}
    _run(client, 3, "dispense", {**wells, "vols": [30, 40]})
    _run(client, 4, "return_tips", {})
    state = client.ask("state.read")["resources"]
    assert (state["plate_1_well_A1"]["volumeUl"], state["plate_2_well_A1"]["volumeUl"]) == (200, 240)
    assert state["tips_1_tipspot_A1"]["tip"] is not None and state["tips_2_tipspot_C5"]["tip"] is not None
    assert state["star"]["head"] == {}


def test_a_start_from_a_snapshot_knows_what_all_rows_say(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    for run in ("first", "second"):
        client.ask("block.run", commands=list_dilution_commands(run, fence=5))
        client.ask("labware.replace", requestId=run, runId=run, labware=["tips_1", "plate_1"], fence=5)
    client.ask("run.hold", runId="r1", rev=3, isHeld=True)
    before = client.ask("state.read")
    for _ in range(3):
        bridge.kill()
        bridge.start()
        client = bridge.connect()
        assert client.ask("state.read") == before
        for fence, code in ((5, "RUN_HELD"), (4, "STALE_FENCE")):
            with pytest.raises(Refused) as refused:
                client.ask("command.run", **make_command(1, "return_tips", {}, fence=fence))
            assert refused.value.code == code
        again = client.ask("labware.replace", requestId="first", runId=None, labware=["plate_2"], fence=5)
        assert again == {"replaced": ["tips_1", "plate_1"]}
    with sqlite3.connect(f"file:{bridge.journal_path}?mode=ro", uri=True) as journal:
        assert journal.execute("SELECT count(*) FROM meta WHERE name = 'memory'").fetchone() == (1,), "no snapshot was written"


def test_a_moved_plate_stands_where_it_was_put(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    _run(client, 1, "pick_up_resource", {"resource": {"$ref": "plate_1"}})
    _run(client, 2, "drop_resource", {"destination": {"$site": ["plate_carrier", 3]}})
    before = client.ask("state.read")
    assert before["resources"]["plate_1"]["parent"] == "plate_carrier-3"
    bridge.kill()
    bridge.start()
    assert bridge.connect().ask("state.read") == before


def test_a_gripped_plate_needs_a_person_after_a_restart(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    _run(client, 1, "pick_up_resource", {"resource": {"$ref": "plate_1"}})
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(2, "pick_up_tips", TWO_TIPS))
    assert refused.value.code == "MACHINE_HELD" and "plate_1" in str(refused.value)
    # A change of the spec answers no question.
    changed = read_demo_workcell("CountingSTARChatterboxBackend")
    changed["labware"][-1]["autoReplace"] = not changed["labware"][-1]["autoReplace"]
    assert client.ask("workcell.apply", spec=changed) == {"changed": True}
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **make_command(2, "pick_up_tips", TWO_TIPS))
    assert refused.value.code == "MACHINE_HELD"
    assert client.ask("machine.release", machine="star", note="put it back\nby hand") == {"released": True}
    _run(client, 2, "pick_up_tips", TWO_TIPS)


def test_a_second_bridge_never_owns_the_same_journal(bridge: BridgeProcess) -> None:
    bridge.start()
    second = subprocess.run(bridge.command_line(), env=read_environment(), capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 3
    assert "Another bridge owns the journal" in second.stderr
    assert bridge.connect().ask("hello")["pid"] == bridge.pid


def test_sigterm_waits_for_the_running_command(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=1.0, tape_file=str(bridge.tape_path))
    running = client.send("command.run", **make_command(1, "pick_up_tips", TWO_TIPS))
    waiting = client.send("command.run", **make_command(2, "return_tips", {}))
    wait_for_phase(client, "r1/test/1/0", "sent")
    os.kill(bridge.pid, signal.SIGTERM)
    assert client.receive(running)["status"] == "completed"
    with pytest.raises(Refused) as refused:
        client.receive(waiting)
    assert refused.value.code == "BRIDGE_STOPPING"
    assert bridge.wait() == 0
    assert bridge.read_tape() == ["pick_up_tips"]
    assert not os.path.exists(bridge.socket_path)


def test_shutdown_says_whether_it_left_something_running(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=30.0)
    client.send("command.run", **make_command(1, "pick_up_tips", TWO_TIPS))
    wait_for_phase(client, "r1/test/1/0", "sent")
    stopping = client.send("shutdown", deadlineMs=300)
    with pytest.raises(Refused) as refused:
        bridge.connect().ask("command.run", **make_command(2, "return_tips", {}))
    assert refused.value.code == "BRIDGE_STOPPING"
    assert client.receive(stopping) == {"idle": False}
    assert bridge.wait() == 0
    bridge.start()
    assert bridge.connect().ask("command.status", id="r1/test/1/0")["outcome"]["status"] == "uncertain"


def test_prints_a_stable_hash(bridge: BridgeProcess) -> None:
    bridge.start()
    command = [*bridge.command_line()[:3], "--print-hash"]
    printed = subprocess.run(command, env=read_environment(), capture_output=True, text=True, timeout=30, check=True).stdout
    assert printed.strip() == bridge.connect().ask("hello")["codeHash"]
    assert len(printed.strip()) == 64
