"""Outcomes of commands as the wire shows them and END keeps them."""

from __future__ import annotations

from ..journal import Entry, read_clock_ms
from ..journal.trace import CommandTrace
from ..wire.errors import Failure
from ..wire.shapes import JsonObject, Outcome


def make_outcome(trace: CommandTrace, failure: Failure | None, result: object, was_stopped: bool) -> Outcome:
    """A command whose stop method was called is `stopped`, whether it raised or returned."""
    if was_stopped:
        ended = "its driver returned" if failure is None else failure.error["message"]
        failure = stop_failure(f"The command was stopped while it ran: {ended}.")
    return {
        "status": "completed" if failure is None else failure.status,
        "result": result if failure is None else None,
        "error": None if failure is None else failure.error,
        "beganAtMs": trace.began_at_ms,
        "endedAtMs": read_clock_ms(),
        "sends": trace.sends,
    }


def stop_failure(message: str = "The command was stopped before it began.") -> Failure:
    return Failure("stopped", {"code": "COMMAND_STOPPED", "message": message})


def make_unbegun_outcome() -> Outcome:
    """Of a command of a stopped block: nothing of it was begun."""
    failure = stop_failure()
    now_ms = read_clock_ms()
    return {"status": failure.status, "result": None, "error": failure.error, "beganAtMs": None, "endedAtMs": now_ms, "sends": 0}


def make_uncertain_outcome(entries: list[Entry], facts: JsonObject) -> Outcome:
    """Of a command that was sent and has no end: its rows say how far it came."""
    sent = next(entry for entry in entries if entry.kind == "SENT")
    steps_sent, steps_ended = count_steps(entries)
    known = f"The bridge ended after step {steps_sent} was sent; {steps_ended} of {steps_sent} are known to have ended."
    return {
        "status": "uncertain",
        "result": None,
        "error": {"code": "UNCERTAIN", "message": known, "details": facts},
        "beganAtMs": sent.at_ms,
        "endedAtMs": read_clock_ms(),
        "sends": steps_sent,
    }


def make_lost_outcome(facts: JsonObject) -> Outcome:
    """Of a command that was asked for before a journal was lost, and stands in no row of this one."""
    known = "The bridge's journal was lost after this command was asked for; whether it was sent stands nowhere."
    return {
        "status": "uncertain",
        "result": None,
        "error": {"code": "UNCERTAIN", "message": known, "details": facts},
        "beganAtMs": None,
        "endedAtMs": read_clock_ms(),
        "sends": 0,
    }


def count_steps(entries: list[Entry]) -> tuple[int, int]:
    """Steps that were sent, and steps that ended, of the last time that the command was sent."""
    begins = [index for index, entry in enumerate(entries) if entry.kind == "SENT" and entry.body["step"] == 1]
    last = entries[begins[-1] :]
    return sum(1 for entry in last if entry.kind == "SENT"), sum(1 for entry in last if entry.kind == "STEP_END")
