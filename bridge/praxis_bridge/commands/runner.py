"""Commands: run, attach, or answer from the journal. The same id never moves anything twice.

The order of rows is the order of safety: SENT is synced before the first backend call leaves, END after the trackers
have committed and before anybody is told. A client that goes away changes nothing.
"""

from __future__ import annotations

import asyncio

from ..journal.memory import Snapshots
from ..journal.trace import CommandTrace
from ..wire.requests import CommandRequest
from ..wire.shapes import Outcome
from .answers import Answers
from .execution import Execution
from .ground import Ground
from .late_return import LateDrivers
from .outcome import Ends
from .repeat import Repeater
from .running import Running
from .under_way import UnderWay


class CommandRunner:
    """Joins what is under way with what the journal knows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        late = LateDrivers(ground.journal)
        self.under_way = UnderWay(Snapshots(ground.journal, ground.memory), late)
        self.answers = Answers(ground, self.under_way)
        self._execution = Execution(ground, Ends(ground), late)

    async def run(self, request: CommandRequest) -> Outcome:
        """The outcome, once END is on disk."""
        running = self.under_way.attach(request)
        if running is None:
            outcome = self.answers.find_outcome(request)
            if outcome is not None:
                return outcome
            running = self._begin(request, joins=False)
            work = self._execution.see_to_end(running, self._execution.run_in_turn(running))
            running.driving = asyncio.get_running_loop().create_task(work)
        return await asyncio.shield(running.ended)

    async def run_joined(self, request: CommandRequest) -> tuple[Outcome, asyncio.Future[Outcome] | None]:
        """The outcome as soon as the machine is free, and what ends when END is on disk, where it was not there before.

        Runs in the task of the caller, which must not be cancelled.
        """
        running = self.under_way.attach(request)
        if running is not None:
            return await asyncio.shield(running.ended), None
        outcome = self.answers.find_outcome(request)
        if outcome is not None:
            return outcome, None
        running = self._begin(request, joins=True)
        outcome = await self._execution.see_to_end(running, self._execution.run_in_turn(running))
        return (outcome, running.ended) if outcome is not None else (await running.ended, None)

    async def end_stopped(self, request: CommandRequest) -> Outcome:
        """Ends a command of a stopped block that has not begun; one that has keeps its own outcome."""
        return await self.run(request) if self.under_way.get(request.id) is not None else self.answers.end_unbegun(request)

    async def settle_open_commands(self) -> None:
        """At the start: what was sent and has no end."""
        await Repeater(self._ground, self.under_way, self.answers, self._execution).settle(list(self._ground.memory.open))

    def _begin(self, request: CommandRequest, joins: bool) -> Running:
        ground = self._ground
        ground.admission.require(request, ground.live.find_machine(request.machine))
        self.under_way.require_room(request.machine)
        ground.admission.note_fence(request.machine, request.fence)
        ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        running = Running(request, CommandTrace(ground.journal, request.id, request.body), ended, joins)
        self.under_way.add(running)
        return running
