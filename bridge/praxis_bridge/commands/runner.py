"""Commands: run, attach, or answer from the journal. The same id never moves anything twice.

The order of rows is the order of safety: SENT is synced before the first backend call leaves, END after the trackers
have committed and before anybody is told. A client that goes away changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ..admission.admission import Admission
from ..doubt.prediction import build_shadow
from ..doubt.sensors import probe_machine
from ..journal import Entry, Journal
from ..journal.memory import Memory, Snapshots
from ..plr.boundary import CommandTrace
from ..plr.state import WorkcellState
from ..plr.workcell import Machine, Workcell
from ..wire.errors import BridgeError, Failure, to_refusal
from ..wire.requests import Asking, CommandRequest
from .late_return import LateDrivers, describe_late
from .outcome import Ends
from .outcome_json import make_unbegun_outcome, stop_failure
from .repeat import is_answered, may_repeat, restore_request, wait_until_asked_again
from .running import Ending, Running, call_driver, read_ending, wait_for_driver

logger = logging.getLogger("praxis.commands")

# A workcell worker has at most 160 commands under way, and what is more waits in Temporal: nobody meets this limit by a wide protocol.
QUEUE_LIMIT_PER_MACHINE = 256


class CommandRunner:
    """Owns the commands under way."""

    def __init__(self, journal: Journal, memory: Memory, admission: Admission) -> None:
        self._journal = journal
        self._memory = memory
        self._admission = admission
        self._snapshots = Snapshots(journal, memory)
        self._ends = Ends(journal, admission)
        self._late = LateDrivers(journal)
        self._running: dict[str, Running] = {}
        self._workcell: Workcell | None = None
        self._state: WorkcellState | None = None

    @property
    def running_ids(self) -> list[str]:
        return list(self._running)

    def use_workcell(self, workcell: Workcell, state: WorkcellState) -> None:
        self._workcell, self._state = workcell, state
        self._ends.use_workcell(workcell, state)

    async def run(self, request: CommandRequest) -> dict[str, Any]:
        """The outcome, once END is on disk."""
        running = self._attach(request)
        if running is None:
            outcome = self._find_outcome(request)
            if outcome is not None:
                return outcome
            running = self._begin(request, joins=False)
            running.driving = asyncio.get_running_loop().create_task(self._drive(running))
        return await asyncio.shield(running.ended)

    async def run_joined(self, request: CommandRequest) -> tuple[dict[str, Any], asyncio.Future[dict[str, Any]] | None]:
        """The outcome as soon as the machine is free, and what ends when END is on disk, where it was not there before.

        Runs in the task of the caller, which must not be cancelled.
        """
        running = self._attach(request)
        if running is not None:
            return await asyncio.shield(running.ended), None
        outcome = self._find_outcome(request)
        if outcome is not None:
            return outcome, None
        running = self._begin(request, joins=True)
        outcome = await self._drive(running)
        return (outcome, running.ended) if outcome is not None else (await running.ended, None)

    async def end_stopped(self, request: CommandRequest) -> dict[str, Any]:
        """Ends a command of a stopped block that has not begun; one that has keeps its own outcome."""
        if request.id in self._running:
            return await self.run(request)
        outcome = self._find_outcome(request)
        if outcome is None:
            outcome = make_unbegun_outcome()
            self._journal.append([Entry("END", request.id, {"outcome": outcome, "delta": {}, **request.body()}, outcome["endedAtMs"])])
        return outcome

    def find_running(self, command_id: str) -> Running | None:
        return self._running.get(command_id) or self._late.find(command_id)

    def list_running(self) -> list[Running]:
        """From any thread, as it is at this moment. With the drivers that still run although their command has ended."""
        return [*self._running.values(), *self._late.list()]

    async def give_up(self, command_id: str) -> None:
        """A person has said what the command did: its driver may do nothing more, where it still runs."""
        await self._late.give_up(command_id)

    def list_executing(self, run_id: str) -> list[str]:
        return [id for id, running in self._running.items() if running.is_executing and running.request.run_id == run_id]

    def doubt_unheard_of(self, requests: list[CommandRequest]) -> None:
        """Of what may have been sent under a lost journal, nobody knows how far it came: all of it is in doubt, and the first holds the machine."""
        guard = self._admission.guard
        doubted = [each for each in requests if each.asking is not None and guard.may_have_sent(each.asking)]
        unheard_of = [each for each in doubted if each.id not in self._running and not self._journal.read_command(each.id)]
        if unheard_of:
            guard.require_known()
            self._journal.append([self._ends.close_unheard_of(each) for each in reversed(unheard_of)])

    def read_status(self, asking: Asking) -> dict[str, Any]:
        running = self._running.get(asking.command_id)
        if running is not None:
            return {"phase": "accepted" if running.trace.began_at_ms is None else "sent", "outcome": None}
        entries = self._journal.read_command(asking.command_id)
        if not entries:
            self._admission.guard.require_known()
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        may_be_sent = bool(entries) or self._admission.guard.is_doubted(asking)
        phase = "ended" if ended is not None else "sent" if may_be_sent else "never-seen"
        return {"phase": phase, "outcome": None if ended is None else ended.body["outcome"]}

    def require_uncertain(self, command_id: str) -> dict[str, Any]:
        """The identity of a command whose outcome is uncertain."""
        if command_id in self._running:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is running.")
        entries = self._journal.read_command(command_id)
        if not entries:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} was never seen.")
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        outcome = self._ends.close_as_uncertain(command_id, entries) if ended is None else ended.body["outcome"]
        if outcome["status"] != "uncertain":
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is {outcome['status']}, not uncertain.")
        return dict(next(entry.body["command"] for entry in entries if "command" in entry.body))

    def require_idle(self, machine: str | None = None) -> None:
        """A driver that still runs after its command's deadline is not idle either, nor one whose late return is being noted."""
        unsettled = [*self.list_running(), *self._late.list_settling()]
        busy = [running.request.id for running in unsettled if machine in (None, running.request.machine)]
        if busy:
            raise BridgeError("MACHINE_BUSY", f"The command {busy[0]} is running; try again when it has ended.")

    def require_untouched(self, touching: Running | None) -> None:
        """A command under way that `find_touching` has found."""
        if touching is not None:
            raise BridgeError("MACHINE_BUSY", f"The command {touching.request.id} is running; try again when it has ended.")

    async def wait_until_idle(self, deadline_ms: int) -> bool:
        ends = [running.ended for running in self._running.values()]
        if ends:
            await asyncio.wait(ends, timeout=deadline_ms / 1000)
        return not self._running

    async def settle_open_commands(self) -> None:
        """At the start: what was sent and has no end is sent again where it may be, else it is uncertain."""
        for command_id in list(self._memory.open):
            entries = self._journal.read_command(command_id)
            command = entries[0].body["command"]
            machine = self._find_machine(command["machine"])
            if machine is not None and may_repeat(machine, command, entries):
                self._await_repeat(restore_request(command_id, entries[0]), machine)
            else:
                await self._end_open(command_id, machine)

    def _await_repeat(self, request: CommandRequest, machine: Machine) -> None:
        """It has its machine before anybody else, and waits there until it is asked for again."""
        ended: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        running = Running(request, CommandTrace(self._journal, request.id, request.body()), ended, joins=False, asked_again=asyncio.Event())
        self._running[request.id] = running
        ended.add_done_callback(lambda _: self._forget(running))
        running.driving = asyncio.get_running_loop().create_task(self._drive(running))

    async def _prepare_repeat(self, running: Running, machine: Machine) -> bool:
        """False where nobody asks for it any more, where its stop was asked for, or where the machine does not answer its sensors."""
        if not await wait_until_asked_again(running) or not self._may_begin_again(running, machine):
            return False
        told = await probe_machine(machine)
        running.trace.repeat = {"sensors": told["sensors"]}
        # Who asked has had time to stop it, and others to hold its run.
        return self._may_begin_again(running, machine) and is_answered(machine, running.request.method, told)

    def _may_begin_again(self, running: Running, machine: Machine) -> bool:
        """Holds until the next await."""
        try:
            self._admission.require(running.request, machine)
        except BridgeError as refusal:
            if refusal.code == "BRIDGE_STOPPING":
                raise
            return False
        return not running.stop_asked.is_set()

    async def _end_repeat(self, running: Running, machine: Machine) -> dict[str, Any]:
        """It is not sent again; what it did when it was sent is in doubt."""
        outcome = await self._end_open(running.request.id, machine)
        self._ends.finish(running, outcome)
        return outcome

    async def _end_open(self, command_id: str, machine: Machine | None) -> dict[str, Any]:
        entries, told, shadow = self._journal.read_command(command_id), await probe_machine(machine), None
        if machine is not None and not machine.is_ready and self._workcell is not None:
            shadow = await build_shadow(self._workcell.spec, machine.name, self._memory.entries)
        return self._ends.close_as_uncertain(command_id, entries, told, shadow)

    def _attach(self, request: CommandRequest) -> Running | None:
        running = self._running.get(request.id)
        if running is not None:
            self._require_same_payload(request, running.request.payload_hash)
            if running.asked_again is not None and not running.asked_again.is_set():
                running.request = request
                running.asked_again.set()
        return running

    def _find_outcome(self, request: CommandRequest) -> dict[str, Any] | None:
        self.doubt_unheard_of([request])
        entries = self._journal.read_command(request.id)
        if not entries:
            return None
        payload_hash = next((entry.body["payloadHash"] for entry in entries if "payloadHash" in entry.body), None)
        self._require_same_payload(request, payload_hash)
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        return self._ends.close_as_uncertain(request.id, entries) if ended is None else dict(ended.body["outcome"])

    def _require_same_payload(self, request: CommandRequest, payload_hash: str | None) -> None:
        if payload_hash != request.payload_hash:
            raise BridgeError("DUPLICATE_COMMAND", f"The command id {request.id} was used before with another payload.")

    def _begin(self, request: CommandRequest, joins: bool) -> Running:
        self._admission.require(request, self._find_machine(request.machine))
        waiting = sum(1 for running in self._running.values() if running.request.machine == request.machine)
        if waiting > QUEUE_LIMIT_PER_MACHINE:
            raise BridgeError("MACHINE_BUSY", f"{QUEUE_LIMIT_PER_MACHINE} commands wait for {request.machine} already.")
        self._admission.note_fence(request.machine, request.fence)
        ended: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        running = Running(request, CommandTrace(self._journal, request.id, request.body()), ended, joins)
        self._running[request.id] = running
        ended.add_done_callback(lambda _: self._forget(running))
        return running

    async def _drive(self, running: Running) -> dict[str, Any] | None:
        """None where there is no outcome: refused at its turn, or END could not be written. `ended` then says why."""
        try:
            return await self._run_in_turn(running)
        except BaseException as error:
            if not isinstance(error, BridgeError):
                logger.error("command %s ended without an outcome", running.request.id, exc_info=error)
                error = to_refusal(error, f"{running.request.id} has no outcome")
            if not running.ended.done():
                running.ended.set_exception(error)
            return None

    async def _run_in_turn(self, running: Running) -> dict[str, Any]:
        request = running.request
        machine = self._find_machine(request.machine)
        if machine is None:
            error = {"code": "UNKNOWN_MACHINE", "message": f"The workcell has no machine {request.machine!r}."}
            return self._ends.end(running, Ending(Failure("failed", error), None), {})
        if not await machine.turn.take(running.stop_asked):
            if running.asked_again is not None:
                return await self._end_repeat(running, machine)
            return self._ends.end(running, Ending(stop_failure(), None), {})
        try:
            if running.asked_again is not None and not await self._prepare_repeat(running, machine):
                return await self._end_repeat(running, machine)
            self._admission.require(running.request, machine)
            running.is_executing = True
            return await self._execute(running, machine)
        finally:
            machine.turn.release()

    async def _execute(self, running: Running, machine: Machine) -> dict[str, Any]:
        assert self._workcell is not None
        request, trace = running.request, running.trace
        running.task = asyncio.get_running_loop().create_task(call_driver(running, machine, self._workcell))
        is_late = not await wait_for_driver(running.task, request.deadline_s)
        ending = Ending(describe_late(request, trace), None) if is_late else read_ending(running)
        if ending.refusal is not None:
            if self._state is not None:
                self._state.roll_back(request.machine)
            raise ending.refusal
        told: dict[str, Any] = {}
        if is_late:
            trace.is_late, told = True, {"sensors": {}, "notAsked": "its driver still runs"}
            if self._state is not None:
                self._late.keep(running, machine, self._state)
        elif ending.failure is not None and ending.failure.status == "uncertain":
            told = await probe_machine(machine)
        return self._ends.end(running, ending, told)

    def _find_machine(self, name: str) -> Machine | None:
        return None if self._workcell is None else self._workcell.machines.get(name)

    def _forget(self, running: Running) -> None:
        running.ended.exception()  # Read, so that asyncio does not report an error whose client has gone.
        self._running.pop(running.request.id, None)
        self._snapshots.note_if_due()
