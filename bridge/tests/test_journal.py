"""The journal as a file: rows without gaps, all or nothing, and one owner."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from praxis_bridge.journal import Entry, Journal, JournalLocked


def _sent(command_id: str, machine: str = "star", fence: int = 1) -> Entry:
    return Entry("SENT", command_id, {"command": {"machine": machine, "fence": fence}, "step": 1}, 5)


def _end(command_id: str) -> Entry:
    return Entry("END", command_id, {"outcome": {"status": "completed"}, "delta": {}}, 6)


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
    assert (journal.bridge_id, journal.read_open_commands(), journal.read_highest_fences()) == (bridge_id, ["b"], {"star": 9})
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
