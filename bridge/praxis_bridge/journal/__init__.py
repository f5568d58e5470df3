"""The journal of a bridge: what was sent to an instrument and how it ended. See journal.py."""

from .damage import JournalDamaged, naming_damage
from .file import Entry, JournalLocked, read_clock_ms
from .journal import COMMAND_KINDS, ID_NOTE, READ_LIMIT_ROWS, SNAPSHOT_ROW_NOTE, Journal

__all__ = [
    "COMMAND_KINDS",
    "ID_NOTE",
    "READ_LIMIT_ROWS",
    "SNAPSHOT_ROW_NOTE",
    "Entry",
    "Journal",
    "JournalDamaged",
    "JournalLocked",
    "naming_damage",
    "read_clock_ms",
]
