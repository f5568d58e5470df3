"""Stop all: while it holds, no SENT is written, so no command begins, whichever run it belongs to and cleanups included.

A person sets it and a person lifts it; it is a row of the journal and outlives the process. It may be set from any thread.
It is no emergency stop: a motion under way goes on where its driver has no stop method, and power stays on.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from ..drivers.exceptions import describe
from ..journal import Entry, Journal, read_clock_ms
from ..journal.memory import Memory
from ..wire.errors import BridgeError
from ..wire.requests import read_integer, read_note, read_text
from ..wire.shapes import JsonObject

logger = logging.getLogger("praxis.stop_all")

CODE = "STOPPED_ALL"
NEVER_STOPPED: JsonObject = {"isStopped": False, "rev": 0, "by": "", "reason": "", "atMs": None}


class StopAll:
    """Owns the latch. What it knows lives in the memory of the journal; here is what is not on disk yet."""

    def __init__(self, journal: Journal, memory: Memory, act: Callable[[], list[JsonObject]], loop: asyncio.AbstractEventLoop) -> None:
        self._journal = journal
        self._memory = memory
        # Has the drivers stopped, and says what was running.
        self._act = act
        self._loop = loop
        self._is_stopped = self._latch["isStopped"]
        # A stop that the journal could not take: it holds all the same, and is written when there is room, because nobody can
        # release what no list shows.
        self._unwritten: JsonObject | None = None
        journal.require_sendable = self.require_released
        self.methods: dict[str, Callable[[JsonObject], JsonObject]] = {
            "stop.all": lambda params: self.stop(read_text(params, "by"), read_note(params, "reason")),
            "stop.release": lambda params: self.release(
                read_integer(params, "rev", 1), read_text(params, "by"), read_note(params, "reason")
            ),
            "stop.status": lambda _params: self.look(),
        }

    def stop(self, by: str, reason: str) -> JsonObject:
        """Once this has returned no command begins. Again while it holds: the drivers are told again, and it is a stop of its own,
        so that a release by somebody who has seen only the one before does not lift it."""
        # Before the lock: whatever comes to the boundary from here on is refused, however long the disk takes.
        self._is_stopped = True
        with self._journal.lock:
            self._is_stopped = True
            self._latch_now(by, reason)
        return {**self.read(), "running": self._act()}

    def release(self, rev: int, by: str, reason: str) -> JsonObject:
        """Lifts the stop of this rev and no later one, so that a belated release harms nobody."""
        with self._journal.lock:
            latch = self.read()
            if not latch["isStopped"] or latch["rev"] != rev:
                return {**latch, "isReleased": False}
            body = {"isStopped": False, "rev": rev + 1, "by": by, "reason": reason, "atMs": read_clock_ms()}
            # On disk before anything may move again; where that fails the stop stays.
            self._write(body)
            self._unwritten = None
            self._is_stopped = False
        logger.warning("the stop of everything was lifted by %s: %s", by, reason)
        return {**self.read(), "isReleased": True}

    def look(self) -> JsonObject:
        """Asked for all the time by the worker: so what could not be written is soon."""
        if self._unwritten is not None:
            with self._journal.lock:
                if self._unwritten is not None:
                    self._write_latch(self._unwritten)
        return self.read()

    def read(self) -> JsonObject:
        latch = self._unwritten or self._latch
        return {**latch, "isJournaled": self._unwritten is None}

    def require_released(self) -> None:
        if not self._is_stopped:
            return
        latch = self.read()
        why = f" ({latch['reason']})" if latch["reason"] else ""
        raise BridgeError(CODE, f"{latch['by']} has stopped everything in this workcell{why}; nothing begins until that is released.")

    @property
    def _latch(self) -> JsonObject:
        return NEVER_STOPPED if self._memory.stop_all is None else self._memory.stop_all

    def _latch_now(self, by: str, reason: str) -> None:
        self._write_latch({"isStopped": True, "rev": self.read()["rev"] + 1, "by": by, "reason": reason, "atMs": read_clock_ms()})

    def _write_latch(self, body: JsonObject) -> None:
        try:
            self._write(body)
            self._unwritten = None
            logger.warning("%s has stopped everything: %s", body["by"], body["reason"])
        except sqlite3.Error as error:
            # A full disk must not keep anybody from stopping; nothing can be sent without the journal anyway.
            if self._unwritten is not body:
                logger.error("everything is stopped, but the journal can't be written: %s", describe(error))
            self._unwritten = body

    def _write(self, body: JsonObject) -> None:
        spec = self._memory.spec
        workcell = None if spec is None else spec["name"]
        self._journal.append_beside(Entry("STOP_ALL", None, {**body, "workcell": workcell}, body["atMs"]))
        self._loop.call_soon_threadsafe(self._journal.wake_listeners)


def is_refusal(error: BaseException) -> bool:
    return isinstance(error, BridgeError) and error.code == CODE
