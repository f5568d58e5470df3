"""A journal that is not the one the lab knows, or a lab that has lost its own records of it: nothing moves before a person has looked.

Who compares is the worker, because Postgres knows which rows were there. What it finds is a row here, so that it outlives this process.
Once a person has accepted the journal, what was asked for before that and stands in no row may have been sent: it is in doubt.
"""

from __future__ import annotations

from ..journal import ID_NOTE, Entry, Journal, read_clock_ms
from ..journal.memory import Memory
from ..wire.errors import BridgeError
from ..wire.requests import (
    SAFE_INTEGER,
    Asking,
    parse_command,
    read_boolean,
    read_choice,
    read_integer,
    read_note,
    read_object,
    read_objects,
    read_text,
)
from ..wire.shapes import JsonObject

# Clocks of two machines differ by less; what was asked for a little after the loss was found is in doubt all the same.
CLOCK_MARGIN_MS = 2_000
KNOWN_PER_REQUEST_LIMIT = 500
# Of more commands nobody remembers that they were asked for the first time; what is forgotten is in doubt when it is asked for again.
# Two full blocks.
FIRST_ASKED_LIMIT = 20_000
# What was in doubt stays a question for a person.
CERTAIN = ("completed", "failed", "stopped")


class JournalGuard:
    """Owns the decision whether this journal may be acted on."""

    def __init__(self, journal: Journal, memory: Memory) -> None:
        self._journal = journal
        self._memory = memory
        # Ids of commands that this process was asked for for the first time, since a journal was lost; in order.
        self._first_asked: dict[str, None] = {}
        self.methods = {"journal.lose": self._lose, "journal.know": self._know, "journal.accept": self._accept}

    def read(self) -> JsonObject:
        """What `hello` says of the journal, for whoever compares it with what the lab knows."""
        return {
            "lastRow": self._journal.last_row,
            "shippedRow": self._journal.shipped_row,
            "compactedRow": self._journal.compacted_row,
            "hasMoved": bool(self._memory.fences),
            "highestFence": max(self._memory.fences.values(), default=0),
            "lost": self._memory.lost,
        }

    def require_known(self) -> None:
        lost = self._memory.lost
        if lost is not None:
            raise BridgeError("JOURNAL_LOST", f"Nothing moves until a person has looked: {lost['because']}")

    def may_have_sent(self, asking: Asking) -> bool:
        """Of a command that is asked for and has no row: it may have been sent under the journal that was lost."""
        if not asking.is_again:
            self._note_first(asking.command_id)
        return self.is_doubted(asking)

    def is_doubted(self, asking: Asking) -> bool:
        """Clocks differ, and may stand in the future when a command is asked for or when the loss is found. So a command that is asked for
        again is in doubt whatever they say, unless this process was there at the first time; and who was granted the machine since the
        acceptance has asked for nothing before it."""
        memory = self._memory
        is_since = asking.held is not None and asking.held[1] > memory.doubt_fences.get(asking.held[0], SAFE_INTEGER)
        if asking.is_again and not is_since and memory.doubt_before_ms > 0 and asking.command_id not in self._first_asked:
            return True
        return asking.at_ms is not None and asking.at_ms < (memory.doubt_since_before_ms if is_since else memory.doubt_before_ms)

    def _note_first(self, command_id: str) -> None:
        if self._memory.lost is None and self._memory.doubt_before_ms == 0:
            return
        self._first_asked[command_id] = None
        while len(self._first_asked) > FIRST_ASKED_LIMIT:
            del self._first_asked[next(iter(self._first_asked))]

    async def _lose(self, params: JsonObject) -> JsonObject:
        """Found by the worker. A copy of an older journal goes on under a new id: its rows from now on are others than those that were
        shipped."""
        body = {
            "because": read_note(params, "because"),
            "foundAtMs": read_integer(params, "foundAtMs", 0),
            # Rows of this journal are not missing: it is the lab that has forgotten.
            "isWhole": read_boolean(params, "isWhole"),
        }
        new_id = None if params.get("bridgeId") is None else read_text(params, "bridgeId")
        self._journal.append(
            [Entry("LOST", None, {**body, "bridgeId": new_id}, read_clock_ms())], {} if new_id is None else {ID_NOTE: new_id}
        )
        return {"bridgeId": self._journal.bridge_id}

    async def _know(self, params: JsonObject) -> JsonObject:
        """Ends that the lab knows of and this journal does not: whoever asks again is answered, and nothing is sent or in doubt.

        Their change of the deck is not repeated: a new journal's deck is as its description says, or as a person corrects it.
        """
        if self._memory.lost is None:
            return {"added": 0}
        ends = []
        for given in read_objects(params, "commands", KNOWN_PER_REQUEST_LIMIT):
            request, outcome = parse_command(given), read_object(given, "outcome")
            read_choice(outcome, "status", CERTAIN)
            ended_at_ms = read_integer(outcome, "endedAtMs", 0)
            if not self._journal.read_command(request.id):
                ends.append(Entry("END", request.id, {"outcome": outcome, "delta": {}, **request.body}, ended_at_ms))
        if ends:
            self._journal.append(ends)
        return {"added": len(ends)}

    async def _accept(self, params: JsonObject) -> JsonObject:
        """A person has looked. `fences` are the highest that the lab has granted: who had older ones stays superseded."""
        lost = self._memory.lost
        if lost is None:
            return {"wasLost": False}
        fences = {name: read_integer({name: fence}, name, 0) for name, fence in read_object(params, "fences").items()}
        by, note = read_text(params, "by"), read_note(params, "note")
        doubt_before_ms = 0 if lost["isWhole"] else lost["foundAtMs"] + CLOCK_MARGIN_MS
        now_ms = read_clock_ms()
        body = {
            "by": by,
            "note": note,
            "fences": fences,
            "doubtBeforeMs": doubt_before_ms,
            "doubtSinceBeforeMs": min(doubt_before_ms, now_ms),
        }
        # Postgres may have fewer rows now than it said before.
        self._journal.note_shipped(0)
        self._journal.append([Entry("ACCEPT", None, body, now_ms)])
        return {"wasLost": True}
