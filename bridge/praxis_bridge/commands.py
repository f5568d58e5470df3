"""Commands: run, attach, or answer from the journal. The same id never moves anything twice.

The order of rows is the order of safety: SENT is synced before the first backend call leaves, END after the trackers
have committed and before anybody is told. A client that goes away changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from . import fault
from .boundary import CommandTrace, current_trace
from .codec import decode_arguments, encode_value
from .errors import BridgeError, CommandError, Failure, classify_failure, describe
from .journal import Entry, Journal, read_clock_ms
from .jsontext import dump_json
from .requests import CommandRequest
from .state import WorkcellState
from .workcell import Machine, Workcell

logger = logging.getLogger("praxis.commands")

QUEUE_LIMIT_PER_MACHINE = 64
# A larger result stays out of the journal and off the wire; the command has ended all the same.
RESULT_LIMIT_BYTES = 2 * 1024 * 1024


@dataclass
class Running:
    request: CommandRequest
    task: asyncio.Task[dict[str, Any]]
    trace: CommandTrace


class CommandRunner:
    """Owns the commands under way and what is remembered per machine: highest fence, quarantine."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._running: dict[str, Running] = {}
        self._fences = journal.read_highest_fences()
        self._quarantined = read_quarantines(journal)
        self._workcell: Workcell | None = None
        self._state: WorkcellState | None = None
        self.is_stopping = False

    @property
    def running_ids(self) -> list[str]:
        return list(self._running)

    def use_workcell(self, workcell: Workcell, state: WorkcellState) -> None:
        self._workcell, self._state = workcell, state

    async def run(self, request: CommandRequest) -> dict[str, Any]:
        running = self._running.get(request.id)
        if running is not None:
            self._require_same_payload(request, running.request.payload_hash)
            return await asyncio.shield(running.task)
        outcome = self._find_outcome(request)
        if outcome is not None:
            return outcome
        self._require_admission(request)
        self._fences[request.machine] = max(request.fence, self._fences.get(request.machine, 0))
        trace = CommandTrace(self._journal, request.id, request.body())
        task = asyncio.get_running_loop().create_task(self._run_in_turn(request, trace))
        self._running[request.id] = Running(request, task, trace)
        task.add_done_callback(lambda done: self._forget(request.id, done))
        return await asyncio.shield(task)

    def read_status(self, command_id: str) -> dict[str, Any]:
        running = self._running.get(command_id)
        if running is not None:
            return {"phase": "accepted" if running.trace.began_at_ms is None else "sent", "outcome": None}
        entries = self._journal.read_command(command_id)
        ended = next((entry for entry in entries if entry.kind == "END"), None)
        if ended is not None:
            return {"phase": "ended", "outcome": ended.body["outcome"]}
        return {"phase": "sent" if any(entry.kind == "SENT" for entry in entries) else "never-seen", "outcome": None}

    def release_machine(self, name: str, note: str) -> bool:
        """An operator has looked at the machine; it takes commands again."""
        machine = self._find_machine(name)
        if name not in self._quarantined and (machine is None or machine.look_because is None):
            return False
        body = {"machine": name, "note": note, "commandId": self._quarantined.get(name)}
        self._journal.append([Entry("RELEASE", None, body, read_clock_ms())])
        self._quarantined.pop(name, None)
        if machine is not None:
            machine.look_because = None
        return True

    def require_fence(self, machine: str, fence: int) -> None:
        highest = self._fences.get(machine, 0)
        if fence < highest:
            raise BridgeError("STALE_FENCE", f"{machine} has seen fence {highest}; fence {fence} is superseded.")

    def note_fence(self, machine: str, fence: int) -> None:
        self._fences[machine] = max(fence, self._fences.get(machine, 0))

    def require_idle(self, machine: str | None = None) -> None:
        busy = [id for id, running in self._running.items() if machine is None or running.request.machine == machine]
        if busy:
            raise BridgeError("MACHINE_BUSY", f"The command {busy[0]} is running; try again when it has ended.")

    async def wait_until_idle(self, deadline_ms: int) -> bool:
        tasks = [running.task for running in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=deadline_ms / 1000)
        return not self._running

    def close_open_commands(self) -> None:
        """At the start: what was sent and has no end is uncertain. Read-only commands were never written as sent."""
        for command_id in self._journal.read_open_commands():
            self._close_as_uncertain(command_id, self._journal.read_command(command_id))

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

    def _require_admission(self, request: CommandRequest) -> None:
        """Asked when a command comes and again when its turn comes: what ran before it may have changed the answer."""
        if self.is_stopping:
            raise BridgeError("BRIDGE_STOPPING", "The bridge is stopping and takes no new command.")
        self.require_fence(request.machine, request.fence)
        uncertain_id = self._quarantined.get(request.machine)
        if uncertain_id is not None:
            why = f"{request.machine} is held: nobody knows whether the command {uncertain_id} moved."
            raise BridgeError("MACHINE_NOT_READY", f"{why} Look at the machine, then release it.")
        machine = self._find_machine(request.machine)
        if machine is not None and not machine.is_ready:
            raise BridgeError("MACHINE_NOT_READY", f"{request.machine} is not ready: {machine.not_ready_because}.")
        if machine is not None and machine.look_because is not None:
            raise BridgeError("MACHINE_NOT_READY", f"{request.machine} is held: {machine.look_because}. Look, then release it.")
        waiting = sum(1 for running in self._running.values() if running.request.machine == request.machine)
        if waiting > QUEUE_LIMIT_PER_MACHINE:
            raise BridgeError("MACHINE_BUSY", f"{QUEUE_LIMIT_PER_MACHINE} commands wait for {request.machine} already.")

    async def _run_in_turn(self, request: CommandRequest, trace: CommandTrace) -> dict[str, Any]:
        machine = self._find_machine(request.machine)
        if machine is None:
            error = CommandError("UNKNOWN_MACHINE", f"The workcell has no machine {request.machine!r}.")
            return self._end(request, trace, Failure("failed", {"code": error.code, "message": str(error)}), None)
        async with machine.lock:
            self._require_admission(request)
            return await self._execute(request, trace, machine)

    async def _execute(self, request: CommandRequest, trace: CommandTrace, machine: Machine) -> dict[str, Any]:
        token = current_trace.set(trace)
        failure: Failure | None = None
        result: Any = None
        try:
            result = limit_result(encode_value(await self._call_method(request, machine)))
        except BaseException as error:  # A driver may raise anything, SystemExit included; the command must have an end.
            if not isinstance(error, CommandError):
                logger.warning("%s of %s raised", request.method, request.id, exc_info=True)
            failure = classify_failure(error, trace.read_progress())
        finally:
            current_trace.reset(token)
        return self._end(request, trace, failure, result)

    async def _call_method(self, request: CommandRequest, machine: Machine) -> Any:
        plan = machine.methods.get(request.method)
        if plan is None:
            raise CommandError("UNKNOWN_METHOD", f"{machine.spec['frontend']} has no command {request.method!r}.")
        assert self._workcell is not None
        arguments = decode_arguments(plan.hints, plan.required, request.identity["arguments"], self._workcell.find)
        return await plan.call(**arguments)

    def _end(self, request: CommandRequest, trace: CommandTrace, failure: Failure | None, result: Any) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        try:
            if self._state is not None:
                if failure is not None:
                    self._state.roll_back()
                delta = self._state.read_delta()
        except BaseException as error:  # Without its state the machine can't be trusted with the next command.
            logger.exception("the state after %s can't be read", request.id)
            failure = Failure("uncertain", {"code": "UNCERTAIN", "message": f"The state can't be read: {describe(error)}"})
        outcome = {
            "status": "completed" if failure is None else failure.status,
            "result": result if failure is None else None,
            "error": None if failure is None else failure.error,
            "beganAtMs": trace.began_at_ms,
            "endedAtMs": read_clock_ms(),
            "sends": trace.sends,
        }
        identity = request.body() if trace.began_at_ms is None else {}
        self._write_end(request, trace, {"outcome": outcome, "delta": delta, **identity})
        return outcome

    def _write_end(self, request: CommandRequest, trace: CommandTrace, body: dict[str, Any]) -> None:
        if body["outcome"]["status"] == "uncertain":
            self._quarantined[request.machine] = request.id
        fault.at("before-end")
        try:
            trace.write([Entry("END", request.id, body, body["outcome"]["endedAtMs"])])
        except Exception as error:
            # The motion is over but nobody may rely on it; the next start finds SENT without END.
            if trace.began_at_ms is not None:
                self._quarantined[request.machine] = request.id
            raise BridgeError("INTERNAL", f"The end of {request.id} can't be written to the journal: {describe(error)}") from error
        if self._state is not None:
            self._state.accept(body["delta"])
        fault.at("after-end")

    def _close_as_uncertain(self, command_id: str, entries: list[Entry]) -> dict[str, Any]:
        sent = next(entry for entry in entries if entry.kind == "SENT")
        steps_sent = sum(1 for entry in entries if entry.kind == "SENT")
        steps_ended = sum(1 for entry in entries if entry.kind == "STEP_END")
        known = f"The bridge ended after step {steps_sent} was sent; {steps_ended} of {steps_sent} are known to have ended."
        outcome = {
            "status": "uncertain",
            "result": None,
            "error": {"code": "UNCERTAIN", "message": known},
            "beganAtMs": sent.at_ms,
            "endedAtMs": read_clock_ms(),
            "sends": steps_sent,
        }
        self._journal.append([Entry("END", command_id, {"outcome": outcome, "delta": {}}, outcome["endedAtMs"])])
        self._quarantined[str(sent.body["command"]["machine"])] = command_id
        return outcome

    def _find_machine(self, name: str) -> Machine | None:
        return None if self._workcell is None else self._workcell.machines.get(name)

    def _forget(self, command_id: str, done: asyncio.Task[dict[str, Any]]) -> None:
        self._running.pop(command_id, None)
        if not done.cancelled() and done.exception() is not None and not isinstance(done.exception(), BridgeError):
            logger.error("command %s ended without an outcome", command_id, exc_info=done.exception())


def read_quarantines(journal: Journal) -> dict[str, str]:
    """Machines whose last uncertain command nobody has looked at yet, with the id of that command."""
    machines: dict[str, str] = {}
    held: dict[str, str] = {}
    for entry in journal.read_kinds_after(("SENT", "END", "RELEASE"), 0):
        if entry.kind == "RELEASE":
            held.pop(entry.body["machine"], None)
        elif entry.kind == "SENT" and entry.key is not None:
            machines[entry.key] = entry.body["command"]["machine"]
        elif entry.key is not None:
            machine = machines.pop(entry.key, None) or entry.body.get("command", {}).get("machine")
            if machine is not None and entry.body["outcome"]["status"] == "uncertain":
                held[machine] = entry.key
    return held


def limit_result(result: Any) -> Any:
    size_bytes = len(dump_json(result))
    if size_bytes <= RESULT_LIMIT_BYTES:
        return result
    return {"$unencodable": type(result).__name__, "because": f"{size_bytes} bytes are more than {RESULT_LIMIT_BYTES}"}
