"""A person states what an uncertain command did; trackers and machine follow. Once per request, all of it or nothing.

`done`: the front end runs once more with a backend that does nothing, so that its trackers say what the command would
have made true. `not-done`: nothing changes. `partly`: only the corrections count. Corrections follow in every case.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from ..commands.answers import Answers
from ..commands.queue import Turn
from ..commands.under_way import UnderWay
from ..doubt.weigh import settle_intervals
from ..journal import Entry, Journal, read_clock_ms
from ..plr.corrections import apply_corrections, list_corrected_machines
from ..plr.foresee import replay_command
from ..plr.intervals import list_volumes
from ..plr.state import WorkcellState
from ..plr.workcell import Machine, Workcell
from ..wire.errors import BridgeError, CommandError
from ..wire.requests import CORRECTIONS_LIMIT, read_choice, read_note, read_objects, read_text
from ..wire.shapes import CommandIdentity, JsonObject
from .channels import keep_done, parse_channels
from .sums import require_possible_together, settle_entries

logger = logging.getLogger("praxis.resolving")

HAPPENED = ("done", "not-done", "partly")


@dataclass(frozen=True)
class Statement:
    request_id: str
    command_id: str
    happened: str
    corrections: list[JsonObject]
    # Channel → done or not-done; empty where the channels are not told apart.
    channels: dict[int, str]
    by: str
    note: str


@dataclass(frozen=True)
class Case:
    """A statement with what it is about."""

    statement: Statement
    command: CommandIdentity
    workcell: Workcell
    state: WorkcellState

    def find_machine(self) -> Machine | None:
        return self.workcell.machines.get(self.command["machine"])

    def list_machines(self) -> list[str]:
        """The machine of the command first, then those that corrections name."""
        named = [self.command["machine"], *list_corrected_machines(self.statement.corrections)]
        return [name for name in dict.fromkeys(named) if name in self.workcell.machines]


def parse_statement(params: JsonObject) -> Statement:
    statement = Statement(
        read_text(params, "requestId"),
        read_text(params, "id"),
        read_choice(params, "happened", HAPPENED),
        read_objects(params, "corrections", CORRECTIONS_LIMIT),
        parse_channels(params),
        read_text(params, "by"),
        read_note(params, "note"),
    )
    if statement.happened == "partly" and not statement.corrections and not statement.channels:
        raise BridgeError("BAD_STATEMENT", "A command that was partly done needs its channels or a correction: what is true now.")
    if statement.happened != "partly" and statement.channels:
        raise BridgeError(
            "BAD_STATEMENT", f"It can't be {statement.happened} as a whole and channel by channel as well; state it as partly."
        )
    return statement


class Resolver:
    """Resolves one command after the other."""

    def __init__(self, journal: Journal, answers: Answers, under_way: UnderWay) -> None:
        self._journal = journal
        self._answers = answers
        self._under_way = under_way
        # Also taken by whoever changes the workcell, which must not happen beneath a statement.
        self.turn = Turn()

    async def resolve(self, statement: Statement, workcell: Workcell | None, state: WorkcellState | None) -> JsonObject:
        """The delta of the state. The fences stay as they are."""
        await self.turn.take(asyncio.Event())
        try:
            stored = self._journal.read_last("RESOLVE", statement.command_id)
            if stored is not None:
                return _repeat(stored, statement)
            command = self._answers.require_uncertain(statement.command_id)
            await self._under_way.give_up(statement.command_id)
            self._under_way.require_idle(command["machine"])
            if workcell is None or state is None:
                return self._write_without_workcell(statement)
            return self._change(Case(statement, command, workcell, state))
        finally:
            self.turn.release()

    def _change(self, case: Case) -> JsonObject:
        try:
            self._set_aside(case)
            before = self._read_before(case)
            done = _find_done(case)
            if done is not None:
                _replay(case, done)
            self._settle(case)
            apply_corrections(case.statement.corrections, case.workcell, case.state)
            require_possible_together(case.command, case.statement.corrections, before)
            delta = case.state.read_delta_of(case.list_machines())
            self._write(case.statement, delta)
        except BaseException:
            _undo(case)
            raise
        case.state.accept(delta)
        machine = case.find_machine()
        if machine is not None:
            machine.look_because = None
        return delta

    def _set_aside(self, case: Case) -> None:
        """What the front end took as done by its sensors: a statement counts from before the command, unless corrections say
        what is true now, or the machine was used since."""
        ended = self._journal.read_last("END", case.statement.command_id)
        before = {} if ended is None else ended.body.get("before", {})
        is_as_left = ended is not None and all(case.state.entries.get(name) == ended.body["delta"].get(name) for name in before)
        if before and is_as_left and not (case.statement.happened == "partly" and not case.statement.channels):
            case.state.make_new(before)

    def _read_before(self, case: Case) -> dict[str, JsonObject]:
        """What was known before the command: without the intervals that its own doubt has set."""
        entries = {**case.state.entries, **case.state.read_delta_of(case.list_machines())}
        ended = self._journal.read_last("END", case.statement.command_id)
        if ended is None:
            return entries
        own = {
            key for name, entry in ended.body["delta"].items() for key, held in list_volumes(name, entry).items() if "volumeRangeUl" in held
        }
        return settle_entries(entries, own, ended.body.get("rangesBefore", {}))

    def _settle(self, case: Case) -> None:
        ended = self._journal.read_last("END", case.statement.command_id)
        if ended is not None:
            settle_intervals(case.state, ended.body["delta"], ended.body.get("rangesBefore", {}))

    def _write_without_workcell(self, statement: Statement) -> JsonObject:
        if statement.happened != "not-done" or statement.corrections:
            raise BridgeError("BAD_STATEMENT", "The bridge has no workcell, so nothing of its state can be stated.")
        self._write(statement, {})
        return {}

    def _write(self, statement: Statement, delta: JsonObject) -> None:
        body = {
            "requestId": statement.request_id,
            "commandId": statement.command_id,
            "happened": statement.happened,
            "corrections": statement.corrections,
            **({"channels": [{"channel": key, "happened": did} for key, did in statement.channels.items()]} if statement.channels else {}),
            "by": statement.by,
            "note": statement.note,
            "delta": delta,
        }
        self._journal.append([Entry("RESOLVE", statement.command_id, body, read_clock_ms())])


def _repeat(stored: Entry, statement: Statement) -> JsonObject:
    if stored.body["requestId"] == statement.request_id:
        return dict(stored.body["delta"])
    raise BridgeError("NOT_UNCERTAIN", f"{statement.command_id} was resolved before, by {stored.body['by']}.")


def _find_done(case: Case) -> CommandIdentity | None:
    """What of the command was done, as a command; None where nothing was or only corrections say it."""
    if case.statement.channels:
        return keep_done(case.command, case.statement.channels)
    return case.command if case.statement.happened == "done" else None


def _replay(case: Case, done: CommandIdentity) -> None:
    """Where the front end refuses, corrections may say all instead."""
    try:
        machine = case.find_machine()
        if machine is None:
            raise BridgeError("MACHINE_NOT_READY", f"the workcell has no machine {case.command['machine']}")
        replay_command(machine, done, case.workcell)
    except (BridgeError, CommandError) as error:
        if case.statement.corrections:
            _undo(case)
            logger.info("%s can't be replayed; its corrections count alone: %s", case.statement.command_id, error)
            return
        why = f"{case.command['method']} can't have been done as the deck stands: {error}"
        raise BridgeError("BAD_STATEMENT", f"{why}. State with corrections what is true now.") from error


def _undo(case: Case) -> None:
    """Puts back what the statement has changed. Changes that another machine made meanwhile stay new for its own row."""
    state = case.state
    for name in case.list_machines():
        state.roll_back(name)
    state.put_back({name: state.entries[name] for name in case.state.read_delta_of(case.list_machines()) if name in state.entries})
