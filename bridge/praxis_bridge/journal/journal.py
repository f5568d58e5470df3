"""The journal: one SQLite file, the only durable memory of what was sent to an instrument and how it ended.

Rows count from 1 without gaps. `append` returns only after the rows are synced to disk, all of them or none.
`append_soon` lets rows that nobody waits for yet share the synced write of the next ones, or go alone a moment later.
A lock on a file beside it admits one bridge per journal. Rows come from the event loop's thread; `append_beside` alone may be
called from another one, so that a driver that blocks the loop cannot keep a stop of everything from being written.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..wire.jsontext import dump_json
from ..wire.shapes import JsonObject
from .damage import JournalDamaged, refuse_folders
from .file import SCHEMA, SCHEMA_VERSION, Entry, connect, take_lock

logger = logging.getLogger("praxis.journal")

COMMAND_KINDS = ("SENT", "STEP_END", "END", "RESOLVE")
READ_LIMIT_ROWS = 1000
# An answer stays well below the line limit of the wire; one row more than this is still sent alone.
READ_LIMIT_BYTES = 4 * 1024 * 1024
# How long the end of a command of a block waits for the beginning of the next one.
JOIN_WAIT_S = 0.002
WRITE_NOTE = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
ID_NOTE = "bridge_id"
SHIPPED_NOTE = "shipped_row"
COMPACTED_NOTE = "compacted_row"
SNAPSHOT_ROW_NOTE = "snapshot_row"


@dataclass(frozen=True)
class Waiting:
    """Rows of `append_soon` that are not on disk yet. Their text is made early, so that a bad value harms nobody else."""

    entries: list[Entry]
    texts: list[str]
    written: asyncio.Future[None]


class Journal:
    """Owns the connection to the file and the lock beside it."""

    def __init__(self, path: str) -> None:
        """Raises JournalLocked, JournalDamaged; what else SQLite says of damage is named by `naming_damage`."""
        refuse_folders(path)
        self.path = path
        self._lock = take_lock(path)
        self.db = self._db = connect(path)
        self._db.executescript(SCHEMA)
        # A connection of its own, so that the loop never reads what is not committed yet.
        self._db_beside = connect(path)
        # Held while rows are written and added up: their order is the order in which things were decided.
        self.lock = threading.RLock()
        # Asked under the lock before any SENT is written; raises where nothing may be sent.
        self.require_sendable: Callable[[], None] = lambda: None
        self.bridge_id = self._read_or_make(ID_NOTE, lambda: str(uuid.uuid4()))
        version = self._read_or_make("schema_version", lambda: SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            raise RuntimeError(f"The journal {path} has schema version {version}; this bridge reads {SCHEMA_VERSION}.")
        self.last_row = self._read_last_row(self._db)
        # Up to here the rows are safe in Postgres, as the worker said last; written with the next rows.
        self.shipped_row = self._noted_shipped_row = self._read_row_note(SHIPPED_NOTE)
        # Rows up to here may have been let go.
        self.compacted_row = self._read_row_note(COMPACTED_NOTE)
        # The newest row that holds the sum of all before it.
        self.snapshot_row = self._read_row_note(SNAPSHOT_ROW_NOTE)
        self._listeners: set[Callable[[], None]] = set()
        self._observers: list[Callable[[int, Entry], None]] = []
        self._waiting: list[Waiting] = []
        self._timer: asyncio.TimerHandle | None = None

    def append(self, entries: list[Entry], notes: dict[str, str] | None = None) -> int:
        """Writes what waits, then the entries, in one synced transaction; returns the number of the last row.

        Notes are written with them, both or neither; a new ID_NOTE makes it another journal from these entries on.
        """
        texts = [dump_json(entry.body) for entry in entries]
        with self.lock:
            if any(entry.kind == "SENT" for entry in entries):
                self.require_sendable()
            waiting, self._waiting = self._waiting, []
            self._cancel_timer()
            try:
                self._write(
                    self._db,
                    [entry for each in waiting for entry in each.entries] + entries,
                    [text for each in waiting for text in each.texts] + texts,
                    notes or {},
                )
            except sqlite3.Error as error:
                for each in waiting:
                    each.written.set_exception(error)
                raise
        self.bridge_id = (notes or {}).get(ID_NOTE, self.bridge_id)
        for each in waiting:
            each.written.set_result(None)
        self.wake_listeners()
        return self.last_row

    def append_beside(self, entry: Entry) -> None:
        """From any thread: one row, synced. Who writes it has the listeners woken on the loop."""
        text = dump_json(entry.body)
        with self.lock:
            self._write(self._db_beside, [entry], [text])

    def append_soon(self, entries: list[Entry]) -> asyncio.Future[None]:
        """Writes the entries with the next append, or alone after JOIN_WAIT_S; the future ends when they are on disk."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(entries, [dump_json(entry.body) for entry in entries], loop.create_future())
        self._waiting.append(waiting)
        if self._timer is None:
            self._timer = loop.call_later(JOIN_WAIT_S, self._flush_alone)
        return waiting.written

    def flush(self) -> None:
        """Writes what waits, now. A failure is told by the futures of `append_soon`, and raised."""
        if self._waiting:
            self.append([])

    def _flush_alone(self) -> None:
        try:
            self.flush()
        except sqlite3.Error as error:
            logger.error("the ends of commands can't be written: %s", error)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self, db: sqlite3.Connection, entries: list[Entry], texts: list[str], notes: dict[str, str] | None = None) -> None:
        first = self.last_row + 1
        values = [
            (first + index, entry.kind, entry.at_ms, entry.key, text)
            for index, (entry, text) in enumerate(zip(entries, texts, strict=True))
        ]
        try:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO rows (row, kind, at_ms, key, body) VALUES (?, ?, ?, ?, ?)", values)
            notes = {**(notes or {}), **self._list_unnoted()}
            if notes:
                db.executemany(WRITE_NOTE, list(notes.items()))
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self.last_row = self._read_last_row(db)
            raise
        self.last_row += len(values)
        self._noted_shipped_row = int(notes.get(SHIPPED_NOTE, self._noted_shipped_row))
        for row, entry in enumerate(entries, first):
            for observer in self._observers:
                observer(row, entry)

    def note_shipped(self, row: int) -> None:
        """Postgres has the rows up to this one. Written with the next rows: an older note only keeps more rows here."""
        self.shipped_row = row

    def _list_unnoted(self) -> dict[str, str]:
        return {} if self.shipped_row == self._noted_shipped_row else {SHIPPED_NOTE: str(self.shipped_row)}

    def wake_listeners(self) -> None:
        for listener in list(self._listeners):
            listener()

    async def wait_for_row(self, wait_ms: int) -> None:
        written = asyncio.Event()
        forget = self.listen(written.set)
        try:
            await asyncio.wait_for(written.wait(), wait_ms / 1000)
        except TimeoutError:
            pass  # Nothing new came; an empty answer of the reader says so.
        finally:
            forget()

    def read_rows(self, after: int, limit: int) -> list[JsonObject]:
        """Rows as the wire shows them, bounded in count and bytes."""
        query = "SELECT row, kind, at_ms, key, body FROM rows WHERE row > ? ORDER BY row LIMIT ?"
        rows: list[JsonObject] = []
        size_bytes = 0
        for row, kind, at_ms, key, text in self._db.execute(query, (after, min(limit, READ_LIMIT_ROWS))):
            size_bytes += len(text)
            if rows and size_bytes > READ_LIMIT_BYTES:
                break
            command_id = key if kind in COMMAND_KINDS else None
            # The sum of all rows before it is of use to this journal alone, and may be longer than a line.
            body = {} if kind == "SNAPSHOT" else json.loads(text)
            rows.append({"row": row, "kind": kind, "atMs": at_ms, "commandId": command_id, "body": body})
        return rows

    def read_command(self, command_id: str) -> list[Entry]:
        return self._read("key = ? AND kind IN ('SENT', 'STEP_END', 'END') ORDER BY row", (command_id,))

    def read_last(self, kind: str, key: str) -> Entry | None:
        """The newest row of a kind under a key, found by the index."""
        return next(iter(self._read("key = ? AND kind = ? ORDER BY row DESC LIMIT 1", (key, kind))), None)

    def has_ended(self, run_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM ended WHERE run = ?", (run_id,)).fetchone() is not None

    def read_snapshot_row(self) -> Entry | None:
        return next(iter(self._read("row = ? AND kind = 'SNAPSHOT'", (self.snapshot_row,))), None)

    def read_after(self, row: int) -> Iterator[tuple[int, Entry]]:
        """Every row after one, in order; read as it is consumed. Raises JournalDamaged."""
        query = "SELECT row, kind, key, body, at_ms FROM rows WHERE row > ? ORDER BY row"
        for number, kind, key, text, at_ms in self._db.execute(query, (row,)):
            yield number, Entry(kind, key, self._parse_body(number, text), at_ms)

    def observe(self, observer: Callable[[int, Entry], None]) -> None:
        """Tells of every row, with its number, as soon as it is on disk."""
        self._observers.append(observer)

    def read_note(self, name: str) -> str | None:
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def _read_row_note(self, name: str) -> int:
        note = self.read_note(name) or "0"
        if not note.isdecimal():
            raise JournalDamaged(self.path, f"its note {name} is no number")
        return int(note)

    def write_note(self, name: str, value: str) -> None:
        """A note beside the rows: it saves work and may be lost; what counts stands in the rows."""
        self._db.execute(WRITE_NOTE, (name, value))

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls the listener after every append; returns the function that ends this."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def close(self) -> None:
        self._db.close()
        self._db_beside.close()
        os.close(self._lock)

    def _read(self, condition: str, values: tuple[object, ...]) -> list[Entry]:
        found = self._db.execute(f"SELECT row, kind, key, body, at_ms FROM rows WHERE {condition}", values)
        return [Entry(kind, key, self._parse_body(row, text), at_ms) for row, kind, key, text, at_ms in found]

    def _parse_body(self, row: int, text: str) -> JsonObject:
        try:
            body: JsonObject = json.loads(text)
        except (TypeError, ValueError) as error:
            raise JournalDamaged(self.path, f"row {row} is no JSON: {error}") from error
        return body

    def _read_or_make(self, name: str, make: Callable[[], str]) -> str:
        self._db.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (name, make()))
        return str(self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])

    def _read_last_row(self, db: sqlite3.Connection) -> int:
        return int(db.execute("SELECT coalesce(max(row), 0) FROM rows").fetchone()[0])
