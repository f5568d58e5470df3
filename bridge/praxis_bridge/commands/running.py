"""A command under way: what was asked, how far it has come, how it can be stopped, and how its driver ends.

The driver runs in a task of its own, so that one that never answers holds nobody else. That task never raises: whatever
a driver raises is the ending of its command.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from ..admission.stop_all import is_refusal
from ..drivers.bounds import require_in_bounds
from ..drivers.exceptions import classify_failure
from ..drivers.method_plans import explain_refusal
from ..journal import fault_points
from ..journal.trace import CommandTrace, current_trace
from ..plr.codec import decode_arguments, encode_result
from ..plr.interlocks import require_unlocked
from ..plr.workcell import Machine, Workcell
from ..wire.errors import CommandError, CommandStopped, Failure
from ..wire.requests import CommandRequest
from ..wire.shapes import Outcome
from .outcome_json import stop_failure

logger = logging.getLogger("praxis.running")

STOPPED_MIDWAY = "The command was stopped before its next step."


@dataclass(frozen=True)
class Ending:
    """How the driver ended."""

    failure: Failure | None
    result: object
    # Nothing was sent, and nothing may be now: the command has not begun.
    refusal: BaseException | None = None


@dataclass
class Running:
    request: CommandRequest
    trace: CommandTrace
    # Ends when END is on disk, or when the command was refused at its turn.
    ended: asyncio.Future[Outcome]
    # END may share a synced write with the SENT of the next command of its block.
    joins: bool
    # False while the command waits for its machine.
    is_executing: bool = False
    stop_asked: asyncio.Event = field(default_factory=asyncio.Event)
    # The stop method of its machine was called.
    was_stopped: bool = False
    # The task in which its front end runs, once its turn has come.
    task: asyncio.Task[Ending] | None = None
    # The task that sees it to its end, where that is not its caller's.
    driving: asyncio.Task[Outcome | None] | None = None
    # Of a command that was sent before the bridge ended: it waits until somebody asks for it again.
    asked_again: asyncio.Event | None = None

    @property
    def has_machine(self) -> bool:
        """It may be moving: it is being executed, or was sent before the bridge ended and waits to be asked for again."""
        return self.is_executing or self.asked_again is not None


async def call_driver(running: Running, machine: Machine, workcell: Workcell) -> Ending:
    request, trace = running.request, running.trace
    current_trace.set(trace)
    try:
        plan = machine.methods.get(request.method)
        if plan is None:
            raise CommandError("UNKNOWN_METHOD", explain_refusal(machine.spec["frontend"], type(machine.frontend), request.method))
        require_in_bounds(type(machine.frontend), request.method, request.identity["arguments"])
        arguments = decode_arguments(plan.hints, plan.required, request.identity["arguments"], workcell.find)
        require_unlocked(machine, request.method, arguments, workcell)
        fault_points.at("accepted")
        return Ending(None, encode_result(await plan.call(**arguments)))
    except CommandStopped as stopped:
        return Ending(stop_failure(str(stopped)), None)
    except BaseException as error:  # A driver may raise anything, SystemExit included; the command must have an end.
        if is_refusal(error):
            return Ending(stop_failure(STOPPED_MIDWAY), None, error if trace.began_at_ms is None else None)
        if not isinstance(error, CommandError):
            logger.warning("%s of %s raised", request.method, request.id, exc_info=True)
        return Ending(classify_failure(error, trace.read_progress()), None)


async def wait_for_ending(running: Running) -> Ending | None:
    """None where the driver still runs at the deadline; it goes on running."""
    assert running.task is not None
    done, _ = await asyncio.wait({running.task}, timeout=running.request.deadline_s)
    return read_ending(running) if done else None


def read_ending(running: Running) -> Ending:
    """Of a task that is over. One that was ended before its first step has called nothing."""
    task = running.task
    if task is None or task.cancelled():
        return Ending(classify_failure(asyncio.CancelledError(), running.trace.read_progress()), None)
    return task.result()
