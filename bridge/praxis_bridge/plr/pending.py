"""Trackers that a command under way has changed and not committed, by machine: what is taken back when that command fails.

Two machines may work on one deck at once; whose command a change belongs to is told by the task that makes it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..journal.trace import current_trace

# How PyLabRobot's trackers of volumes and tips take a change that is not committed yet.
CHANGING_METHODS = ("add_liquid", "remove_liquid", "add_tip", "remove_tip")


def find_machine_at_work() -> str | None:
    """The machine whose command runs in this task; None outside of commands."""
    trace = current_trace.get()
    return None if trace is None else trace.machine


@dataclass
class _Changes:
    command_id: str | None
    # By identity: trackers can't be compared.
    trackers: dict[int, Any] = field(default_factory=dict)


class Pending:
    def __init__(self) -> None:
        self._by_machine: dict[str | None, _Changes] = {}

    def watch(self, tracker: Any) -> None:
        for name in CHANGING_METHODS:
            if hasattr(tracker, name):
                setattr(tracker, name, self._noting(tracker, getattr(tracker, name)))

    def forget(self, machine: str) -> None:
        self._by_machine.pop(machine, None)

    def take(self, machine: str) -> list[Any]:
        """Of the last command of the machine, and of what was only thought of outside of commands."""
        changes = [self._by_machine.pop(key, None) for key in (machine, None)]
        return [tracker for each in changes if each is not None for tracker in each.trackers.values()]

    def _noting(self, tracker: Any, change: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(change)
        def note(*args: Any, **kwargs: Any) -> Any:
            trace, machine = current_trace.get(), find_machine_at_work()
            command_id = None if trace is None else trace.command_id
            changes = self._by_machine.get(machine)
            if changes is None or changes.command_id != command_id:
                changes = self._by_machine[machine] = _Changes(command_id)
            changes.trackers[id(tracker)] = tracker
            return change(*args, **kwargs)

        return note
