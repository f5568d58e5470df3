"""Holds of a run: durable, ordered by rev, asked at arrival and again when a command's turn comes."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase

MOTION_S = 0.4
TIP_A1 = {"tip_spots": [at_item("tips_1", "A1")]}
PICK_UP = make_command(1, "pick_up_tips", TIP_A1)
DROP = make_command(2, "drop_tips", TIP_A1)


def _start(bridge: BridgeProcess) -> Client:
    bridge.start()
    client = bridge.connect()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path), motion_s=MOTION_S)
    client.ask("workcell.apply", spec=spec)
    return client


def _refusal(client: Client, command: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **command)
    return str(refused.value.code)


def test_a_hold_refuses_before_anything_is_journaled_and_its_end_lets_the_command_run(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    assert client.ask("run.hold", runId="r1", rev=1, isHeld=True) == {"rev": 1, "isHeld": True, "running": []}
    last_row = client.ask("hello")["lastRow"]
    assert _refusal(client, PICK_UP) == "RUN_HELD"
    assert client.ask("command.status", id=PICK_UP["id"])["phase"] == "never-seen"
    assert client.ask("hello")["lastRow"] == last_row
    other = {**PICK_UP, "id": "r2/test/1/0", "runId": "r2"}
    assert client.ask("command.run", **other)["status"] == "completed"
    assert client.ask("run.hold", runId="r1", rev=2, isHeld=False)["isHeld"] is False
    assert client.ask("command.run", **DROP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]


def test_the_running_command_ends_and_the_queued_one_is_refused_at_its_turn(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    running, queued = client.send("command.run", **PICK_UP), client.send("command.run", **DROP)
    wait_for_phase(bridge.connect(), PICK_UP["id"], "sent")
    assert bridge.connect().ask("run.hold", runId="r1", rev=5, isHeld=True)["running"] == [PICK_UP["id"]]
    assert client.receive(running)["status"] == "completed"
    with pytest.raises(Refused) as refused:
        client.receive(queued)
    assert refused.value.code == "RUN_HELD"
    assert client.ask("command.status", id=DROP["id"])["phase"] == "never-seen"
    assert client.ask("run.hold", runId="r1", rev=5, isHeld=True)["running"] == []
    assert bridge.read_tape() == ["pick_up_tips"]


def test_a_shielded_command_passes_and_may_be_asked_again_unshielded(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("run.hold", runId="r1", rev=1, isHeld=True)
    outcome = client.ask("command.run", **PICK_UP, isShielded=True)
    assert outcome["status"] == "completed"
    assert client.ask("command.run", **PICK_UP) == outcome
    assert _refusal(client, DROP) == "RUN_HELD"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_a_lower_rev_changes_nothing(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("run.hold", runId="r1", rev=7, isHeld=True)
    last_row = client.ask("hello")["lastRow"]
    for rev in (6, 7):
        assert client.ask("run.hold", runId="r1", rev=rev, isHeld=False) == {"rev": 7, "isHeld": True, "running": []}
    assert client.ask("hello")["lastRow"] == last_row
    assert _refusal(client, PICK_UP) == "RUN_HELD"


def test_a_hold_survives_a_kill(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("run.hold", runId="r1", rev=1, isHeld=True)
    client.ask("run.hold", runId="r2", rev=1, isHeld=True)
    client.ask("run.hold", runId="r2", rev=2, isHeld=False)
    for _ in range(2):
        bridge.kill()
        bridge.start()
        client = bridge.connect()
        assert _refusal(client, PICK_UP) == "RUN_HELD"
        assert client.ask("run.hold", runId="r2", rev=1, isHeld=True) == {"rev": 2, "isHeld": False, "running": []}
    client.ask("run.hold", runId="r1", rev=2, isHeld=False)
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]


@pytest.mark.parametrize(
    "changes", [{"rev": "2"}, {"rev": -1}, {"rev": True}, {"isHeld": 1}, {"isHeld": None}, {"runId": ""}, {"runId": 5}], ids=str
)
def test_refuses_a_hold_that_is_none(bridge: BridgeProcess, changes: dict[str, Any]) -> None:
    bridge.start()
    client = bridge.connect()
    last_row = client.ask("hello")["lastRow"]
    with pytest.raises(Refused) as refused:
        client.ask("run.hold", **{"runId": "r1", "rev": 1, "isHeld": True, **changes})
    assert refused.value.code == "INVALID_REQUEST"
    assert client.ask("hello")["lastRow"] == last_row


def test_the_lift_of_an_ended_run_is_final_and_leaves_a_row_only_where_there_was_a_hold(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    final = 2**53 - 1
    last_row = client.ask("hello")["lastRow"]
    assert client.ask("run.hold", runId="never-held", rev=final, isHeld=False)["isHeld"] is False
    assert client.ask("hello")["lastRow"] == last_row
    client.ask("run.hold", runId="r1", rev=7, isHeld=True)
    assert client.ask("hello")["heldRuns"] == ["r1"]
    for _ in range(2):
        assert client.ask("run.hold", runId="r1", rev=final, isHeld=False) == {"rev": final, "isHeld": False, "running": []}
    assert client.ask("hello")["lastRow"] == last_row + 2
    assert client.ask("run.hold", runId="r1", rev=8, isHeld=True) == {"rev": final, "isHeld": False, "running": []}
    bridge.kill()
    bridge.start()
    assert bridge.connect().ask("hello")["heldRuns"] == []


def test_a_run_that_was_ended_from_outside_begins_nothing_any_more_not_even_its_cleanups(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    final = 2**53 - 1
    running, queued = client.send("command.run", **PICK_UP), client.send("command.run", **DROP, isShielded=True)
    wait_for_phase(bridge.connect(), PICK_UP["id"], "sent")
    other = bridge.connect()
    # Also where the run's own end was faster.
    other.ask("run.hold", runId="r1", rev=3, isHeld=True)
    other.ask("run.hold", runId="r1", rev=final, isHeld=False)
    assert other.ask("run.hold", runId="r1", rev=final, isHeld=True)["isHeld"] is True
    assert client.receive(running)["status"] == "completed"
    with pytest.raises(Refused) as refused:
        client.receive(queued)
    assert refused.value.code == "RUN_HELD"
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    for rev in (4, final):
        assert client.ask("run.hold", runId="r1", rev=rev, isHeld=False) == {"rev": final, "isHeld": True, "running": []}
    assert _refusal(client, {**DROP, "isShielded": True}) == "RUN_HELD"
    assert client.ask("hello")["heldRuns"] == []
    assert bridge.read_tape() == ["pick_up_tips"]


def test_of_a_call_that_was_ended_from_outside_nothing_begins_any_more_and_of_its_run_all_else(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    final = 2**53 - 1
    assert client.ask("run.hold", runId="r1/test/mover.1", rev=final, isHeld=True) == {"rev": final, "isHeld": True, "running": []}
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    for path in ("test/mover.1", "test/mover.1/inner.1", "test/mover.1(2.1)", "test/mover.1[3]/inner.1"):
        late = {**DROP, "id": f"r1/{path}/1/0", "callPath": path, "isShielded": True}
        assert _refusal(client, late) == "RUN_HELD", path
    assert client.ask("command.run", **{**PICK_UP, "id": "r1/test/mover.10/1/0", "callPath": "test/mover.10"})["status"] == "completed"
    assert client.ask("command.run", **DROP)["status"] == "completed"
    assert client.ask("hello")["heldRuns"] == []
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]
