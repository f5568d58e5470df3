"""The journal as a file: rows without gaps, all or nothing, and one owner."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from praxis_bridge.journal import Entry, Journal, JournalLocked
from praxis_bridge.journal.memory import Snapshots, keep_memory, read_memory


def _sent(command_id: str, machine: str = "star", fence: int = 1) -> Entry:
    return Entry("SENT", command_id, {"command": {"runId": "r1", "machine": machine, "fence": fence}, "step": 1}, 5)


def _end(command_id: str, status: str = "completed", **delta: object) -> Entry:
    return Entry("END", command_id, {"outcome": {"status": status}, "delta": delta}, 6)


def test_rows_count_from_one_and_outlive_the_process(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.db")
    journal = Journal(path)
    assert journal.append([_sent("a"), _end("a")]) == 2
    bridge_id = journal.bridge_id
    journal.close()
    journal = Journal(path)
    assert journal.append([_sent("b", fence=9)]) == 3
    assert [row["row"] for row in journal.read_rows(0, 100)] == [1, 2, 3]
    assert [row["row"] for row in journal.read_rows(1, 1)] == [2]
    memory = read_memory(journal)
    assert (journal.bridge_id, list(memory.open), memory.fences) == (bridge_id, ["b"], {"star": 9})
    journal.close()


def test_entries_of_one_append_are_written_all_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.db"))
    broken = Entry(None, "a", {}, 1)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        journal.append([_sent("a"), broken])
    assert journal.append([_sent("b")]) == 1
    with pytest.raises(ValueError, match="JSON"):
        journal.append([Entry("END", "b", {"x": float("nan")}, 1)])
    assert [row["commandId"] for row in journal.read_rows(0, 10)] == ["b"]
    journal.close()


def test_syncs_every_commit(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.db"))
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    journal.close()


def test_admits_one_owner(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.db")
    journal = Journal(path)
    with pytest.raises(JournalLocked):
        Journal(path)
    journal.close()
    Journal(path).close()


def test_waiting_rows_join_the_next_write_or_go_alone(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.db"))

    async def write() -> None:
        first = journal.append_soon([_end("a")])
        assert journal.last_row == 0
        journal.append([_sent("b")])
        await first
        assert [row["commandId"] for row in journal.read_rows(0, 10)] == ["a", "b"]
        await journal.append_soon([_end("b")])
        assert journal.last_row == 3
        lost = journal.append_soon([_end("c")])
        with pytest.raises(sqlite3.IntegrityError):
            journal.append([Entry(None, "d", {}, 1)])  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            await lost
        assert journal.append([_sent("e")]) == 4

    asyncio.run(write())
    journal.close()


def test_a_snapshot_and_the_rows_after_it_say_the_same_as_all_rows(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.db"))
    memory = keep_memory(journal)
    snapshots = Snapshots(journal, memory)
    journal.append([_sent("a", fence=3), _end("a", w1=1), _sent("b", "reader", 4)])
    journal.append([Entry("HOLD", "r1", {"runId": "r1", "rev": 2, "isHeld": True}, 1)])
    snapshots.note_if_due(1)
    assert journal.read_note("memory") is not None
    journal.append([_end("b", "uncertain"), _sent("c"), _end("c", w1=2, w2=3)])
    for run_id, rev, is_held in (("r2", 1, True), ("r1", 3, False)):
        journal.append([Entry("HOLD", run_id, {"runId": run_id, "rev": rev, "isHeld": is_held}, 1)])
    assert read_memory(journal) == memory
    journal.write_note("memory", "{}")
    assert read_memory(journal) == memory
    assert (memory.entries, memory.held, memory.open) == ({"w1": 2, "w2": 3}, {"r2": 1}, {})
    assert memory.quarantined == {"reader": {"commandId": "b", "runId": "r1"}}
    journal.close()


def test_a_full_journal_takes_nothing_by_halves_and_goes_on_when_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "journal.db")
    Journal(path).close()
    monkeypatch.setenv("PRAXIS_JOURNAL_MAX_PAGES", "12")
    journal = Journal(path)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        while journal.last_row < 1000:
            journal.append([_sent(f"c{journal.last_row}"), _end(f"c{journal.last_row}", wells="x" * 500)])
    written = journal.last_row
    assert written % 2 == 0
    assert len(journal.read_rows(0, 1000)) == written
    journal.close()
    monkeypatch.delenv("PRAXIS_JOURNAL_MAX_PAGES")
    journal = Journal(path)
    assert journal.append([_sent("after")]) == written + 1
    journal.close()
