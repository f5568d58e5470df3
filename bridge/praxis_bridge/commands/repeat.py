"""Commands that were sent and lost their outcome with the bridge: which may be sent again by themselves.

Those that only read or that set a state are sent again under their own id, once whoever gave them asks for them again, and
after the machine has answered its sensors. All others wait for a person. See drivers/retry_table.py.
"""

from __future__ import annotations

import asyncio

from ..doubt.prediction import predict
from ..doubt.sensors import is_silent, probe_machine
from ..drivers.retry_table import READ_ONLY, REPEATABLE_METHODS
from ..journal import Entry
from ..journal.trace import CommandTrace
from ..plr.workcell import Machine
from ..wire.errors import BridgeError
from ..wire.requests import CommandRequest
from ..wire.shapes import CommandIdentity, Outcome
from .answers import Answers
from .execution import Execution
from .ground import Ground
from .outcome import finish
from .running import Running
from .under_way import UnderWay

# A command that ends its bridge each time it is sent is no matter of bad luck.
REPEATS_LIMIT = 3
# A worker asks again within a second of the bridge being back. Meanwhile the machine takes nothing else.
ASK_AGAIN_LIMIT_S = 30.0


class Repeater:
    """Settles, at the start, what was sent and has no end."""

    def __init__(self, ground: Ground, under_way: UnderWay, answers: Answers, execution: Execution) -> None:
        self._ground = ground
        self._under_way = under_way
        self._answers = answers
        self._execution = execution

    async def settle(self, command_ids: list[str]) -> None:
        """It is sent again where it may be, else it is uncertain."""
        for command_id in command_ids:
            entries = self._ground.journal.read_command(command_id)
            command = entries[0].body["command"]
            machine = self._ground.live.find_machine(command["machine"])
            if machine is not None and may_repeat(machine, command, entries):
                self._await_repeat(restore_request(command_id, entries[0]), machine)
            else:
                await self._end_open(command_id, machine)

    def _await_repeat(self, request: CommandRequest, machine: Machine) -> None:
        """It has its machine before anybody else, and waits there until it is asked for again."""
        loop = asyncio.get_running_loop()
        trace = CommandTrace(self._ground.journal, request.id, request.body)
        running = Running(request, trace, loop.create_future(), joins=False, asked_again=asyncio.Event())
        self._under_way.add(running)
        running.driving = loop.create_task(self._execution.see_to_end(running, self._repeat_in_turn(running, machine)))

    async def _repeat_in_turn(self, running: Running, machine: Machine) -> Outcome:
        turn = self._execution.turns[machine.name]
        if not await turn.take(running.stop_asked):
            return await self._give_up(running, machine)
        try:
            if await self._prepare(running, machine):
                return await self._execution.execute(running, machine)
            return await self._give_up(running, machine)
        finally:
            turn.release()

    async def _prepare(self, running: Running, machine: Machine) -> bool:
        """False where nobody asks for it any more, where its stop was asked for, or where the machine does not answer its sensors."""
        if not await wait_until_asked_again(running) or not self._may_begin_again(running, machine):
            return False
        told = await probe_machine(machine)
        running.trace.repeat = {"sensors": told["sensors"]}
        # Who asked has had time to stop it, and others to hold its run. What only reads needs no answer.
        only_reads = find_class(machine, running.request.method) == READ_ONLY
        return self._may_begin_again(running, machine) and (only_reads or not is_silent(told))

    def _may_begin_again(self, running: Running, machine: Machine) -> bool:
        """Holds until the next await."""
        try:
            self._ground.admission.require(running.request, machine)
        except BridgeError as refusal:
            if refusal.code == "BRIDGE_STOPPING":
                raise
            return False
        return not running.stop_asked.is_set()

    async def _give_up(self, running: Running, machine: Machine) -> Outcome:
        """It is not sent again; what it did when it was sent is in doubt."""
        outcome = await self._end_open(running.request.id, machine)
        finish(running, outcome)
        return outcome

    async def _end_open(self, command_id: str, machine: Machine | None) -> Outcome:
        entries, told = self._ground.journal.read_command(command_id), await probe_machine(machine)
        workcell, prediction = self._ground.live.workcell, None
        if machine is not None and not machine.is_ready and workcell is not None:
            prediction = await predict(workcell.spec, machine.name, self._ground.memory.entries)
        return self._answers.close_as_uncertain(command_id, entries, told, prediction)


def find_class(machine: Machine, method: str) -> str | None:
    return REPEATABLE_METHODS.get(machine.spec["frontend"], {}).get(method)


def may_repeat(machine: Machine | None, command: CommandIdentity, entries: list[Entry]) -> bool:
    """A machine that the bridge may not connect by itself is not there yet, so nothing is sent to it again."""
    times_sent = sum(1 for entry in entries if entry.kind == "SENT" and entry.body["step"] == 1)
    return machine is not None and machine.is_ready and find_class(machine, command["method"]) is not None and times_sent <= REPEATS_LIMIT


async def wait_until_asked_again(running: Running) -> bool:
    """False where its stop comes first, or nobody in time."""
    assert running.asked_again is not None
    waits = [asyncio.ensure_future(event.wait()) for event in (running.asked_again, running.stop_asked)]
    try:
        await asyncio.wait(waits, timeout=ASK_AGAIN_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return running.asked_again.is_set() and not running.stop_asked.is_set()


def restore_request(command_id: str, entry: Entry) -> CommandRequest:
    """The request as its SENT tells it."""
    return CommandRequest(command_id, entry.body["command"], entry.body.get("calls"), False)
