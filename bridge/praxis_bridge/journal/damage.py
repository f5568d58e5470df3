"""What is said of a journal that can't be read: one sentence with the file, the damage and what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

# What is written in SQLite's name beside the file, and the lock.
BESIDE = ("", "-wal", "-shm", ".lock")
WHY_LIMIT_CHARS = 120
# An OperationalError like a full disk, and yet only damaged bytes lead to it.
NO_TEXT = "Could not decode to UTF-8"


class JournalDamaged(Exception):
    """The journal can't be read, now or later; only a person can go on from here."""

    def __init__(self, file: str, why: object) -> None:
        said = " ".join(str(why).split())[:WHY_LIMIT_CHARS]
        super().__init__(
            f"The journal {file} is damaged ({said}). Remedy: End the lab, move the file aside (mv {file} {file}.aside), start again, "
            "look at the machines, then: praxis accept-journal."
        )


def refuse_folders(path: str) -> None:
    """Raises JournalDamaged: SQLite says of a folder in the place of its files no more than that it can't open something."""
    for file in (f"{path}{suffix}" for suffix in BESIDE):
        if os.path.isdir(file):
            raise JournalDamaged(file, "a folder is in its place")


@contextmanager
def naming_damage(path: str) -> Iterator[None]:
    """What SQLite says of damage becomes JournalDamaged; a full disk, a missing right and every other fault stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # SQLITE_CORRUPT and SQLITE_NOTADB are of no class of their own; faults of the disk and of this program are.
        if type(error) is sqlite3.DatabaseError:
            raise JournalDamaged(path, error) from error
        if NO_TEXT in str(error):
            raise JournalDamaged(path, "a row holds bytes that are no text") from error
        raise
