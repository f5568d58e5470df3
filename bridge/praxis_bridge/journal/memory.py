"""What a bridge knows from its journal: spec, state, fences, quarantines, holds, open commands. The rows added up.

The same addition runs when a row is written and when rows are read back after a start, so the two can't differ.
From time to time a snapshot of the sum is noted beside the rows, so that a start reads only the rows after it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, fields

from ..wire.jsontext import dump_json
from ..wire.requests import SAFE_INTEGER
from ..wire.shapes import JsonObject
from .damage import JournalDamaged
from .file import Entry, read_clock_ms
from .journal import SNAPSHOT_ROW_NOTE, Journal

logger = logging.getLogger("praxis.memory")

SNAPSHOT_NOTE = "memory"
SNAPSHOT_VERSION = 2
# A start adds up at most about this many rows; a snapshot of a full deck is about 150 kB.
SNAPSHOT_EVERY_ROWS = 5_000

# The run has ended: no hold comes after this one. One that holds ends a run, or a call of it, from outside: not even its cleanups begin.
FINAL_REV = SAFE_INTEGER


def to_run(scope: str) -> str:
    """The run that a call, named by its run and its path, belongs to."""
    return scope.partition("/")[0]


@dataclass
class Memory:
    version: int = SNAPSHOT_VERSION
    # The last row that is part of the sum.
    row: int = 0
    spec: JsonObject | None = None
    entries: JsonObject = field(default_factory=dict)
    fences: dict[str, int] = field(default_factory=dict)
    # Labware item → highest fence under which a holder has replaced or placed it.
    labware_fences: dict[str, int] = field(default_factory=dict)
    # Machine → the uncertain command that nobody has looked at yet: {commandId, runId}.
    quarantined: dict[str, dict[str, str]] = field(default_factory=dict)
    # Held run → rev of its hold. Runs that are not held take no room here; their rev stands in their last HOLD row.
    held: dict[str, int] = field(default_factory=dict)
    # Body of the last STOP_ALL row.
    stop_all: JsonObject | None = None
    # Why nobody may act on this journal, until a person has accepted it: {because, foundAtMs, isWhole}.
    lost: JsonObject | None = None
    # What was asked for before, and stands in no row, may have been sent under a journal that was lost.
    doubt_before_ms: int = 0
    # The same for whoever was granted the machine since the acceptance, when its highest fence was this one.
    doubt_since_before_ms: int = 0
    doubt_fences: dict[str, int] = field(default_factory=dict)
    # Commands with SENT and no END: id → {machine, runId}.
    open: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, row: int, entry: Entry) -> None:
        self.row = row
        body = entry.body
        if entry.kind == "SENT" and entry.key is not None:
            self._add_identity(body["command"])
            self.open[entry.key] = {"machine": body["command"]["machine"], "runId": body["command"]["runId"]}
        elif entry.kind == "END" and entry.key is not None:
            self._add_end(entry.key, body)
        elif entry.kind == "CONFIG":
            self.spec, self.entries = body["spec"], dict(body["state"])
        elif entry.kind in ("CORRECT", "LATE"):
            self.entries.update(body["delta"])
        elif entry.kind in ("PLACE", "REPLACE"):
            self.entries.update(body["delta"])
            # Rows of earlier bridges carried the fence of the deck's machine, which says nothing of the item.
            for name in body.get("fencedLabware", []):
                self.note_labware_fence(name, body["fence"])
        elif entry.kind == "RELEASE":
            self.quarantined.pop(body["machine"], None)
        elif entry.kind == "RESOLVE":
            self.entries.update(body["delta"])
            self.quarantined = {name: by for name, by in self.quarantined.items() if by["commandId"] != body["commandId"]}
        elif entry.kind == "STOP_ALL":
            self.stop_all = body
        elif entry.kind == "LOST":
            self.lost = {name: body[name] for name in ("because", "foundAtMs", "isWhole")}
        elif entry.kind == "ACCEPT":
            self._add_acceptance(body)
        elif entry.kind == "HOLD":
            self._add_hold(body)

    def _add_acceptance(self, body: JsonObject) -> None:
        self.lost = None
        if body["doubtBeforeMs"] > 0:
            self.doubt_before_ms = max(self.doubt_before_ms, body["doubtBeforeMs"])
            # Who holds a fence since this acceptance holds it since every earlier one.
            self.doubt_since_before_ms = body.get("doubtSinceBeforeMs", self.doubt_before_ms)
            self.doubt_fences = dict(body["fences"])
        for machine, fence in body["fences"].items():
            self.note_fence(machine, fence)

    def note_fence(self, machine: str, fence: int) -> None:
        self.fences[machine] = max(fence, self.fences.get(machine, 0))

    def note_labware_fence(self, name: str, fence: int) -> None:
        self.labware_fences[name] = max(fence, self.labware_fences.get(name, 0))

    def _add_identity(self, command: JsonObject) -> None:
        self.note_fence(command["machine"], command["fence"])

    def _add_end(self, command_id: str, body: JsonObject) -> None:
        sent = self.open.pop(command_id, None)
        if "command" in body:
            self._add_identity(body["command"])
        self.entries.update(body["delta"])
        if body["outcome"]["status"] != "uncertain":
            return
        of = sent or body.get("command")
        if of is not None:
            self.quarantined[of["machine"]] = {"commandId": command_id, "runId": of["runId"]}

    def _add_hold(self, body: JsonObject) -> None:
        self.held.pop(body["runId"], None)
        if body["isHeld"]:
            self.held[body["runId"]] = body["rev"]


def read_memory(journal: Journal) -> Memory:
    """Raises JournalDamaged where a row is not what any bridge has written."""
    memory = _read_snapshot(journal)
    if memory.row < journal.snapshot_row:
        memory = _read_snapshot_row(journal)
    for row, entry in journal.read_after(memory.row):
        try:
            memory.add(row, entry)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise JournalDamaged(journal.path, f"row {row}, {entry.kind}, can't be read: {type(error).__name__} {error}") from error
    return memory


def note_snapshot_row(journal: Journal, memory: Memory) -> None:
    """A row that holds the sum of all rows before it, so that these may be let go."""
    with journal.lock:
        # Rows that wait would come before it and miss in its sum.
        journal.flush()
        entry = Entry("SNAPSHOT", None, dict(vars(memory)), read_clock_ms())
        row = journal.append([entry], {SNAPSHOT_ROW_NOTE: str(journal.last_row + 1)})
        journal.snapshot_row = row


def keep_memory(journal: Journal) -> Memory:
    """The sum of all rows, which grows with every row that is written from now on."""
    memory = read_memory(journal)
    journal.observe(memory.add)
    return memory


class Snapshots:
    """Notes the sum beside the rows once enough of them have come; called where a few milliseconds harm nobody."""

    def __init__(self, journal: Journal, memory: Memory) -> None:
        self._journal = journal
        self._memory = memory
        self._last_row = _read_snapshot(journal).row

    def note_if_due(self, every_rows: int = SNAPSHOT_EVERY_ROWS) -> None:
        if self._memory.row - self._last_row < every_rows:
            return
        self._last_row = self._memory.row
        try:
            # Rows may come from another thread meanwhile; a snapshot holds all of a row or nothing.
            with self._journal.lock:
                self._journal.write_note(SNAPSHOT_NOTE, dump_json(vars(self._memory)))
        except Exception:  # The next start reads more rows; nothing else depends on the note.
            logger.exception("the snapshot at row %s can't be written", self._memory.row)


def _read_snapshot_row(journal: Journal) -> Memory:
    """Written by whatever version of the bridge: the rows before it may be gone, so what it says is all there is."""
    entry = journal.read_snapshot_row()
    if entry is None:
        raise JournalDamaged(journal.path, f"it lacks row {journal.snapshot_row}, which holds the sum of the rows before it")
    known = {item.name for item in fields(Memory)}
    memory = Memory(**{name: value for name, value in entry.body.items() if name in known})
    memory.version, memory.row = SNAPSHOT_VERSION, journal.snapshot_row
    return memory


def _read_snapshot(journal: Journal) -> Memory:
    text = journal.read_note(SNAPSHOT_NOTE)
    if text is None:
        return Memory()
    try:
        memory = Memory(**json.loads(text))
    except (TypeError, ValueError):
        return Memory()  # Written by another version of the bridge: the rows say the same.
    return memory if memory.version == SNAPSHOT_VERSION and memory.row <= journal.last_row else Memory()
