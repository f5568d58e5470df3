"""Drivers that did not return by the deadline of their command. The command has ended as uncertain; its driver may still
run. When it returns that is noted and changes nothing by itself; once a person has spoken it may send nothing more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine

from ..doubt.sensors import probe_machine
from ..drivers.exceptions import describe
from ..journal import Entry, Journal, read_clock_ms
from ..journal.trace import CommandTrace
from ..plr.state import WorkcellState
from ..plr.workcell import Machine
from ..wire.errors import Failure
from ..wire.requests import CommandRequest
from ..wire.shapes import JsonObject
from .outcome_json import make_outcome
from .running import Ending, Running, read_ending

logger = logging.getLogger("praxis.late")

# How long a driver that was given up may take to let go.
GIVE_UP_LIMIT_S = 2.0


def _describe_late(request: CommandRequest, trace: CommandTrace) -> Failure:
    writes = (
        f"{trace.sends} write{'' if trace.sends == 1 else 's'} went to the instrument"
        if trace.steps_begun
        else "Nothing that moves was sent"
    )
    steps = (
        f" in {trace.steps_begun} step{'' if trace.steps_begun == 1 else 's'}, of which {trace.steps_ended} ended"
        if trace.steps_begun
        else ""
    )
    message = f"It has not ended within {request.deadline_s:g} s. {writes}{steps}; the driver of {request.machine} still runs."
    return Failure("uncertain", {"code": "UNCERTAIN", "message": message})


class LateDrivers:
    """Owns the drivers that still run although their command has ended."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._late: dict[str, tuple[Running, Machine, WorkcellState]] = {}
        # Of drivers that have returned or are being given up: what is left of them to be written.
        self._settling: dict[str, tuple[Running, asyncio.Task[None]]] = {}

    def keep(self, running: Running, machine: Machine, state: WorkcellState) -> Ending:
        """The ending of a command whose deadline has passed while its driver runs."""
        running.trace.is_late = True
        self._late[running.request.id] = (running, machine, state)
        assert running.task is not None
        running.task.add_done_callback(lambda _: self._take_return(running.request.id))
        return Ending(_describe_late(running.request, running.trace), None)

    def list_running(self) -> list[Running]:
        return [running for running, _, _ in self._late.values()]

    def list_settling(self) -> list[Running]:
        return [running for running, _ in self._settling.values()]

    def find(self, command_id: str) -> Running | None:
        kept = self._late.get(command_id)
        return None if kept is None else kept[0]

    async def give_up(self, command_id: str) -> None:
        """A person has spoken: whatever the driver still does, it sends nothing more and changes no tracker. Nothing of it is
        written afterwards, so nothing undoes what the person says."""
        kept = self._late.pop(command_id, None)
        if kept is not None:
            self._settle(kept[0], self._let_go(*kept))
        if command_id in self._settling:
            await asyncio.shield(self._settling[command_id][1])

    async def _let_go(self, running: Running, machine: Machine, state: WorkcellState) -> None:
        running.trace.is_given_up = running.trace.is_stopping = True
        assert running.task is not None
        running.task.cancel()
        await asyncio.wait({running.task}, timeout=GIVE_UP_LIMIT_S)
        if not running.task.done():
            logger.error("the driver of %s does not let go; it can send nothing more", running.request.id)
        stays = state.take_back(machine.name)
        if stays:
            self._write(running, {"outcome": None, "delta": stays})
            state.accept(stays)

    def _take_return(self, command_id: str) -> None:
        kept = self._late.pop(command_id, None)
        if kept is not None:
            self._settle(kept[0], self._note_return(*kept))

    def _settle(self, running: Running, work: Coroutine[object, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._settling[running.request.id] = (running, task)
        task.add_done_callback(lambda _: self._settling.pop(running.request.id))

    async def _note_return(self, running: Running, machine: Machine, state: WorkcellState) -> None:
        ending = read_ending(running)
        outcome = make_outcome(running.trace, ending.failure, ending.result, running.was_stopped)
        try:
            # At once, before anybody else can look at the deck.
            stays = state.take_back(machine.name)
            told = await probe_machine(machine)
            self._write(running, {"outcome": outcome, "delta": stays, **told})
            if stays:
                state.accept(stays)
        except Exception as error:  # Nobody waits for this; the command stays uncertain as it was.
            logger.exception("the late return of %s can't be noted: %s", running.request.id, describe(error))

    def _write(self, running: Running, body: JsonObject) -> None:
        body = {"commandId": running.request.id, **body}
        self._journal.append([Entry("LATE", running.request.id, body, read_clock_ms())])
