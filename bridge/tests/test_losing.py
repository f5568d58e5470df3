"""A journal that is not the one the lab knows: nothing moves before a person has looked, and what may have been sent is in doubt."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell

TIPS = {"tip_spots": [at_item("tips_1", "A1")], "use_channels": [0]}
WELL = {"resources": [at_item("plate_1", "A1")], "vols": [30], "use_channels": [0]}
LOST = {"because": "The file is another one.", "foundAtMs": 100_000, "isWhole": False}
# Asked for before the loss was found, and long after it.
BEFORE, AFTER = {"askedAtMs": 99_000}, {"askedAtMs": 200_000}


def _start(bridge: BridgeProcess) -> Client:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path)))
    return client


def _refusal(client: Client, method: str, /, **params: Any) -> str:
    with pytest.raises(Refused) as refused:
        client.ask(method, **params)
    return refused.value.code


def test_a_lost_journal_moves_nothing_over_restarts_until_it_is_accepted(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("journal.lose", **LOST)
    for _ in range(2):
        assert _refusal(client, "command.run", **make_command(1, "pick_up_tips", TIPS, **AFTER)) == "JOURNAL_LOST"
        assert _refusal(client, "block.run", commands=[make_command(1, "pick_up_tips", TIPS, **AFTER)]) == "JOURNAL_LOST"
        # Whether it was sent stands nowhere, so nobody is told that it was not.
        assert _refusal(client, "command.status", id="r1/test/1/0") == "JOURNAL_LOST"
        assert client.ask("hello")["lost"] == LOST
        bridge.kill()
        bridge.start()
        client = bridge.connect()
    assert client.ask("journal.accept", by="ada", note="nothing hangs there", fences={"star": 1}) == {"wasLost": True}
    assert client.ask("journal.accept", by="ada", note="", fences={}) == {"wasLost": False}
    assert client.ask("hello")["lost"] is None
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **AFTER))["status"] == "completed"
    assert _refusal(client, "command.run", **make_command(2, "aspirate", WELL, fence=0, **AFTER)) == "STALE_FENCE"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_what_was_asked_for_before_the_loss_is_in_doubt_and_never_sent(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("journal.lose", **LOST)
    client.ask("journal.accept", by="ada", note="", fences={})
    assert client.ask("command.status", id="r1/test/1/0", **BEFORE)["phase"] == "sent"
    outcome = client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **BEFORE))
    assert (outcome["status"], outcome["error"]["code"]) == ("uncertain", "UNCERTAIN")
    assert outcome["error"]["details"]["sent"]["driver"] == "gone"
    assert _refusal(client, "command.run", **make_command(2, "pick_up_tips", TIPS, **AFTER)) == "RUN_HELD"
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **AFTER)) == outcome
    client.ask("command.resolve", requestId="q", id="r1/test/1/0", happened="done", corrections=[], by="ada", note="")
    assert client.ask("command.run", **make_command(2, "aspirate", WELL, **AFTER))["status"] == "completed"
    assert bridge.read_tape() == ["aspirate"]


def test_a_loss_found_while_the_clock_stood_in_the_future_doubts_nobody_who_came_after_the_acceptance(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    now_ms = time.time_ns() // 1_000_000
    client.ask("journal.lose", **{**LOST, "foundAtMs": now_ms + 600_000})
    client.ask("journal.accept", by="ada", note="", fences={"star": 4})
    later = {"askedAtMs": time.time_ns() // 1_000_000}
    for _ in range(2):
        # Who held the machine before may have asked while the clock stood there.
        for fence, phase in ((4, "sent"), (5, "never-seen")):
            assert client.ask("command.status", id="r1/test/1/0", machine="star", fence=fence, **later)["phase"] == phase
        # A run that holds it since, and a time that lies before the acceptance: the lab has forgotten whom it gave the machine to.
        assert client.ask("command.status", id="r1/test/1/0", machine="star", fence=5, **BEFORE)["phase"] == "sent"
        bridge.kill()
        bridge.start()
        client = bridge.connect()
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, fence=4, **later))["status"] == "uncertain"
    client.ask("command.resolve", requestId="q", id="r1/test/1/0", happened="not-done", corrections=[], by="ada", note="")
    assert client.ask("command.run", **make_command(2, "pick_up_tips", TIPS, fence=5, **later))["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips"]


def test_what_is_asked_for_again_is_in_doubt_although_the_clock_stood_in_the_future_at_its_first_time(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    ahead = {"askedAtMs": time.time_ns() // 1_000_000 + 600_000}
    again = {**ahead, "isAgain": True}
    client.ask("journal.lose", **{**LOST, "foundAtMs": time.time_ns() // 1_000_000})
    # Asked for the first time while the journal is lost: nobody can have sent it before.
    assert _refusal(client, "command.run", **make_command(5, "pick_up_tips", TIPS, fence=4, **ahead)) == "JOURNAL_LOST"
    client.ask("journal.accept", by="ada", note="", fences={"star": 4})
    for n, fence, phase in ((1, 4, "sent"), (1, 5, "never-seen"), (5, 4, "never-seen")):
        assert client.ask("command.status", id=f"r1/test/{n}/0", machine="star", fence=fence, **again)["phase"] == phase
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, fence=4, **again))["status"] == "uncertain"
    client.ask("command.resolve", requestId="q", id="r1/test/1/0", happened="not-done", corrections=[], by="ada", note="")
    assert client.ask("command.run", **make_command(5, "pick_up_tips", TIPS, fence=4, **again))["status"] == "completed"
    block = [make_command(n, "aspirate", WELL, fence=4, **again) for n in (6, 7)]
    assert [outcome["status"] for outcome in client.ask("block.run", commands=block)["outcomes"]] == ["uncertain"]
    client.ask("machine.release", machine="star", note="looked")
    # Who was granted the machine since.
    assert client.ask("command.run", **make_command(8, "aspirate", WELL, fence=5, **again))["status"] == "completed"
    assert bridge.read_tape() == ["pick_up_tips", "aspirate"]


def test_a_journal_that_was_never_lost_doubts_nothing_that_is_asked_for_again(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    for whole in (False, True):
        if whole:
            client.ask("journal.lose", **{**LOST, "isWhole": True})
            client.ask("journal.accept", by="ada", note="", fences={"star": 1})
        n, method = (2, "aspirate") if whole else (1, "pick_up_tips")
        assert client.ask("command.run", **make_command(n, method, WELL if whole else TIPS, isAgain=True, **AFTER))["status"] == "completed"


def test_of_a_block_all_is_in_doubt_and_the_first_holds_the_machine(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("journal.lose", **LOST)
    client.ask("journal.accept", by="ada", note="", fences={})
    block = [
        make_command(1, "pick_up_tips", TIPS, **BEFORE),
        make_command(2, "aspirate", WELL, **BEFORE),
        make_command(3, "dispense", WELL, **BEFORE),
    ]
    reply = client.ask("block.run", commands=block)
    assert [outcome["status"] for outcome in reply["outcomes"]] == ["uncertain"]
    client.ask("command.resolve", requestId="q", id="r1/test/1/0", happened="not-done", corrections=[], by="ada", note="")
    # The retry has an id of its own and may move; the rest of the block is asked about one by one.
    retry = make_command(1, "pick_up_tips", TIPS, retry=1, **AFTER)
    assert client.ask("command.run", **{**retry, "id": "r1/test/1/1"})["status"] == "completed"
    rest = [{**each, **AFTER} for each in block[1:]]
    assert [outcome["status"] for outcome in client.ask("block.run", commands=rest)["outcomes"]] == ["uncertain"]
    assert bridge.read_tape() == ["pick_up_tips"]


def test_a_copy_of_an_older_journal_goes_on_under_a_new_id(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **BEFORE))
    bridge.kill()
    for end in ("", "-wal", "-shm"):
        shutil.copy(f"{bridge.journal_path}{end}", f"{bridge.folder}/copy{end}")
    client = _start(bridge)
    client.ask("command.run", **make_command(2, "aspirate", WELL, **BEFORE))
    old = client.ask("hello")
    bridge.kill()
    for end in ("", "-wal", "-shm"):
        shutil.copy(f"{bridge.folder}/copy{end}", f"{bridge.journal_path}{end}")
    client = _start(bridge)
    assert client.ask("hello")["bridgeId"] == old["bridgeId"]
    assert client.ask("hello")["lastRow"] < old["lastRow"]
    assert client.ask("journal.lose", **LOST, bridgeId="another") == {"bridgeId": "another"}
    assert _refusal(client, "command.run", **make_command(2, "aspirate", WELL, **BEFORE)) == "JOURNAL_LOST"
    client.ask("journal.accept", by="ada", note="", fences={})
    # What the copy knows is known; what came after it may have been sent.
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **BEFORE))["status"] == "completed"
    assert client.ask("command.run", **make_command(2, "aspirate", WELL, **BEFORE))["status"] == "uncertain"
    bridge.kill()
    bridge.start()
    assert bridge.connect().ask("hello")["bridgeId"] == "another"
    assert bridge.read_tape() == ["pick_up_tips", "aspirate"]


def test_a_lab_that_forgot_puts_nothing_in_doubt_that_the_journal_knows(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    client.ask("command.run", **make_command(1, "pick_up_tips", TIPS, **BEFORE))
    assert client.ask("hello")["highestFence"] == 1
    client.ask("journal.lose", **{**LOST, "isWhole": True})
    assert _refusal(client, "command.run", **make_command(2, "aspirate", WELL, **BEFORE)) == "JOURNAL_LOST"
    client.ask("journal.accept", by="ada", note="", fences={"star": 2})
    assert _refusal(client, "command.run", **make_command(2, "aspirate", WELL, **BEFORE)) == "STALE_FENCE"
    assert client.ask("command.run", **make_command(2, "aspirate", WELL, fence=3, **BEFORE))["status"] == "completed"


def test_what_the_lab_knows_to_have_ended_is_answered_by_a_new_journal_and_not_sent(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    first, second, third = make_command(1, "pick_up_tips", TIPS), make_command(2, "aspirate", WELL), make_command(3, "dispense", WELL)
    outcome = {"status": "completed", "result": {"volume": 3}, "error": None, "beganAtMs": 90_000, "endedAtMs": 91_000, "sends": 0}
    failed = {**outcome, "status": "failed", "result": None, "error": {"code": "TIP_MISSING", "message": "no tip"}}
    # Not of a journal that is the lab's own.
    assert client.ask("journal.know", commands=[{**first, "outcome": outcome}]) == {"added": 0}
    client.ask("journal.lose", **LOST)
    known = [{**first, "outcome": outcome}, {**second, "outcome": failed}]
    assert client.ask("journal.know", commands=known) == {"added": 2}
    assert client.ask("journal.know", commands=known) == {"added": 0}
    assert _refusal(client, "journal.know", commands=[{**third, "outcome": {**outcome, "status": "uncertain"}}]) == "INVALID_REQUEST"
    client.ask("journal.accept", by="ada", note="", fences={})
    bridge.kill()
    bridge.start()
    client = bridge.connect()
    assert client.ask("command.run", **{**first, **BEFORE}) == outcome
    assert client.ask("block.run", commands=[{**first, **BEFORE}, {**second, **BEFORE}])["outcomes"] == [outcome, failed]
    assert client.ask("command.status", id=first["id"], **BEFORE) == {"phase": "ended", "outcome": outcome}
    assert _refusal(client, "command.run", **{**first, "method": "drop_tips", **BEFORE}) == "DUPLICATE_COMMAND"
    # Of what nobody knows the end of, the outcome stays in doubt.
    assert client.ask("command.run", **{**third, **BEFORE})["status"] == "uncertain"
    assert bridge.read_tape() == []
