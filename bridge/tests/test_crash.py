"""Crash points: the bridge is killed around SENT and END, and started again on the same journal.

The tape tells what moved. Before SENT is on disk the command is never-seen and runs once; after it and before END it is
uncertain and never runs again by itself; after END the stored outcome is given.
"""

from __future__ import annotations

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell, wait_for_phase
from dilution import list_dilution_commands

MOTION_S = 0.4
FULL_DISK_BYTES = 300_000
PICK_UP = make_command(1, "pick_up_tips", {"tip_spots": [at_item("tips_1", "A1")]})
DROP = make_command(2, "drop_tips", {"tip_spots": [at_item("tips_1", "A1")]})


def _start(bridge: BridgeProcess, fault_at: str | None = None) -> Client:
    bridge.start(fault_at)
    client = bridge.connect()
    spec = read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path), motion_s=MOTION_S)
    client.ask("workcell.apply", spec=spec)
    return client


def _die_of_fault(bridge: BridgeProcess, fault_at: str) -> None:
    client = _start(bridge, fault_at)
    client.send("command.run", **PICK_UP)
    assert bridge.wait() == 137, "the fault point was not reached"


def test_c3_killed_while_the_command_waits_its_turn(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.send("command.run", **PICK_UP)
    client.send("command.run", **DROP)
    wait_for_phase(client, PICK_UP["id"], "sent")
    assert client.ask("command.status", id=DROP["id"])["phase"] == "accepted"
    bridge.kill()
    bridge.start()
    assert bridge.connect().ask("command.status", id=DROP["id"])["phase"] == "never-seen"


def test_c4_killed_at_the_boundary_before_sent_is_durable(bridge: BridgeProcess) -> None:
    _die_of_fault(bridge, "before-sent")
    assert bridge.read_tape() == []
    bridge.start()
    client = bridge.connect()
    assert client.ask("command.status", id=PICK_UP["id"])["phase"] == "never-seen"
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_c5_killed_after_sent(bridge: BridgeProcess) -> None:
    _die_of_fault(bridge, "after-sent")
    _require_uncertain_and_held(bridge, tape=[])


def test_c5_killed_while_the_machine_moves(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.send("command.run", **PICK_UP)
    wait_for_phase(client, PICK_UP["id"], "sent")
    bridge.kill()
    _require_uncertain_and_held(bridge, tape=[])


def test_c6_killed_after_the_motion_before_end_is_durable(bridge: BridgeProcess) -> None:
    _die_of_fault(bridge, "before-end")
    _require_uncertain_and_held(bridge, tape=["pick_up_tips"])


def test_c7_killed_after_end_before_the_reply(bridge: BridgeProcess) -> None:
    _die_of_fault(bridge, "after-end")
    bridge.start()
    client = bridge.connect()
    assert client.ask("command.run", **PICK_UP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]
    assert client.ask("command.run", **DROP)["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips", "drop_tips"]


def test_nothing_moves_when_the_journal_can_not_be_written(bridge: BridgeProcess) -> None:
    bridge.start()
    bridge.limit_files(FULL_DISK_BYTES)
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path)))
    commands = list_dilution_commands("full")
    refused = None
    for position, command in enumerate(commands):
        try:
            client.ask("command.run", **command)
        except Refused as error:
            refused = (position, error.code)
            break
    assert refused is not None, "the disk never filled up"
    assert refused[1] == "JOURNAL_UNWRITABLE"
    tape = bridge.read_tape()
    with pytest.raises(Refused):
        client.ask("command.run", **commands[refused[0] + 1])
    assert bridge.read_tape() == tape
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    phases = [client.ask("command.status", id=command["id"])["phase"] for command in commands]
    assert phases.count("ended") == len(tape), "an act without a row, or a row without an act"
    assert "sent" not in phases


def test_an_end_that_can_not_be_written_never_lets_the_command_run_again(bridge: BridgeProcess) -> None:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", motion_s=MOTION_S))
    running = client.send("command.run", **PICK_UP)
    wait_for_phase(client, PICK_UP["id"], "sent")
    bridge.limit_files(1)
    with pytest.raises(Refused) as refused:
        client.receive(running)
    assert refused.value.code == "JOURNAL_UNWRITABLE"
    bridge.limit_files()
    outcome = client.ask("command.run", **PICK_UP)
    assert outcome["status"] == "uncertain"
    assert client.ask("command.run", **PICK_UP) == outcome
    with pytest.raises(Refused) as refused:
        client.ask("command.run", **DROP)
    assert refused.value.code == "RUN_HELD"


def test_a_block_whose_ends_can_not_be_written_moves_nothing_twice(bridge: BridgeProcess) -> None:
    bridge.start()
    bridge.limit_files(FULL_DISK_BYTES)
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path)))
    commands = list_dilution_commands("full")
    with pytest.raises(Refused) as refused:
        client.ask("block.run", commands=commands)
    assert refused.value.code == "JOURNAL_UNWRITABLE"
    tape = bridge.read_tape()
    assert 0 < len(tape) < len(commands), "the disk never filled up"
    bridge.limit_files()
    reply = client.ask("block.run", commands=commands)
    statuses = [outcome["status"] for outcome in reply["outcomes"]]
    # An END that was lost with the SENT behind it leaves its command in doubt; one that moved has a row in any case.
    assert (len(statuses), statuses[-1], set(statuses[:-1])) == (len(tape), "uncertain", {"completed"})
    assert bridge.read_tape() == tape
    statement = {"requestId": "q", "id": commands[len(tape) - 1]["id"], "happened": "done", "corrections": [], "by": "ada", "note": ""}
    client.ask("command.resolve", **statement)
    rest = client.ask("block.run", commands=commands[len(tape) :])["outcomes"]
    assert [outcome["status"] for outcome in rest] == ["completed"] * (len(commands) - len(tape))
    assert bridge.read_tape() == [command["method"] for command in commands]


def _require_uncertain_and_held(bridge: BridgeProcess, tape: list[str]) -> None:
    bridge.start()
    client = bridge.connect()
    outcome = client.ask("command.run", **PICK_UP)
    assert (outcome["status"], outcome["error"]["code"]) == ("uncertain", "UNCERTAIN")
    for _ in range(2):
        # The run itself waits for a person; any other run is told that the machine is not ready.
        for command, code in ((DROP, "RUN_HELD"), ({**DROP, "id": "r2/test/1/0", "runId": "r2"}, "MACHINE_NOT_READY")):
            with pytest.raises(Refused) as refused:
                client.ask("command.run", **command)
            assert refused.value.code == code
            assert PICK_UP["id"] in str(refused.value)
        bridge.kill()
        bridge.start()
        client = bridge.connect()
    assert bridge.read_tape() == tape, "something moved without being asked"
    assert client.ask("machine.release", machine="star", note="looked at it") == {"released": True}
    assert client.ask("machine.release", machine="star", note="looked again") == {"released": False}
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    again = {**PICK_UP, "id": "r1/test/1/1", "retry": 1}
    assert client.ask("command.run", **again)["status"] == "completed"
    assert client.ask("command.run", **PICK_UP) == outcome
    assert bridge.read_tape() == [*tape, "pick_up_tips"]
