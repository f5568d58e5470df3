"""A journal that can't be read ends the bridge with one sentence, and what it says helps; every other fault stays what it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bridge_process import BridgeProcess, read_environment

from praxis_bridge.journal import Entry, Journal

Damage = Callable[[Path], None]
EXIT_DAMAGED = 4
START_TIMEOUT_S = 60
PAGE_BYTES = 4096


@pytest.fixture
def bridge() -> Iterator[BridgeProcess]:
    process = BridgeProcess()
    journal = Journal(process.journal_path)
    outcome = {"status": "completed", "note": "x" * 2 * PAGE_BYTES}
    journal.append([Entry("END", f"r1/c{number}", {"outcome": outcome, "delta": {}}, 6) for number in range(9)])
    journal.close()
    yield process
    process.remove()


def _write(data: Callable[[bytes], bytes]) -> Damage:
    def write(path: Path) -> None:
        path.write_bytes(data(path.read_bytes()))

    return write


def _make_folder(suffix: str) -> Damage:
    def make(path: Path) -> None:
        file = Path(f"{path}{suffix}")
        file.unlink(missing_ok=True)
        (file / "x").mkdir(parents=True)

    return make


def _change(statement: str) -> Damage:
    def change(path: Path) -> None:
        db = sqlite3.connect(path)
        db.execute(statement)
        db.commit()
        db.close()

    return change


def _overwrite(offset: int) -> Damage:
    return _write(lambda data: data[:offset] + b"\xff" * 64 + data[offset + 64 :])


@pytest.mark.parametrize(
    ("damage", "suffix", "why"),
    [
        pytest.param(_write(lambda data: bytes(len(data))), "", "file is not a database", id="zeroed"),
        pytest.param(_write(lambda _: b"hello" * 200), "", "file is not a database", id="text"),
        pytest.param(_write(lambda data: data[: len(data) // 2]), "", "malformed", id="cut to half"),
        pytest.param(_overwrite(20), "", "file is not a database", id="bytes in the header"),
        pytest.param(_overwrite(2 * PAGE_BYTES), "", "malformed", id="bytes in a page"),
        pytest.param(_make_folder(""), "", "a folder is in its place", id="folder"),
        pytest.param(_make_folder("-wal"), "-wal", "a folder is in its place", id="folder for the log of SQLite"),
        pytest.param(_make_folder(".lock"), ".lock", "a folder is in its place", id="folder for the lock"),
        pytest.param(_change("UPDATE rows SET body = '{' WHERE row = 5"), "", "row 5 is no JSON", id="no JSON"),
        pytest.param(_change("UPDATE rows SET body = '[]' WHERE row = 5"), "", "row 5, END, can't be read: TypeError", id="a list"),
        pytest.param(_change("UPDATE rows SET body = '{}' WHERE row = 5"), "", "row 5, END, can't be read: KeyError", id="lacks a part"),
        pytest.param(_change("UPDATE rows SET body = CAST(x'7bff7d' AS TEXT) WHERE row = 5"), "", "bytes that are no text", id="no text"),
        pytest.param(_change("INSERT INTO meta VALUES ('shipped_row', 'abc')"), "", "its note shipped_row is no number", id="no number"),
        pytest.param(_change("INSERT INTO meta VALUES ('snapshot_row', '4')"), "", "it lacks row 4", id="no sum"),
    ],
)
def test_damage_is_one_sentence_and_what_it_says_helps(bridge: BridgeProcess, damage: Damage, suffix: str, why: str) -> None:
    damage(Path(bridge.journal_path))
    ended = _start(bridge)
    file = f"{bridge.journal_path}{suffix}"
    assert (ended.returncode, len(ended.stderr.splitlines())) == (EXIT_DAMAGED, 1), ended.stderr
    assert f"The journal {file} is damaged (" in ended.stderr
    assert why in ended.stderr
    assert ended.stderr.rstrip().endswith("praxis accept-journal.")
    command = f"mv {file} {file}.aside"
    assert command in ended.stderr
    subprocess.run(["/bin/sh", "-c", command], check=True)
    bridge.start()


def test_a_fault_of_another_kind_is_not_called_damage(bridge: BridgeProcess) -> None:
    _change("UPDATE meta SET value = '2' WHERE name = 'schema_version'")(Path(bridge.journal_path))
    ended = _start(bridge)
    assert (ended.returncode, "damaged" in ended.stderr) == (1, False)
    assert "schema version 2" in ended.stderr


def test_a_full_disk_is_not_called_damage(bridge: BridgeProcess) -> None:
    os.unlink(bridge.journal_path)
    ended = _start(bridge, PRAXIS_JOURNAL_MAX_PAGES="1")
    assert (ended.returncode, "damaged" in ended.stderr) == (1, False)
    assert "full" in ended.stderr


def _start(bridge: BridgeProcess, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**read_environment(), **settings}
    return subprocess.run(
        bridge.command_line(), env=environment, capture_output=True, text=True, timeout=START_TIMEOUT_S, cwd=os.sep, check=False
    )
