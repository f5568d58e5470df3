"""Notices a driver that calls a coroutine and forgets to await it: the command would have done nothing and succeeded.

Python says so in a warning when it drops the coroutine, in the context of the command that made it.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

from ..journal.trace import current_trace

logger = logging.getLogger("praxis.never_awaited")

# Text of the warning by command; a command takes its own out when it ends.
_dropped: dict[str, str] = {}


def watch_dropped_coroutines() -> None:
    """Process-wide. Needs warnings to be shown by logging, and every one of them: a driver may forget twice on one line."""
    warnings.filterwarnings("always", message="coroutine .* was never awaited", category=RuntimeWarning)
    show = warnings.showwarning
    if getattr(show, "_praxis_watches", False):
        return

    def note(message: Any, *args: Any, **kwargs: Any) -> None:
        trace = current_trace.get()
        if trace is not None and "was never awaited" in str(message):
            _dropped[trace.command_id] = str(message)
        show(message, *args, **kwargs)

    note._praxis_watches = True  # type: ignore[attr-defined]
    warnings.showwarning = note


def take_dropped() -> str | None:
    """What the running command forgot to await, once."""
    if not _dropped:
        return None
    trace = current_trace.get()
    return None if trace is None else _dropped.pop(trace.command_id, None)
