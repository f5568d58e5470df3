"""What comes back to a driver: a result, an error, silence, or what a fault makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .device import DeviceError
from .faults import Fault

GARBAGE = b"\x00\x15er99/00 \xff not json\n"


@dataclass(frozen=True)
class Answer:
    """`result` or `error`; nothing of it is sent where it `is_silent`."""

    result: Any = None
    error: dict[str, Any] | None = None
    closes: bool = False
    delay_ms: int = 0
    # Sent in place of the answer.
    garbage: str | None = None
    is_silent: bool = False


def refuse(error: DeviceError, channels: dict[str, DeviceError] | None = None) -> Answer:
    """The device's own error; with channels, each that did not do it says why."""
    record: dict[str, Any] = {"type": error.type, "message": str(error)}
    if channels:
        record["channels"] = {label: {"type": inner.type, "message": str(inner)} for label, inner in channels.items()}
    return Answer(error=record)


def garble(fault: Fault, answer: Answer) -> Answer:
    """The act is done; a fault may still spoil its answer."""
    mode = fault["mode"]
    if mode == "lose-reply":
        return replace(answer, closes=True, is_silent=True)
    if mode == "late-reply":
        return replace(answer, delay_ms=fault["delayMs"])
    if mode in ("wrong-reply", "huge-reply", "nan-reply"):
        return replace(answer, garbage=mode)
    return answer
