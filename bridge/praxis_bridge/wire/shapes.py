"""The shapes of what crosses the wire and enters the journal, as JSON has them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

# Of any members: arguments, results, states and whatever a driver or a person has made. Whoever reads a member says what it expects.
JsonObject = dict[str, Any]  # type: ignore[explicit-any]  # Here alone.


class ErrorRecord(TypedDict):
    code: str
    message: str
    # What a person can do, where it is known better than by the code.
    remedy: NotRequired[str]
    # Of a command that used several channels: what each has done.
    channels: NotRequired[dict[str, JsonObject]]
    # Of a command in doubt: the facts for the person who is asked.
    details: NotRequired[JsonObject]


class Outcome(TypedDict):
    status: str
    result: object
    error: ErrorRecord | None
    beganAtMs: int | None
    endedAtMs: int
    sends: int


class BlockReply(TypedDict):
    # Of the commands from the first one on, as many as there are and fit in a line.
    outcomes: list[Outcome]
    isHeld: bool


class CommandIdentity(TypedDict):
    """What makes a command that command: everything but the call-log entries, the shield and the deadline."""

    runId: str
    callPath: str
    n: int
    retry: int
    machine: str
    method: str
    arguments: JsonObject
    fence: int
    # The held run whose machine a command by hand uses.
    underRunId: NotRequired[str]
