"""Commands: run, attach, or answer from the journal. The same id never moves anything twice.

The order of rows is the order of safety: SENT is synced before the first backend call leaves, END after the trackers
have committed and before anybody is told. A client that goes away changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from . import fault
from .admission import Admission
from .boundary import CommandTrace, current_trace
from .codec import decode_arguments, encode_value
from .drivers.method_plans import explain_refusal
from .errors import BridgeError, CommandError, CommandStopped, Failure, classify_failure, describe
from .journal import Entry, Journal, read_clock_ms
from .memory import Memory, Snapshots
from .outcomes import limit_result, make_outcome, make_unbegun_outcome, make_uncertain_outcome, stop_failure
from .requests import CommandRequest
from .running import Running
from .state import WorkcellState
from .stop_all import is_refusal
from .turns import take_turn
from .workcell import Machine, Workcell

logger = logging.getLogger("praxis.commands")

QUEUE_LIMIT_PER_MACHINE = 64
STOPPED_MIDWAY = "The command was stopped before its next step."


class CommandRunner:
    """Owns the commands under way."""

    def __init__(self, journal: Journal, memory: Memory, admission: Admission) -> None:
        self._journal = journal
        self._memory = memory
        self._admission = admission
        self._snapshots = Snapshots(journal, memory)
        self._running: dict[str, Running] = {}
        self._workcell: Workcell | None = None
        self._state: WorkcellState | None = None

    @property
    def running_ids(self) -> list[str]:
        return list(self._running)

    def use_workcell(self, workcell: Workcell, state: WorkcellState) -> None:
        self._workcell, self._state = workcell, state

    async def run(self, request: CommandRequest) -> dict[str, Any]:
        """The outcome, once END is on disk."""
        running = self._attach(request)
        if running is None:
            outcome = self._find_outcome(request)
            if outcome is not None:
                return outcome
            running = self._begin(request, joins=False)
            running.task = asyncio.get_running_loop().create_task(self._drive(running))
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
        running.task = asyncio.current_task()
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
        return self._running.get(command_id)

    def list_running(self) -> list[Running]:
        """From any thread, as it is at this moment."""
        return list(self._running.values())

    def list_executing(self, run_id: str) -> list[str]:
        return [id for id, running in self._running.items() if running.is_executing and running.request.run_id == run_id]

    def read_status(self, command_id: str) -> dict[str, Any]:
        running = self._running.get(command_id)
        if running is not None:
            return {"phase": "accepted" if running.trace.began_at_ms is None else "sent", "outcome": None}
        entries = self._journal.read_command(command_id)
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        phase = "ended" if ended is not None else "sent" if entries else "never-seen"
        return {"phase": phase, "outcome": None if ended is None else ended.body["outcome"]}

    def require_uncertain(self, command_id: str) -> dict[str, Any]:
        """The identity of a command whose outcome is uncertain."""
        if command_id in self._running:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is running.")
        entries = self._journal.read_command(command_id)
        if not entries:
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} was never seen.")
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        outcome = self._close_as_uncertain(command_id, entries) if ended is None else ended.body["outcome"]
        if outcome["status"] != "uncertain":
            raise BridgeError("NOT_UNCERTAIN", f"{command_id} is {outcome['status']}, not uncertain.")
        return dict(next(entry.body["command"] for entry in entries if "command" in entry.body))

    def require_idle(self, machine: str | None = None) -> None:
        busy = [id for id, running in self._running.items() if machine is None or running.request.machine == machine]
        if busy:
            raise BridgeError("MACHINE_BUSY", f"The command {busy[0]} is running; try again when it has ended.")

    async def wait_until_idle(self, deadline_ms: int) -> bool:
        ends = [running.ended for running in self._running.values()]
        if ends:
            await asyncio.wait(ends, timeout=deadline_ms / 1000)
        return not self._running

    def close_open_commands(self) -> None:
        """At the start: what was sent and has no end is uncertain. Read-only commands were never written as sent."""
        for command_id in list(self._memory.open):
            self._close_as_uncertain(command_id, self._journal.read_command(command_id))

    def _attach(self, request: CommandRequest) -> Running | None:
        running = self._running.get(request.id)
        if running is not None:
            self._require_same_payload(request, running.request.payload_hash)
        return running

    def _find_outcome(self, request: CommandRequest) -> dict[str, Any] | None:
        entries = self._journal.read_command(request.id)
        if not entries:
            return None
        payload_hash = next((entry.body["payloadHash"] for entry in entries if "payloadHash" in entry.body), None)
        self._require_same_payload(request, payload_hash)
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        return self._close_as_uncertain(request.id, entries) if ended is None else dict(ended.body["outcome"])

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
                error = BridgeError("INTERNAL", describe(error))
            if not running.ended.done():
                running.ended.set_exception(error)
            return None

    async def _run_in_turn(self, running: Running) -> dict[str, Any]:
        request = running.request
        machine = self._find_machine(request.machine)
        if machine is None:
            error = {"code": "UNKNOWN_MACHINE", "message": f"The workcell has no machine {request.machine!r}."}
            return self._end(running, Failure("failed", error), None)
        if not await take_turn(machine.lock, running.stop_asked):
            return self._end(running, stop_failure(), None)
        try:
            self._admission.require(request, machine)
            running.is_executing = True
            return await self._execute(running, machine)
        finally:
            machine.lock.release()

    async def _execute(self, running: Running, machine: Machine) -> dict[str, Any]:
        request, trace = running.request, running.trace
        token = current_trace.set(trace)
        failure: Failure | None = None
        result: Any = None
        try:
            result = limit_result(encode_value(await self._call_method(request, machine)))
        except CommandStopped:
            failure = stop_failure(STOPPED_MIDWAY)
        except BaseException as error:  # A driver may raise anything, SystemExit included; the command must have an end.
            if is_refusal(error) and trace.began_at_ms is None:
                if self._state is not None:
                    self._state.roll_back(request.machine)
                raise
            if not isinstance(error, CommandError):
                logger.warning("%s of %s raised", request.method, request.id, exc_info=True)
            failure = stop_failure(STOPPED_MIDWAY) if is_refusal(error) else classify_failure(error, trace.read_progress())
        finally:
            current_trace.reset(token)
        return self._end(running, failure, result)

    async def _call_method(self, request: CommandRequest, machine: Machine) -> Any:
        plan = machine.methods.get(request.method)
        if plan is None:
            raise CommandError("UNKNOWN_METHOD", explain_refusal(machine.spec["frontend"], type(machine.frontend), request.method))
        assert self._workcell is not None
        arguments = decode_arguments(plan.hints, plan.required, request.identity["arguments"], self._workcell.find)
        return await plan.call(**arguments)

    def _end(self, running: Running, failure: Failure | None, result: Any) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        try:
            if self._state is not None and running.is_executing:
                if failure is not None:
                    self._state.roll_back(running.request.machine)
                delta = self._state.read_delta(running.request.machine)
        except BaseException as error:  # Without its state the machine can't be trusted with the next command.
            logger.exception("the state after %s can't be read", running.request.id)
            failure = Failure("uncertain", {"code": "UNCERTAIN", "message": f"The state can't be read: {describe(error)}"})
        outcome = make_outcome(running.trace, failure, result, running.was_stopped)
        identity = running.request.body() if running.trace.began_at_ms is None else {}
        self._write_end(running, {"outcome": outcome, "delta": delta, **identity})
        return outcome

    def _write_end(self, running: Running, body: dict[str, Any]) -> None:
        entry = Entry("END", running.request.id, body, body["outcome"]["endedAtMs"])
        known = {} if self._state is None else self._state.entries
        before = {name: known[name] for name in body["delta"] if name in known}
        fault.at("before-end")
        try:
            if running.joins and body["outcome"]["status"] == "completed":
                written = running.trace.write_soon([entry])
            else:
                running.trace.write([entry])
                written = None
        except Exception as error:
            raise self._lose_end(running, before, error) from error
        if self._state is not None:
            self._state.accept(body["delta"])
        if written is None:
            self._finish(running, body["outcome"])
        else:
            written.add_done_callback(lambda done: self._finish_joined(running, (body["outcome"], before), done.exception()))

    def _finish_joined(self, running: Running, ended: tuple[dict[str, Any], dict[str, Any]], error: BaseException | None) -> None:
        outcome, before = ended
        if error is None:
            self._finish(running, outcome)
        elif not running.ended.done():
            running.ended.set_exception(self._lose_end(running, before, error))

    def _lose_end(self, running: Running, before: dict[str, Any], error: BaseException) -> BridgeError:
        """The motion is over but nobody may rely on it; whoever asks next finds SENT without END, and the state before it."""
        if running.trace.began_at_ms is not None:
            self._admission.quarantine(running.request)
        if self._state is not None and before:
            self._state.put_back(before)
        return BridgeError("INTERNAL", f"The end of {running.request.id} can't be written to the journal: {describe(error)}")

    def _finish(self, running: Running, outcome: dict[str, Any]) -> None:
        fault.at("after-end")
        if not running.ended.done():
            running.ended.set_result(outcome)

    def _close_as_uncertain(self, command_id: str, entries: list[Entry]) -> dict[str, Any]:
        outcome = make_uncertain_outcome(entries)
        self._journal.append([Entry("END", command_id, {"outcome": outcome, "delta": {}}, outcome["endedAtMs"])])
        return outcome

    def _find_machine(self, name: str) -> Machine | None:
        return None if self._workcell is None else self._workcell.machines.get(name)

    def _forget(self, running: Running) -> None:
        running.ended.exception()  # Read, so that asyncio does not report an error whose client has gone.
        self._running.pop(running.request.id, None)
        self._snapshots.note_if_due()
