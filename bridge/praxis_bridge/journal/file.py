"""The file of a journal: its tables, how it is opened and synced, and the lock that admits one owner."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from dataclasses import dataclass

from ..wire.shapes import JsonObject

# A journal of at most so many pages, so that tests can see what a full disk does.
PAGES_MAX_SETTING = "PRAXIS_JOURNAL_MAX_PAGES"
SCHEMA_VERSION = "1"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
  row INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- Command id of SENT, STEP_END, END and RESOLVE; request id of REPLACE; run id of HOLD.
  key TEXT,
  body TEXT NOT NULL
);
-- Runs whose rows may be gone: nothing of them begins any more.
CREATE TABLE IF NOT EXISTS ended (run TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_by_key ON rows (key) WHERE key IS NOT NULL;
-- There are few of them among many: the newest are looked for at every compaction.
CREATE INDEX IF NOT EXISTS rows_of_requests ON rows (row) WHERE kind IN ('REPLACE', 'PLACE', 'CORRECT');
"""


class JournalLocked(Exception):
    """Another bridge owns this journal."""


@dataclass(frozen=True)
class Entry:
    kind: str
    key: str | None
    body: JsonObject
    at_ms: int


def connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    pages_max = os.environ.get(PAGES_MAX_SETTING)
    if pages_max is not None:
        db.execute(f"PRAGMA max_page_count={int(pages_max)}")
    return db


def read_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def take_lock(path: str) -> int:
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise JournalLocked(f"Another bridge owns the journal {path}; end it first, or give another --journal.") from error
    return lock
