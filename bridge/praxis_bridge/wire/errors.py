"""Refusals and failures as the wire knows them, each with a code of domain/errors/."""

from __future__ import annotations

from dataclasses import dataclass

from .shapes import ErrorRecord, JsonObject


class BridgeError(Exception):
    """A refusal that is answered as a JSON-RPC error; nothing moved and nothing was journaled."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CommandError(Exception):
    """A command that can't be carried out as it was given; it ends as failed, and nothing moved."""

    def __init__(self, code: str, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


class CommandStopped(Exception):
    """Raised inside a command that was stopped, in place of its next call of the backend."""


@dataclass(frozen=True)
class Progress:
    """How far a command had come when its driver raised."""

    # Writes at the wire of the instrument, during calls that are not read-only.
    sends: int
    steps_ended: int
    # Writes of the step that did not end.
    open_sends: int
    # Channels of the last backend call, for errors that name channels.
    use_channels: tuple[int, ...] = ()


@dataclass(frozen=True)
class Failure:
    status: str
    error: ErrorRecord

    def with_details(self, details: JsonObject) -> Failure:
        return Failure(self.status, {**self.error, "details": details})
