"""The execution of a command: its turn at its machine, its driver, its end. Nothing of it is told before its end is on disk.

A client that goes away changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine

from ..doubt.sensors import probe_machine
from ..drivers.exceptions import to_refusal
from ..plr.workcell import Machine
from ..wire.errors import BridgeError, Failure
from ..wire.shapes import ErrorRecord, Outcome
from .ground import Ground
from .late_return import LateDrivers
from .outcome import Ends
from .outcome_json import stop_failure
from .queue import Turn
from .running import Ending, Running, call_driver, wait_for_ending

logger = logging.getLogger("praxis.commands")


class Execution:
    def __init__(self, ground: Ground, ends: Ends, late: LateDrivers) -> None:
        self._admission = ground.admission
        self._live = ground.live
        self._ends = ends
        self._late = late
        # By machine: its commands run one after the other, in the order in which they came.
        self.turns: defaultdict[str, Turn] = defaultdict(Turn)

    async def see_to_end(self, running: Running, work: Coroutine[object, None, Outcome]) -> Outcome | None:
        """None where there is no outcome: refused at its turn, or END could not be written. `ended` then says why."""
        try:
            return await work
        except BaseException as error:
            if not isinstance(error, BridgeError):
                logger.error("command %s ended without an outcome", running.request.id, exc_info=error)
                error = to_refusal(error, f"{running.request.id} has no outcome")
            if not running.ended.done():
                running.ended.set_exception(error)
            return None

    async def run_in_turn(self, running: Running) -> Outcome:
        request = running.request
        machine = self._live.find_machine(request.machine)
        if machine is None:
            error: ErrorRecord = {"code": "UNKNOWN_MACHINE", "message": f"The workcell has no machine {request.machine!r}."}
            return self._ends.end(running, Ending(Failure("failed", error), None), {})
        turn = self.turns[machine.name]
        if not await turn.take(running.stop_asked):
            return self._ends.end(running, Ending(stop_failure(), None), {})
        try:
            return await self.execute(running, machine)
        finally:
            turn.release()

    async def execute(self, running: Running, machine: Machine) -> Outcome:
        """Of a command that has its turn."""
        workcell, state = self._live.workcell, self._live.state
        assert workcell is not None and state is not None
        self._admission.require(running.request, machine)
        running.is_executing = True
        running.task = asyncio.get_running_loop().create_task(call_driver(running, machine, workcell))
        ending = await wait_for_ending(running)
        if ending is None:
            ending = self._late.keep(running, machine, state)
            return self._ends.end(running, ending, {"sensors": {}, "notAsked": "its driver still runs"})
        if ending.refusal is not None:
            state.roll_back(machine.name)
            raise ending.refusal
        is_uncertain = ending.failure is not None and ending.failure.status == "uncertain"
        return self._ends.end(running, ending, await probe_machine(machine) if is_uncertain else {})
