"""The journal of a bridge: what was sent to an instrument and how it ended. See journal.py."""

from .file import Entry, JournalLocked, read_clock_ms
from .journal import COMMAND_KINDS, READ_LIMIT_ROWS, Journal

__all__ = ["COMMAND_KINDS", "READ_LIMIT_ROWS", "Entry", "Journal", "JournalLocked", "read_clock_ms"]
