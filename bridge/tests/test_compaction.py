"""The journal lets go of what nobody asks for any more, and knows all the rest as before, also after a kill in the middle."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from bridge_process import BridgeProcess, Client, Refused, at_item, make_command, read_demo_workcell

from praxis_bridge.journal import Entry, Journal
from praxis_bridge.journal.compaction import COMPACT_AFTER_ROWS, FIRST_KEPT_REQUEST, Compactor
from praxis_bridge.journal.memory import keep_memory, read_memory
from praxis_bridge.wire.requests import SAFE_INTEGER

TIPS = {"tip_spots": [at_item("tips_1", "A1")], "use_channels": [0]}


def _fill(journal: Journal, run: str, commands: int, fence: int = 1) -> None:
    for first in range(0, commands, 1000):
        entries: list[Entry] = []
        for n in range(first, min(first + 1000, commands)):
            key = f"{run}/p/{n}/0"
            command = {
                "runId": run,
                "callPath": "p",
                "n": n,
                "retry": 0,
                "machine": "star",
                "method": "aspirate",
                "arguments": {},
                "fence": fence,
            }
            entries.append(Entry("SENT", key, {"command": command, "payloadHash": key, "step": 1}, n))
            outcome = {"status": "completed", "result": n, "error": None, "beganAtMs": n, "endedAtMs": n, "sends": 1}
            entries.append(Entry("END", key, {"outcome": outcome, "delta": {f"well_{n % 96}": {"volumeUl": n}}}, n))
        journal.append(entries)


def _shipped(journal: Journal) -> None:
    journal.note_shipped(journal.last_row)


def test_rows_of_ended_runs_go_and_what_may_be_asked_for_stays(tmp_path: Path) -> None:
    async def work() -> None:
        path = str(tmp_path / "journal.db")
        journal = Journal(path)
        memory = keep_memory(journal)
        compactor = Compactor(journal, memory)
        _fill(journal, "ended", COMPACT_AFTER_ROWS)
        _fill(journal, "open", 10, fence=7)
        journal.append([Entry("REPLACE", "request", {"requestId": "request", "delta": {}, "machine": None, "labware": []}, 1)])
        journal.append([Entry("HOLD", "ended", {"runId": "ended", "rev": 1, "isHeld": True}, 1)])
        before, last_row, bridge_id = dict(vars(memory)), journal.last_row, journal.bridge_id
        # Nothing goes before it is safe elsewhere.
        assert (await compactor.compact([]))["compactedRow"] == 0
        _shipped(journal)
        assert sorted((await compactor.compact([]))["runs"]) == ["ended", "open", "request"]
        assert len(journal.read_command("ended/p/1/0")) == 2
        assert sorted((await compactor.compact(["ended"]))["runs"]) == ["open", "request"]
        assert journal.read_command("ended/p/1/0") == []
        assert [entry.kind for entry in journal.read_command("open/p/3/0")] == ["SENT", "END"]
        assert journal.read_last("REPLACE", "request") is not None
        kept = sqlite3.connect(path).execute("SELECT count(*), min(row), max(row) FROM rows").fetchone()
        assert kept[0] < 40 and kept[2] > last_row
        # The row by which the lab knows this journal.
        assert journal.read_rows(last_row - 1, 1)[0]["row"] == last_row
        assert (journal.read_rows(last_row, 1)[0]["kind"], journal.read_rows(last_row, 1)[0]["body"]) == ("SNAPSHOT", {})
        journal.close()
        journal = Journal(path)
        memory = read_memory(journal)
        assert {**vars(memory), "row": 0} == {**before, "row": 0}
        assert (journal.bridge_id, journal.last_row, journal.has_ended("ended")) == (bridge_id, kept[2], True)
        journal.close()

    asyncio.run(work())


def test_the_newest_requests_are_found_without_a_walk_through_all_rows(tmp_path: Path) -> None:
    """Asked every minute between commands: a million rows took two seconds, in which the bridge answered nobody."""
    # As an earlier version left it.
    path = str(tmp_path / "journal.db")
    journal = Journal(path)
    journal.db.execute("DROP INDEX IF EXISTS rows_of_requests")
    journal.close()
    journal = Journal(path)
    _fill(journal, "r", 100)
    journal.append([Entry("PLACE", f"p{n}", {"requestId": f"p{n}", "delta": {}}, 1) for n in range(3)])
    plan = " ".join(str(row[3]) for row in journal.db.execute(f"EXPLAIN QUERY PLAN {FIRST_KEPT_REQUEST}"))
    assert "USING INDEX rows_of_requests" in plan or "USING COVERING INDEX rows_of_requests" in plan
    assert journal.db.execute(FIRST_KEPT_REQUEST).fetchone()[0] == journal.last_row - 2
    journal.close()


def test_a_run_with_a_command_in_doubt_keeps_its_rows(tmp_path: Path) -> None:
    async def work() -> None:
        journal = Journal(str(tmp_path / "journal.db"))
        memory = keep_memory(journal)
        _fill(journal, "r", COMPACT_AFTER_ROWS)
        command = {"runId": "r", "machine": "star", "fence": 1}
        journal.append([Entry("SENT", "r/p/x/0", {"command": command, "step": 1}, 1)])
        _shipped(journal)
        await Compactor(journal, memory).compact(["r"])
        assert len(journal.read_command("r/p/1/0")) == 2 and not journal.has_ended("r")
        journal.close()

    asyncio.run(work())


def test_the_final_hold_of_a_run_is_let_go_with_its_rows_and_nothing_of_it_begins(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    for scope in ("lost", "lost/p/q.1", "open/p/q.1"):
        client.ask("run.hold", runId=scope, rev=SAFE_INTEGER, isHeld=True)
    client.ask("journal.compact", endedRuns=["lost"])
    # Whoever tells of it again, after every start of a worker, adds nothing.
    rows = client.ask("hello")["lastRow"]
    assert client.ask("run.hold", runId="lost/p/q.1", rev=SAFE_INTEGER, isHeld=True)["isHeld"]
    assert client.ask("hello")["lastRow"] == rows
    for run_id, call_path, code in (("lost", "p/q.1", "RUN_ENDED"), ("open", "p/q.1", "RUN_HELD")):
        with pytest.raises(Refused) as refused:
            client.ask(
                "command.run",
                **{**make_command(1, "pick_up_tips", TIPS, runId=run_id, callPath=call_path), "id": f"{run_id}/{call_path}/1/0"},
            )
        assert refused.value.code == code
    bridge.kill()
    journal = Journal(bridge.journal_path)
    _fill(journal, "full", COMPACT_AFTER_ROWS)
    journal.close()
    client = _start(bridge)
    client.ask("journal.read", after=0, limit=1, waitMs=0, shippedRow=client.ask("hello")["lastRow"])
    client.ask("journal.compact", endedRuns=["full"])
    bridge.kill()
    assert read_memory(Journal(bridge.journal_path)).held == {"open/p/q.1": SAFE_INTEGER}


def test_a_bridge_refuses_what_ended_and_knows_its_deck_after_a_kill(bridge: BridgeProcess) -> None:
    client = _start(bridge)
    assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS))["status"] == "completed"
    bridge.kill()
    journal = Journal(bridge.journal_path)
    _fill(journal, "old", COMPACT_AFTER_ROWS)
    journal.close()
    client = _start(bridge)
    state, hello = client.ask("state.read"), client.ask("hello")
    client.ask("journal.read", after=0, limit=1, waitMs=0, shippedRow=hello["lastRow"])
    assert "old" in client.ask("journal.compact", endedRuns=[])["runs"]
    assert client.ask("journal.compact", endedRuns=["old"])["compactedRow"] == hello["lastRow"] - 1
    for _ in range(2):
        old = make_command(1, "pick_up_tips", TIPS, runId="old")
        with pytest.raises(Refused) as refused:
            client.ask("command.run", **{**old, "id": "old/p/1/0"})
        assert refused.value.code == "RUN_ENDED"
        assert client.ask("command.run", **make_command(1, "pick_up_tips", TIPS))["status"] == "completed"
        assert client.ask("state.read") == state
        bridge.kill()
        client = _start(bridge)
    assert client.ask("hello")["bridgeId"] == hello["bridgeId"]
    assert bridge.read_tape() == ["pick_up_tips"]


def _start(bridge: BridgeProcess) -> Client:
    bridge.start()
    client = bridge.connect()
    client.ask("workcell.apply", spec=read_demo_workcell("CountingSTARChatterboxBackend", tape_file=str(bridge.tape_path)))
    return client


def measure(path: Path) -> dict[str, Any]:
    """By hand: size and time to read a journal of 100,000 commands, before and after it was compacted."""

    async def work() -> dict[str, Any]:
        told: dict[str, Any] = {}
        journal = Journal(str(path))
        memory = keep_memory(journal)
        for run in range(100):
            _fill(journal, f"run{run}", 1000)
        _shipped(journal)
        told["before"] = _measure_start(path, journal)
        journal = Journal(str(path))
        memory = keep_memory(journal)
        began = time.perf_counter()
        compactor = Compactor(journal, memory)
        await compactor.compact([f"run{run}" for run in range(99)])
        told["compactedInS"] = round(time.perf_counter() - began, 3)
        told["after"] = _measure_start(path, journal)
        return told

    return asyncio.run(work())


def _measure_start(path: Path, journal: Journal) -> dict[str, Any]:
    rows = journal.db.execute("SELECT count(*) FROM rows").fetchone()[0]
    journal.append([])
    journal.close()
    began = time.perf_counter()
    journal = Journal(str(path))
    read_memory(journal)
    seconds = round(time.perf_counter() - began, 3)
    journal.close()
    return {"rows": rows, "readS": seconds, "mb": round(path.stat().st_size / 1e6, 1)}
