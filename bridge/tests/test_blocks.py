"""Blocks: each command journaled as a single one is, nothing twice after a kill, stopped by a hold, a failure or a person."""

from __future__ import annotations

from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase
from dilution import list_dilution_commands

from praxis_bridge.commands.blocks import limit_results

TIP_A1 = {"tip_spots": [at_item("tips_1", "A1")]}
WELL_A1 = {"resources": [at_item("plate_1", "A1")], "vols": [10]}


def _start(bridge: BridgeProcess, motion_s: float = 0.0, fault_at: str | None = None) -> Client:
    bridge.start(fault_at)
    client = bridge.connect()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path), motion_s=motion_s)
    client.ask("workcell.apply", spec=spec)
    return client


def _list_commands(count: int = 4) -> list[dict[str, Any]]:
    """A tip, then aspirate and dispense in turn."""
    moves = [("aspirate" if n % 2 == 0 else "dispense", WELL_A1) for n in range(count - 1)]
    return [make_command(n, method, arguments) for n, (method, arguments) in enumerate([("pick_up_tips", TIP_A1), *moves], 1)]


def _methods(commands: list[dict[str, Any]]) -> list[str]:
    return [command["method"] for command in commands]


def test_a_block_does_what_its_commands_do_and_is_answered_again_from_the_journal(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    commands = list_dilution_commands("block")
    reply = client.ask("block.run", commands=commands)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["completed"] * 98 and not reply["isHeld"]
    assert bridge.read_tape() == _methods(commands)
    rows = [row for row in client.ask("journal.read", after=0, limit=1000, waitMs=0)["rows"] if row["commandId"] is not None]
    assert [(row["kind"], row["commandId"]) for row in rows if row["kind"] != "STEP_END"] == [
        (kind, command["id"]) for command in commands for kind in ("SENT", "END")
    ]
    state = client.ask("state.read")
    assert client.ask("block.run", commands=commands) == reply
    assert client.ask("command.run", **commands[5]) == reply["outcomes"][5]
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert client.ask("state.read") == state
    assert client.ask("block.run", commands=commands) == reply
    assert bridge.read_tape() == _methods(commands)


def test_ends_at_the_first_command_that_does_not_complete(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    commands = _list_commands(4)
    commands[2] = make_command(3, "aspirate", {"resources": [at_item("plate_1", "Z9")], "vols": [1]})
    reply = client.ask("block.run", commands=commands)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["completed", "completed", "failed"]
    assert reply["outcomes"][2]["error"]["code"] == "LABWARE_NOT_FOUND"
    assert client.ask("command.status", id=commands[3]["id"])["phase"] == "never-seen"
    assert bridge.read_tape() == ["pick_up_tips", "aspirate"]


def test_attaches_when_the_block_is_sent_again_after_a_lost_connection(bridge: BridgeProcess) -> None:
    _start(bridge, motion_s=0.2)
    commands = _list_commands(4)
    lost = bridge.connect()
    lost.send("block.run", commands=commands)
    client = bridge.connect()
    wait_for_phase(client, commands[1]["id"], "sent")
    lost.close()
    others = [(each, each.send("block.run", commands=commands)) for each in (client, bridge.connect())]
    replies = [each.receive(request_id) for each, request_id in others]
    assert replies[0] == replies[1]
    assert [outcome["status"] for outcome in replies[0]["outcomes"]] == ["completed"] * 4
    assert bridge.read_tape() == _methods(commands)


@pytest.mark.parametrize("fault_at", ["before-sent:4", "after-sent:4", "before-end:4", "after-end:4"])
def test_nothing_twice_after_a_kill_in_the_middle(bridge: BridgeProcess, fault_at: str) -> None:
    commands = _list_commands(8)
    client = _start(bridge, fault_at=fault_at)
    client.send("block.run", commands=commands)
    assert bridge.wait() == 137, "the fault point was not reached"
    tape = bridge.read_tape()
    bridge.start()
    client = bridge.connect()
    reply = client.ask("block.run", commands=commands)
    statuses = [outcome["status"] for outcome in reply["outcomes"]]
    # An END is written with the next SENT: before it the third is in doubt, after the fourth END the fifth is.
    assert statuses[-1] == "uncertain" and set(statuses[:-1]) == {"completed"}
    assert len(statuses) == {"before-sent:4": 3, "after-end:4": 5}.get(fault_at, 4)
    assert bridge.read_tape() == tape
    again = client.ask("block.run", commands=commands)
    assert again == reply
    assert client.ask("block.run", commands=commands[len(statuses) :]) == {"outcomes": [], "isHeld": True}
    assert bridge.read_tape() == tape


def test_a_hold_stops_the_block_between_two_commands(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=0.2)
    commands = _list_commands(4)
    block = client.send("block.run", commands=commands)
    other = bridge.connect()
    wait_for_phase(other, commands[1]["id"], "sent")
    assert other.ask("run.hold", runId="r1", rev=1, isHeld=True)["running"] == [commands[1]["id"]]
    reply = client.receive(block)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["completed", "completed"] and reply["isHeld"]
    assert bridge.read_tape() == ["pick_up_tips", "aspirate"]
    other.ask("run.hold", runId="r1", rev=2, isHeld=False)
    assert [outcome["status"] for outcome in client.ask("block.run", commands=commands)["outcomes"]] == ["completed"] * 4
    assert bridge.read_tape() == _methods(commands)


def test_a_stop_of_any_command_ends_the_block_after_the_running_one(bridge: BridgeProcess) -> None:
    client = _start(bridge, motion_s=0.2)
    commands = _list_commands(5)
    block = client.send("block.run", commands=commands)
    other = bridge.connect()
    wait_for_phase(other, commands[1]["id"], "sent")
    assert other.ask("command.stop", id=commands[4]["id"]) == {"isStopping": True}
    reply = client.receive(block)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["completed", "completed", "stopped"] and not reply["isHeld"]
    assert reply["outcomes"][2]["sends"] == 0
    assert client.ask("command.stop", id=commands[4]["id"]) == {"isStopping": False}
    assert client.ask("block.run", commands=commands) == reply
    assert bridge.read_tape() == ["pick_up_tips", "aspirate"]


def test_a_refusal_in_the_middle_is_the_answer_and_what_ended_stays_ended(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    commands = _list_commands(3)
    with pytest.raises(Refused) as refused:
        client.ask("block.run", commands=[commands[0], {**commands[1], "fence": 0}])
    assert refused.value.code == "STALE_FENCE"
    assert client.ask("command.status", id=commands[0]["id"])["phase"] == "ended"


@pytest.mark.parametrize("commands", ["none", [], [1], [{"id": "x"}], [make_command(1, "aspirate", {}, fence="1")]])
def test_refuses_a_block_before_anything_moves(bridge: BridgeProcess, commands: Any) -> None:
    client = _start(bridge)
    valid = _list_commands(2) if isinstance(commands, list) and commands else []
    with pytest.raises(Refused) as refused:
        client.ask("block.run", commands=[*valid, *commands] if valid else commands)
    assert refused.value.code == "INVALID_REQUEST"
    assert bridge.read_tape() == []


def test_takes_a_block_at_its_limit_and_refuses_a_longer_one(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell())
    commands = [make_command(n, "aspirate", {}, machine="nowhere") for n in range(10_000)]
    assert client.ask("block.run", commands=commands)["outcomes"][0]["error"]["code"] == "UNKNOWN_MACHINE"
    with pytest.raises(Refused) as refused:
        client.ask("block.run", commands=[*commands, make_command(10_001, "aspirate", {})])
    assert refused.value.code == "INVALID_REQUEST"


def test_a_reply_holds_as_many_outcomes_as_fit_in_a_line_and_at_least_one() -> None:
    outcomes = [{"result": result} for result in ("x" * 4_000_000, None, "y" * 2_000_000, "z" * 2_000_000, None)]
    assert limit_results(outcomes) == outcomes[:3]
    assert limit_results(outcomes[3:]) == outcomes[3:]
    assert limit_results([{"result": "x" * 7_000_000}, {"result": 1}]) == [{"result": "x" * 7_000_000}]
    assert limit_results([]) == []
