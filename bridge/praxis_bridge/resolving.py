"""A person states what an uncertain command did; trackers and machine follow. Once per request, all of it or nothing.

`done`: the front end runs once more with a backend that does nothing, so that its trackers say what the command would
have made true. `not-done`: nothing changes. `partly`: only the corrections count. Corrections follow in every case.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from .boundary import current_trace, is_replaying
from .codec import decode_arguments
from .commands import CommandRunner
from .corrections import apply_corrections, list_corrected_machines
from .errors import BridgeError, describe
from .journal import Entry, Journal, read_clock_ms
from .requests import CORRECTIONS_LIMIT, read_choice, read_note, read_objects, read_text
from .state import WorkcellState
from .workcell import Machine, Workcell

logger = logging.getLogger("praxis.resolving")

HAPPENED = ("done", "not-done", "partly")
# A front end that sleeps once its backend has answered has told its trackers all by then.
REPLAY_LIMIT_S = 2.0


@dataclass(frozen=True)
class Statement:
    request_id: str
    command_id: str
    happened: str
    corrections: list[dict[str, Any]]
    by: str
    note: str


@dataclass(frozen=True)
class Case:
    """A statement with what it is about."""

    statement: Statement
    command: dict[str, Any]
    workcell: Workcell
    state: WorkcellState

    def find_machine(self) -> Machine | None:
        return self.workcell.machines.get(self.command["machine"])

    def list_machines(self) -> list[str]:
        """The machine of the command first, then those that corrections name."""
        named = [self.command["machine"], *list_corrected_machines(self.statement.corrections)]
        return [name for name in dict.fromkeys(named) if name in self.workcell.machines]


def parse_statement(params: dict[str, Any]) -> Statement:
    statement = Statement(
        read_text(params, "requestId"),
        read_text(params, "id"),
        read_choice(params, "happened", HAPPENED),
        read_objects(params, "corrections", CORRECTIONS_LIMIT),
        read_text(params, "by"),
        read_note(params, "note"),
    )
    if statement.happened == "partly" and not statement.corrections:
        raise BridgeError("BAD_STATEMENT", "A command that was partly done needs at least one correction: what is true now.")
    return statement


class Resolver:
    """Resolves one command after the other."""

    def __init__(self, journal: Journal, commands: CommandRunner) -> None:
        self._journal = journal
        self._commands = commands
        # Also taken by whoever changes the workcell, which must not happen beneath a statement.
        self.turn = asyncio.Lock()

    async def resolve(self, statement: Statement, workcell: Workcell | None, state: WorkcellState | None) -> dict[str, Any]:
        """The delta of the state. The fences stay as they are."""
        async with self.turn:
            stored = self._journal.read_last("RESOLVE", statement.command_id)
            if stored is not None:
                return _repeat(stored, statement)
            command = self._commands.require_uncertain(statement.command_id)
            self._commands.require_idle(command["machine"])
            if workcell is None or state is None:
                return self._write_without_workcell(statement)
            return await self._change(Case(statement, command, workcell, state))

    async def _change(self, case: Case) -> dict[str, Any]:
        try:
            if case.statement.happened == "done":
                await _replay(case)
            apply_corrections(case.statement.corrections, case.workcell, case.state)
            delta = _read_delta(case)
            self._write(case.statement, delta)
        except BaseException:
            _undo(case)
            raise
        case.state.accept(delta)
        machine = case.find_machine()
        if machine is not None:
            machine.look_because = None
        return delta

    def _write_without_workcell(self, statement: Statement) -> dict[str, Any]:
        if statement.happened != "not-done" or statement.corrections:
            raise BridgeError("BAD_STATEMENT", "The bridge has no workcell, so nothing of its state can be stated.")
        self._write(statement, {})
        return {}

    def _write(self, statement: Statement, delta: dict[str, Any]) -> None:
        body = {
            "requestId": statement.request_id,
            "commandId": statement.command_id,
            "happened": statement.happened,
            "corrections": statement.corrections,
            "by": statement.by,
            "note": statement.note,
            "delta": delta,
        }
        self._journal.append([Entry("RESOLVE", statement.command_id, body, read_clock_ms())])


def _repeat(stored: Entry, statement: Statement) -> dict[str, Any]:
    if stored.body["requestId"] == statement.request_id:
        return dict(stored.body["delta"])
    raise BridgeError("NOT_UNCERTAIN", f"{statement.command_id} was resolved before, by {stored.body['by']}.")


async def _replay(case: Case) -> None:
    """Runs the front end over a backend that does nothing. Where it refuses, corrections may say all instead."""
    try:
        await _run_front_end(case)
    except Exception as error:
        _undo(case)
        if case.statement.corrections:
            logger.info("%s can't be replayed; its corrections count alone: %s", case.statement.command_id, describe(error))
            return
        why = f"{case.command['method']} can't have been done as the deck stands: {describe(error)}"
        raise BridgeError("BAD_STATEMENT", f"{why}. State with corrections what is true now.") from error


async def _run_front_end(case: Case) -> None:
    machine, method = case.find_machine(), case.command["method"]
    if machine is None or not machine.is_ready:
        raise BridgeError("MACHINE_NOT_READY", f"{case.command['machine']} is not connected")
    plan = machine.methods.get(method)
    if plan is None:
        raise BridgeError("UNKNOWN_METHOD", f"{machine.name} has no command {method!r}")
    arguments = decode_arguments(plan.hints, plan.required, case.command["arguments"], case.workcell.find)
    trace_token, replay_token = current_trace.set(None), is_replaying.set(True)
    try:
        # The task copies the context as it is now; cancelling it stops no instrument, because it drives none.
        replay = asyncio.ensure_future(plan.call(**arguments))
        await asyncio.wait({replay}, timeout=REPLAY_LIMIT_S)
    finally:
        is_replaying.reset(replay_token)
        current_trace.reset(trace_token)
    if not replay.done():
        replay.cancel()
        await asyncio.wait({replay}, timeout=REPLAY_LIMIT_S)
        return
    error = asyncio.CancelledError() if replay.cancelled() else replay.exception()
    if error is not None:
        raise RuntimeError(describe(error)) from error


def _read_delta(case: Case) -> dict[str, Any]:
    delta: dict[str, Any] = {}
    for name in case.list_machines() or [None]:
        delta.update(case.state.read_delta(name))
    return delta


def _undo(case: Case) -> None:
    """Puts back what the statement has changed. Changes that another machine made meanwhile stay new for its own row."""
    state = case.state
    for name in case.list_machines():
        state.roll_back(name)
    state.put_back({name: state.entries[name] for name in _read_delta(case) if name in state.entries})
