"""The journal: one SQLite file, the only durable memory of what was sent to an instrument and how it ended.

Rows count from 1 without gaps. `append` returns only after the rows are synced to disk, all of them or none.
A lock on a file beside it admits one bridge per journal.
"""

import fcntl
import json
import os
import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from .jsontext import dump_json

COMMAND_KINDS = ("SENT", "STEP_END", "END")
READ_LIMIT_ROWS = 1000
# An answer stays well below the line limit of the wire; one row more than this is still sent alone.
READ_LIMIT_BYTES = 4 * 1024 * 1024
SCHEMA_VERSION = "1"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
  row INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- Command id of SENT, STEP_END and END; request id of REPLACE.
  key TEXT,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS rows_by_key ON rows (key) WHERE key IS NOT NULL;
"""


class JournalLocked(Exception):
    """Another bridge owns this journal."""


@dataclass(frozen=True)
class Entry:
    kind: str
    key: str | None
    body: dict[str, Any]
    at_ms: int


class Journal:
    """Owns the connection to the file and the lock beside it."""

    def __init__(self, path: str) -> None:
        self._lock = _take_lock(path)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self.bridge_id = self._read_or_make("bridge_id", lambda: str(uuid.uuid4()))
        version = self._read_or_make("schema_version", lambda: SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            raise RuntimeError(f"The journal {path} has schema version {version}; this bridge reads {SCHEMA_VERSION}.")
        self.last_row = self._read_last_row()
        self._listeners: set[Callable[[], None]] = set()

    def append(self, entries: list[Entry]) -> int:
        """Writes all entries in one synced transaction; returns the number of the last row."""
        texts = [dump_json(entry.body) for entry in entries]
        first = self.last_row + 1
        values = [
            (first + index, entry.kind, entry.at_ms, entry.key, text)
            for index, (entry, text) in enumerate(zip(entries, texts))
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO rows (row, kind, at_ms, key, body) VALUES (?, ?, ?, ?, ?)", values)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self.last_row = self._read_last_row()
            raise
        self.last_row = first + len(values) - 1
        self.wake_listeners()
        return self.last_row

    def wake_listeners(self) -> None:
        for listener in list(self._listeners):
            listener()

    def read_rows(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Rows as the wire shows them, bounded in count and bytes."""
        query = "SELECT row, kind, at_ms, key, body FROM rows WHERE row > ? ORDER BY row LIMIT ?"
        rows: list[dict[str, Any]] = []
        size_bytes = 0
        for row, kind, at_ms, key, text in self._db.execute(query, (after, min(limit, READ_LIMIT_ROWS))):
            size_bytes += len(text)
            if rows and size_bytes > READ_LIMIT_BYTES:
                break
            command_id = key if kind in COMMAND_KINDS else None
            rows.append({"row": row, "kind": kind, "atMs": at_ms, "commandId": command_id, "body": json.loads(text)})
        return rows

    def read_command(self, command_id: str) -> list[Entry]:
        return self._read("key = ? AND kind IN ('SENT', 'STEP_END', 'END') ORDER BY row", (command_id,))

    def read_kinds_after(self, kinds: Iterable[str], row: int) -> list[Entry]:
        names = list(kinds)
        marks = ",".join("?" for _ in names)
        return self._read(f"kind IN ({marks}) AND row > ? ORDER BY row", (*names, row))

    def read_last(self, kind: str) -> tuple[int, dict[str, Any]] | None:
        found = self._db.execute("SELECT row, body FROM rows WHERE kind = ? ORDER BY row DESC LIMIT 1", (kind,)).fetchone()
        return None if found is None else (found[0], json.loads(found[1]))

    def read_open_commands(self) -> list[str]:
        """Ids with SENT and no END, in the order in which they were sent."""
        query = """SELECT key, min(row) FROM rows AS sent WHERE kind = 'SENT'
          AND NOT EXISTS (SELECT 1 FROM rows AS ended WHERE ended.key = sent.key AND ended.kind = 'END')
          GROUP BY key ORDER BY min(row)"""
        return [key for key, _ in self._db.execute(query)]

    def read_highest_fences(self) -> dict[str, int]:
        """Highest fence per machine that any row carries."""
        query = """SELECT machine, max(fence) FROM (
          SELECT json_extract(body, '$.command.machine') AS machine, json_extract(body, '$.command.fence') AS fence FROM rows
            WHERE kind IN ('SENT', 'END')
          UNION ALL SELECT json_extract(body, '$.machine'), json_extract(body, '$.fence') FROM rows WHERE kind = 'REPLACE'
          ) WHERE machine IS NOT NULL AND fence IS NOT NULL GROUP BY machine"""
        return dict(self._db.execute(query).fetchall())

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls the listener after every append; returns the function that ends this."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def close(self) -> None:
        self._db.close()
        os.close(self._lock)

    def _read(self, condition: str, values: tuple[Any, ...]) -> list[Entry]:
        found = self._db.execute(f"SELECT kind, key, body, at_ms FROM rows WHERE {condition}", values)
        return [Entry(kind, key, json.loads(text), at_ms) for kind, key, text, at_ms in found]

    def _read_or_make(self, name: str, make: Callable[[], str]) -> str:
        self._db.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (name, make()))
        return str(self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])

    def _read_last_row(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(row), 0) FROM rows").fetchone()[0])


def read_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _take_lock(path: str) -> int:
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise JournalLocked(f"Another bridge owns the journal {path}; end it first, or give another --journal.") from error
    return lock
