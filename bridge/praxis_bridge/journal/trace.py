"""The trace of a command under way: the rows of its steps, and how far it has come.

A step is a call of its machine's backend that may move something. Its SENT is synced to disk before the call; its end stays in memory and
is written with the next row, so that a command of one step costs two synced writes.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field

from ..wire.errors import CommandStopped, Progress
from ..wire.shapes import JsonObject
from . import fault_points
from .file import Entry, read_clock_ms
from .journal import Journal


@dataclass
class Step:
    number: int
    method: str
    counts: bool
    sends: int = 0


@dataclass
class CommandTrace:
    """What is known of the command under way; rows are written through it."""

    journal: Journal
    command_id: str
    # First members of the SENT body: the command's identity, payload hash and call-log entries.
    body: JsonObject
    began_at_ms: int | None = None
    steps_begun: int = 0
    steps_ended: int = 0
    sends: int = 0
    open_steps: list[Step] = field(default_factory=list)
    failed_sends: int = 0
    use_channels: tuple[int, ...] = ()
    # The command was stopped: it begins no further step and goes on with nothing.
    is_stopping: bool = False
    # Its deadline has passed and it has ended as uncertain: its driver may come to the end of what it does, and no further.
    is_late: bool = False
    # A person has said what it did: not even the driver's own writes leave any more.
    is_given_up: bool = False
    # What its SENT says when it is sent again after its outcome was lost.
    repeat: JsonObject | None = None
    last_step_method: str | None = None
    # Calls of the backend under way, read-only ones as well. While there is none the front end only computes or sleeps.
    open_calls: int = 0
    _unwritten: list[Entry] = field(default_factory=list)

    @property
    def machine(self) -> str:
        return str(self.body["command"]["machine"])

    def require_going_on(self) -> None:
        if self.is_stopping:
            raise CommandStopped("The command was stopped; it begins nothing more.")

    def begin_step(self, method: str) -> Step:
        if self.is_late:
            raise CommandStopped("The deadline of the command has passed; it begins no further step.")
        now_ms = read_clock_ms()
        number = self.steps_begun + 1
        repeat = {} if self.repeat is None else {"repeat": self.repeat}
        sent = Entry("SENT", self.command_id, {**self.body, "step": number, "method": method, **repeat}, now_ms)
        fault_points.at("before-sent")
        self.write([sent])
        fault_points.at("after-sent")
        self.steps_begun, self.last_step_method = number, method
        if self.began_at_ms is None:
            self.began_at_ms = now_ms
        step = Step(number, method, counts=True)
        self.open_steps.append(step)
        return step

    def end_step(self, step: Step) -> None:
        self.open_steps.remove(step)
        self.steps_ended += 1
        self._unwritten.append(Entry("STEP_END", self.command_id, {"step": step.number}, read_clock_ms()))

    def fail_step(self, step: Step) -> None:
        self.open_steps.remove(step)
        self.failed_sends += step.sends

    def write(self, entries: list[Entry]) -> None:
        """Appends the entries behind the ends of steps that are still in memory, all in one synced write."""
        self.journal.append([*self._unwritten, *entries])
        self._unwritten = []

    def write_soon(self, entries: list[Entry]) -> asyncio.Future[None]:
        """The same in the write of whatever is appended next, or alone a moment later."""
        written = self.journal.append_soon([*self._unwritten, *entries])
        self._unwritten = []
        return written

    def has_failed_step(self) -> bool:
        return self.steps_begun > self.steps_ended + len(self.open_steps)

    def read_progress(self) -> Progress:
        open_sends = self.failed_sends + sum(step.sends for step in self.open_steps)
        return Progress(self.sends, self.steps_ended, open_sends, self.use_channels)


current_trace: ContextVar[CommandTrace | None] = ContextVar("current_trace", default=None)
